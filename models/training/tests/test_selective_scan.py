"""The chunked scan against the recurrence it stands for."""

import unittest

import torch
from torch import Tensor

from networks.selective_scan import chunked_scan, sequential_scan

HEADS, STATE, CHANNELS = 3, 4, 5


def _arguments(tokens: int, scans: int, batch: int = 1, slow: float = 1.0) -> tuple[Tensor, ...]:
    """x, dt, a, b, c at random; ``slow`` scales the decay."""
    generator = torch.Generator().manual_seed(tokens)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    dt = torch.nn.functional.softplus(draw(batch, scans, HEADS, tokens) - 2)
    a = -torch.exp(draw(scans, HEADS)) * slow
    b, c = (draw(batch, scans, tokens, STATE) for _ in range(2))
    return draw(batch, scans, HEADS, tokens, CHANNELS), dt, a, b, c


def _reversed(tokens: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    x, dt, a, b, c = tokens
    return x.flip(3), dt.flip(3), a, b.flip(2), c.flip(2)


class SelectiveScanTest(unittest.TestCase):
    def test_equals_the_recurrence_both_ways_at_any_length(self) -> None:
        for tokens in (1, 31, 32, 33, 100, 257):
            with self.subTest(tokens=tokens):
                arguments = _arguments(tokens, scans=2, batch=2)
                got = chunked_scan(*arguments, backward=(False, True))
                forward = sequential_scan(*arguments)
                back = sequential_scan(*_reversed(arguments)).flip(3)
                self.assertLess((got[:, 0] - forward[:, 0]).abs().max().item(), 1e-4)
                self.assertLess((got[:, 1] - back[:, 1]).abs().max().item(), 1e-4)

    def test_chunk_size_does_not_matter(self) -> None:
        arguments = _arguments(150, scans=2)
        wanted = chunked_scan(*arguments, backward=(True, False), chunk=150)
        for chunk in (7, 16, 64):
            got = chunked_scan(*arguments, backward=(True, False), chunk=chunk)
            self.assertLess((got - wanted).abs().max().item(), 1e-4)

    def test_strong_and_weak_decay_stay_finite_and_exact(self) -> None:
        for slow in (1e-3, 30.0):
            with self.subTest(slow=slow):
                arguments = _arguments(700, scans=1, slow=slow)
                got = chunked_scan(*arguments, backward=(False,))
                wanted = sequential_scan(*arguments)
                self.assertTrue(torch.isfinite(got).all())
                self.assertLess((got - wanted).abs().max().item() / wanted.abs().max().item(), 1e-4)

    def test_gradients_are_those_of_the_recurrence(self) -> None:
        gradients = []
        for scan in (lambda *a: chunked_scan(*a, backward=(False,)), sequential_scan):
            arguments = [tensor.detach().requires_grad_() for tensor in _arguments(41, scans=1)]
            scan(*arguments).square().sum().backward()
            gradients.append([tensor.grad for tensor in arguments])
        for chunked, sequential in zip(*gradients, strict=True):
            scale = max(1.0, sequential.abs().max().item())
            self.assertLess((chunked - sequential).abs().max().item(), 1e-4 * scale)


if __name__ == "__main__":
    unittest.main()
