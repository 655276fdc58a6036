"""Training batches for low-light networks: random crops of pairs at random scales, with noise put back.

The pairs are halved copies of their originals, and halving averages the sensor's noise away, while a camera's
pictures have it. So crops are enlarged at random up to the original size and noise is added to the dark side.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from .degradations import add_sensor_noise, darken, quantise, random_jpeg, to_float
from .packs import Pair, Picture


class LowLightBatches:
    """Batches by number: ``batch(n)`` depends on the seed and n alone, so a resumed run sees what it would have seen."""

    def __init__(self, pairs: list[Pair], clean: list[Picture], size: int, count: int, seed: int, synthetic: float):
        """pairs: real pairs; clean: well-lit pictures, darkened at random for a ``synthetic`` share of each batch;
        size: side of the square crop; count: crops per batch."""
        self.pairs, self.clean, self.size, self.count, self.seed = pairs, clean, size, count, seed
        self.synthetic = synthetic if clean else 0.0

    def batch(self, number: int) -> tuple[Tensor, Tensor]:
        """Dark and true crops, each float32 [count, 3, size, size] in 0..1."""
        rng = np.random.default_rng((self.seed, number))
        crops = [self._synthetic(rng) if rng.random() < self.synthetic else self._real(rng) for _ in range(self.count)]
        low = np.stack([c[0] for c in crops]).transpose(0, 3, 1, 2)
        high = np.stack([c[1] for c in crops]).transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(low)), torch.from_numpy(np.ascontiguousarray(high))

    def _real(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        pair = self.pairs[rng.integers(len(self.pairs))]
        # 300x200 shrunk to 0.64 at the least (the size of a live network's input), enlarged to 2 at the most.
        scale = float(np.exp(rng.uniform(np.log(0.64), np.log(2.0))))
        low, high = _crop_together(rng, self.size, scale, pair.low, pair.high)
        low = add_sensor_noise(low, rng, rng.uniform(0, 1.2) * min(1.0, scale / 2 + 0.25))
        return _turn(rng, quantise(low), high)

    def _synthetic(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        picture = self.clean[rng.integers(len(self.clean))]
        (high,) = _crop_together(rng, self.size, float(rng.uniform(0.75, 1.25)), picture)
        low = add_sensor_noise(darken(high, rng), rng, rng.uniform(0.2, 1.5))
        low = random_jpeg(low, rng) if rng.random() < 0.3 else quantise(low)
        return _turn(rng, low, high)


def _crop_together(rng: np.random.Generator, size: int, scale: float, *pictures: Picture) -> list[np.ndarray]:
    """The same random square of each picture, resampled to size x size; as float in 0..1."""
    height, width = pictures[0].shape[:2]
    side = min(int(round(size / scale)), height, width)
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    crops = (to_float(p[top : top + side, left : left + side]) for p in pictures)
    return [np.clip(cv2.resize(c, (size, size), interpolation=method), 0, 1) if side != size else c for c in crops]


def _turn(rng: np.random.Generator, *pictures: np.ndarray) -> tuple[np.ndarray, ...]:
    """One of the eight flips and quarter turns, the same for all."""
    quarter, mirror = int(rng.integers(4)), bool(rng.integers(2))
    turned = (np.rot90(p, quarter) for p in pictures)
    return tuple(np.ascontiguousarray(p[:, ::-1] if mirror else p) for p in turned)
