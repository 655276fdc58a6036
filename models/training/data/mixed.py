"""Training batches that mix real pictures with their truth and such as are made from good pictures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import numpy as np
from torch import Tensor

from .crops import random_shape, to_pairs
from .packs import Picture

_Real = TypeVar("_Real")


class MixedBatches(ABC, Generic[_Real]):
    """Batches by number: ``batch(n)`` depends on the seed and n alone, so a resumed run sees what it would have seen."""

    def __init__(self, real: list[_Real], clean: list[Picture], size: int, count: int, seed: int, synthetic: float):
        """real: pictures and their truth; clean: good pictures, degraded at random for a ``synthetic`` share of each batch;
        size: longest side of the crops; count: crops per batch."""
        self.real, self.clean, self.size, self.count, self.seed = real, clean, size, count, seed
        self.synthetic = synthetic if clean else 0.0

    def batch(self, number: int) -> tuple[Tensor, Tensor]:
        """Degraded and true crops, each float32 [count, 3, height, width] in 0..1, of a shape by ``random_shape``."""
        rng = np.random.default_rng((self.seed, number))
        shape = random_shape(rng, self.size)
        crops = [self._synthetic(rng) if rng.random() < self.synthetic else self._real(rng) for _ in range(self.count)]
        return to_pairs(crops, *shape)

    @abstractmethod
    def _real(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """A real crop and its truth, ``size`` x ``size``."""

    @abstractmethod
    def _synthetic(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """A crop of a good picture, degraded, and as it was, ``size`` x ``size``."""
