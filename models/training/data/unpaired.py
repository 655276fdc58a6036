"""Batches for training without pairs."""

from __future__ import annotations

from torch import Tensor

from .mixed import MixedBatches


class UnpairedBatches:
    """Degraded crops and good ones that have nothing to do with each other. ``batch(n)`` depends on the seed and n alone."""

    def __init__(self, pairs: MixedBatches):
        self.pairs = pairs

    def batch(self, number: int) -> tuple[Tensor, Tensor]:
        """Degraded and good crops, each float32 [count, 3, height, width] in 0..1; the shapes differ."""
        degraded, _ = self.pairs.batch(2 * number)
        _, good = self.pairs.batch(2 * number + 1)
        return degraded, good
