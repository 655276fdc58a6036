"""The chunked scan against the recurrence itself."""

import unittest

import torch

from networks.selective_scan import CHUNK, chunked_scan, reversed_chunked_scan, sequential_scan

_HEADS, _CHANNELS, _STATE = 3, 5, 4


def _inputs(tokens: int, seed: int) -> tuple[torch.Tensor, ...]:
    pick = torch.Generator().manual_seed(seed)
    x = torch.randn(2, _HEADS, tokens, _CHANNELS, generator=pick)
    dt = torch.rand(2, _HEADS, tokens, generator=pick)
    a = -torch.exp(torch.randn(_HEADS, generator=pick))
    b = torch.randn(2, _HEADS, tokens, _STATE, generator=pick)
    c = torch.randn(2, _HEADS, tokens, _STATE, generator=pick)
    return x, dt, a, b, c


class SelectiveScanTest(unittest.TestCase):
    def test_chunks_give_what_the_recurrence_gives(self) -> None:
        for tokens in (1, 7, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5, 500):
            with self.subTest(tokens=tokens):
                inputs = _inputs(tokens, tokens)
                difference = (chunked_scan(*inputs) - sequential_scan(*inputs)).abs().max()
                self.assertLess(difference.item(), 1e-4)

    def test_backwards_is_the_recurrence_over_reversed_tokens(self) -> None:
        for tokens in (1, CHUNK + 3, 200):
            with self.subTest(tokens=tokens):
                x, dt, a, b, c = _inputs(tokens, tokens)
                wanted = sequential_scan(x.flip(2), dt.flip(2), a, b.flip(2), c.flip(2)).flip(2)
                difference = (reversed_chunked_scan(x, dt, a, b, c) - wanted).abs().max()
                self.assertLess(difference.item(), 1e-4)

    def test_gradients_are_those_of_the_recurrence(self) -> None:
        gradients = []
        for scan in (chunked_scan, sequential_scan):
            inputs = [tensor.requires_grad_() for tensor in _inputs(CHUNK + 9, 4)]
            scan(*inputs).square().sum().backward()
            gradients.append([tensor.grad for tensor in inputs])
        for chunked, sequential in zip(*gradients, strict=True):
            scale = sequential.abs().max().item()
            self.assertLess((chunked - sequential).abs().max().item(), 1e-4 * max(1.0, scale))

    def test_forgets_without_overflow(self) -> None:
        x, dt, a, b, c = _inputs(40 * CHUNK, 5)
        self.assertTrue(torch.isfinite(chunked_scan(x, dt * 5, a * 5, b, c)).all())


if __name__ == "__main__":
    unittest.main()
