"""Training batches for colorization: crops of colour photographs, seen nearly whole."""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from .crops import random_shape, to_batch
from .degradations import to_float
from .packs import Picture


class ColourBatches:
    """Batches by number: ``batch(n)`` depends on the seed and n alone."""

    def __init__(self, photographs: list[Picture], size: int, count: int, seed: int):
        """size: longest side of the crops; count: crops per batch."""
        self.photographs, self.size, self.count, self.seed = photographs, size, count, seed

    def batch(self, number: int) -> tuple[Tensor]:
        """RGB crops, float32 [count, 3, height, width] in 0..1, of a shape by ``random_shape``."""
        rng = np.random.default_rng((self.seed, number))
        height, width = random_shape(rng, self.size)
        return (to_batch([self._crop(rng, height, width) for _ in range(self.count)]),)

    def _crop(self, rng: np.random.Generator, height: int, width: int) -> np.ndarray:
        picture = self.photographs[rng.integers(len(self.photographs))]
        # As much as fits, to 0.6 of it, a little squeezed: things are known by their form.
        squeeze = rng.uniform(0.87, 1.15)
        fits = min(picture.shape[0] / height, picture.shape[1] / (width * squeeze)) * rng.uniform(0.6, 1.0)
        high, wide = max(8, int(height * fits)), max(8, int(width * squeeze * fits))
        top = int(rng.integers(picture.shape[0] - high + 1))
        left = int(rng.integers(picture.shape[1] - wide + 1))
        crop = to_float(picture[top : top + high, left : left + wide])
        crop = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
        crop = np.clip(crop, 0, 1)
        # Film is flatter or harder than photographs, brighter or darker.
        if rng.random() < 0.5:
            crop = np.power(crop, np.float32(np.exp(rng.uniform(-0.3, 0.3))))
        return crop[:, ::-1] if rng.random() < 0.5 else crop
