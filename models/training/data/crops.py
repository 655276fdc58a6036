"""Random crops and turns, the same for all pictures of a pair."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from .degradations import to_float
from .packs import Picture


def crop_together(rng: np.random.Generator, size: int, scale: float, *pictures: Picture) -> list[np.ndarray]:
    """The same random square of each picture, resampled to size x size; as float in 0..1."""
    height, width = pictures[0].shape[:2]
    side = min(int(round(size / scale)), height, width)
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    crops = (to_float(p[top : top + side, left : left + side]) for p in pictures)
    return [np.clip(cv2.resize(c, (size, size), interpolation=method), 0, 1) if side != size else c for c in crops]


def turn(rng: np.random.Generator, *pictures: np.ndarray) -> tuple[np.ndarray, ...]:
    """One of the eight flips and quarter turns, the same for all."""
    quarter, mirror = int(rng.integers(4)), bool(rng.integers(2))
    turned = (np.rot90(p, quarter) for p in pictures)
    return tuple(np.ascontiguousarray(p[:, ::-1] if mirror else p) for p in turned)


def to_batch(pictures: list[np.ndarray]) -> Tensor:
    """Float pictures [height, width, channels] of one size to a tensor [count, channels, height, width]."""
    return torch.from_numpy(np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)))
