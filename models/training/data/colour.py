"""Training batches for colorization: crops of colour photographs, seen nearly whole."""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from .crops import to_batch
from .degradations import to_float
from .packs import Picture


class ColourBatches:
    """Batches by number: ``batch(n)`` depends on the seed and n alone."""

    def __init__(self, photographs: list[Picture], size: int, count: int, seed: int):
        """size: side of the square crops; count: crops per batch."""
        self.photographs, self.size, self.count, self.seed = photographs, size, count, seed

    def batch(self, number: int) -> tuple[Tensor]:
        """RGB crops, float32 [count, 3, size, size] in 0..1."""
        rng = np.random.default_rng((self.seed, number))
        return (to_batch([self._crop(rng) for _ in range(self.count)]),)

    def _crop(self, rng: np.random.Generator) -> np.ndarray:
        picture = self.photographs[rng.integers(len(self.photographs))]
        height, width = picture.shape[:2]
        # From the whole short side to 0.6 of it, a little squeezed: things are known by their form.
        side = min(height, width) * rng.uniform(0.6, 1.0)
        high, wide = int(side), min(width, max(8, int(side * rng.uniform(0.85, 1.15))))
        top, left = int(rng.integers(height - high + 1)), int(rng.integers(width - wide + 1))
        crop = to_float(picture[top : top + high, left : left + wide])
        crop = cv2.resize(crop, (self.size, self.size), interpolation=cv2.INTER_AREA)
        crop = np.clip(crop, 0, 1)
        # Film is flatter or harder than photographs, brighter or darker.
        if rng.random() < 0.5:
            crop = np.power(crop, np.float32(np.exp(rng.uniform(-0.3, 0.3))))
        return crop[:, ::-1] if rng.random() < 0.5 else crop
