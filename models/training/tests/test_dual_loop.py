"""NeRCo without pairs: what it is trained on, what its loss asks for, and that every part of it learns."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import torch
from torch import Tensor, nn

import train
from losses.adversarial import Adversary
from losses.dual_loop import CYCLE, IDENTITY, Loop, loop_loss, run_loop
from losses.pixel import edges
from recipes.nerco import NeRCoRecipe
from recipes.recipe import RecipeOptions

from .made_up_pack import make_pack


class _Gain(nn.Module):
    """Stands for a generator: brightness times a gain."""

    def __init__(self, gain: float):
        super().__init__()
        self.gain = gain

    def forward(self, picture: Tensor, redrawn: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        return (picture * self.gain, picture) if redrawn else picture * self.gain


class LoopTest(unittest.TestCase):
    def test_two_that_undo_each_other_fail_by_what_they_change_alone(self) -> None:
        low, high = torch.full((1, 3, 16, 32), 0.1), torch.full((1, 3, 32, 16), 0.8)
        loop = run_loop(_Gain(4), _Gain(0.25), low, high)
        self.assertAlmostEqual(loop_loss(loop, low, high).item(), IDENTITY * (0.075 + 2.4), places=4)
        loop = run_loop(_Gain(4), _Gain(0.5), low, high)
        self.assertAlmostEqual(loop_loss(loop, low, high).item(), CYCLE * (0.1 + 0.8) + IDENTITY * (0.05 + 2.4), places=4)

    def test_edges_of_a_step_and_of_nothing(self) -> None:
        picture = torch.zeros(1, 3, 8, 8)
        picture[..., 4:] = 1
        found = edges(picture)
        self.assertEqual(found.shape, (1, 3, 8, 8))
        torch.testing.assert_close(found[0, 0, 0], torch.tensor((0.0, 0, 0, 1, 1, 0, 0, 0)), atol=2e-3, rtol=0)


class Unpaired(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        pack = make_pack(Path(folder.name))
        self.recipe = NeRCoRecipe(
            RecipeOptions(
                pack=pack, clean=None, perceptual=None, damage=None, size="live", seed=1, crop=32, batch=2, unpaired=True
            )
        )
        self.recipe.load()

    def test_pictures_are_drawn_apart_and_again_alike(self) -> None:
        pairs = self.recipe.batches.pairs
        (low, high), (again_low, again_high) = (self.recipe.batch(3) for _ in range(2))
        self.assertTrue(torch.equal(low, again_low) and torch.equal(high, again_high))
        self.assertTrue(torch.equal(low, pairs.batch(6)[0]) and torch.equal(high, pairs.batch(7)[1]))

    def test_a_step_moves_both_generators_and_every_discriminator(self) -> None:
        torch.manual_seed(2)
        network = self.recipe.network()
        optimiser = torch.optim.SGD(network.parameters(), 1e-3)
        adversary = Adversary(self.recipe.critics(), 1.0, 0, torch.device("cpu"))
        judges = {name: judge.layers[0].bias.clone() for name, judge in adversary.discriminators.items()}
        taken, losses = train.take_step(self.recipe, network, self.recipe.batch(0), optimiser, adversary, mixed=False)
        self.assertTrue(taken)
        self.assertEqual(losses.keys(), {"loss", "discriminators"})
        for name, weight in network.named_parameters():
            self.assertIsNotNone(weight.grad, name)
        self.assertEqual(judges.keys(), {"lit", "lit_edges", "dark", "dark_edges"})
        for name, before in judges.items():
            self.assertFalse(torch.equal(before, adversary.discriminators[name].layers[0].bias), name)

    def test_what_is_shipped_is_without_the_second_generator(self) -> None:
        names = NeRCoRecipe(
            RecipeOptions(pack=Path(), clean=None, perceptual=None, damage=None, size="live", seed=1, crop=0, batch=0)
        ).network().state_dict()
        trained = self.recipe.network().state_dict()
        self.assertEqual({name for name in trained if name not in names}, {n for n in trained if n.startswith("darken.")})

    def test_discriminators_get_pictures_of_what_they_are_called(self) -> None:
        low, high = torch.zeros(1, 3, 16, 16), torch.ones(1, 3, 16, 16)
        made = Loop(*(torch.full((1, 3, 16, 16), value) for value in (0.9, 0.1, 0.2, 0.1, 0.8, 0.1, 0.8)))
        rivals = self.recipe.rivals((low, high), tuple(made))
        self.assertEqual(rivals.keys(), set(self.recipe.critics()))
        self.assertTrue(rivals["lit"] == (made.lit, high) and rivals["dark"] == (made.dark, low))


if __name__ == "__main__":
    unittest.main()
