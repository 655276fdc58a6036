"""Training batches for exposure correction: any member of a bracket in, the scene's well-exposed picture out."""

from __future__ import annotations

import numpy as np

from .crops import crop_together, turn
from .degradations import change_exposure, quantise
from .mixed import MixedBatches
from .packs import Bracket, Picture


class ExposureBatches(MixedBatches[Bracket]):
    """Wrongly exposed crops and well-exposed ones."""

    def _real(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        bracket = self.real[rng.integers(len(self.real))]
        exposure = bracket.exposures[rng.integers(len(bracket.exposures))]
        return turn(rng, *crop_together(rng, self.size, self._scale(rng, exposure), exposure, bracket.truth))

    def _synthetic(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        picture = self.clean[rng.integers(len(self.clean))]
        (truth,) = crop_together(rng, self.size, self._scale(rng, picture), picture)
        return turn(rng, quantise(change_exposure(truth, rng)), truth)

    def _scale(self, rng: np.random.Generator, picture: Picture) -> float:
        """From the whole short side to half of it in a crop: exposure is judged on much of a picture."""
        return self.size / min(picture.shape[:2]) * float(rng.uniform(1.0, 2.0))
