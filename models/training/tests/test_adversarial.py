"""The adversarial term: its gradients, what the discriminators learn, and that a saved adversary goes on as it would have."""

from __future__ import annotations

import contextlib
import io
import unittest

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import train
from losses.adversarial import Adversary, PatchDiscriminator, Rivals


def _adversary() -> Adversary:
    torch.manual_seed(1)
    return Adversary(("picture",), 0.5, 0, torch.device("cpu"))


def _rivals(seed: int) -> Rivals:
    """What is real is rough; what is made is smooth, and of another size."""
    generator = torch.Generator().manual_seed(seed)
    smooth = F.interpolate(torch.rand(4, 3, 4, 4, generator=generator), size=(48, 48), mode="bilinear")
    return {"picture": (smooth, torch.rand(4, 3, 48, 32, generator=generator))}


def _weights(adversary: Adversary) -> list[Tensor]:
    return list(adversary.discriminators.state_dict().values())


class AdversaryTest(unittest.TestCase):
    def test_gradients_reach_the_network_and_spare_the_discriminators(self) -> None:
        adversary, network = _adversary(), nn.Conv2d(3, 3, 3, padding=1)
        made, real = _rivals(1)["picture"]
        adversary.term({"picture": (network(made), real)}).backward()
        self.assertGreater(network.weight.grad.abs().max().item(), 0)
        self.assertTrue(all(weight.grad is None for weight in adversary.discriminators.parameters()))

    def test_learning_leaves_the_network_alone(self) -> None:
        made, real = _rivals(1)["picture"]
        made.requires_grad_(True)
        _adversary().learn({"picture": (made, real)})
        self.assertIsNone(made.grad)

    def test_learns_to_tell_made_from_real(self) -> None:
        adversary = _adversary()
        losses = [adversary.learn(_rivals(step)) for step in range(25)]
        self.assertLess(losses[-1], 0.7 * losses[0])
        made, real = (adversary.discriminators["picture"](picture).mean().item() for picture in _rivals(99)["picture"])
        self.assertGreater(real, made + 0.5)

    def test_a_saved_adversary_goes_on_as_it_would_have(self) -> None:
        one, other = _adversary(), Adversary(("picture",), 0.5, 0, torch.device("cpu"))
        for step in range(3):
            one.term(_rivals(step))
            one.learn(_rivals(step))
        buffer = io.BytesIO()
        torch.save(one.state_dict(), buffer)
        buffer.seek(0)
        other.load_state_dict(torch.load(buffer, weights_only=True))
        for adversary in (one, other):
            adversary.term(_rivals(3))
            adversary.learn(_rivals(3))
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(_weights(one), _weights(other), strict=True)))

    def test_a_broken_picture_leaves_the_discriminators_as_they_were(self) -> None:
        adversary = _adversary()
        made, real = _rivals(1)["picture"]
        adversary.learn({"picture": (made * torch.nan, real)})
        self.assertTrue(all(torch.isfinite(weight).all() for weight in _weights(adversary)))

    def test_judges_the_smallest_crops(self) -> None:
        self.assertEqual(PatchDiscriminator()(torch.rand(1, 3, 16, 16)).shape, (1, 1, 1, 1))


class Options(unittest.TestCase):
    def test_says_what_makes_no_sense(self) -> None:
        for words, said in (
            (["liednet", "--adversarial", "0.01"], "--adversarial is for mat, msec, nerco"),
            (["msec", "--adversarial", "0.01", "--adversarial-share", "0"], "must be above 0"),
            (["msec", "--unpaired", "--adversarial", "1"], "--unpaired is for nerco"),
            (["nerco", "--unpaired"], "--unpaired needs --adversarial"),
        ):
            errors = io.StringIO()
            with self.subTest(words=words), contextlib.redirect_stderr(errors), self.assertRaises(SystemExit):
                train.arguments([*words, "--pack", "x", "--out", "y"])
            self.assertIn(said, errors.getvalue())

    def test_discriminators_come_late_but_where_they_are_all_there_is(self) -> None:
        for words, share in ((["msec"], 0.25), (["nerco", "--unpaired"], 1.0)):
            options = train.arguments([*words, "--adversarial", "1", "--pack", "x", "--out", "y"])
            self.assertEqual(options.adversarial_share, share)


if __name__ == "__main__":
    unittest.main()
