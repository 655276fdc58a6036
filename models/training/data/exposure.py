"""Training batches for exposure correction: any member of a bracket in, the scene's well-exposed picture out."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .crops import crop_together, random_shape, to_pairs, turn
from .degradations import change_exposure, quantise
from .packs import Bracket, Picture


class ExposureBatches:
    """Batches by number: ``batch(n)`` depends on the seed and n alone."""

    def __init__(self, brackets: list[Bracket], clean: list[Picture], size: int, count: int, seed: int, synthetic: float):
        """brackets: real scenes; clean: well-exposed pictures, exposed anew at random for a ``synthetic`` share of each
        batch; size: longest side of the crops; count: crops per batch."""
        self.brackets, self.clean, self.size, self.count, self.seed = brackets, clean, size, count, seed
        self.synthetic = synthetic if clean else 0.0

    def batch(self, number: int) -> tuple[Tensor, Tensor]:
        """Wrongly exposed and true crops, each float32 [count, 3, height, width] in 0..1, of a shape by ``random_shape``."""
        rng = np.random.default_rng((self.seed, number))
        shape = random_shape(rng, self.size)
        crops = [self._synthetic(rng) if rng.random() < self.synthetic else self._real(rng) for _ in range(self.count)]
        return to_pairs(crops, *shape)

    def _real(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        bracket = self.brackets[rng.integers(len(self.brackets))]
        exposure = bracket.exposures[rng.integers(len(bracket.exposures))]
        return turn(rng, *crop_together(rng, self.size, self._scale(rng, exposure), exposure, bracket.truth))

    def _synthetic(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        picture = self.clean[rng.integers(len(self.clean))]
        (truth,) = crop_together(rng, self.size, self._scale(rng, picture), picture)
        return turn(rng, quantise(change_exposure(truth, rng)), truth)

    def _scale(self, rng: np.random.Generator, picture: Picture) -> float:
        """From the whole short side to half of it in a crop: exposure is judged on much of a picture."""
        return self.size / min(picture.shape[:2]) * float(rng.uniform(1.0, 2.0))
