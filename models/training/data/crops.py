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


def random_shape(rng: np.random.Generator, size: int) -> tuple[int, int]:
    """Height and width for a batch, each from half the size to all of it, multiples of 16: what is learnt at one size
    alone holds at that size alone."""
    height, width = (int(side) // 16 * 16 for side in rng.integers(size // 2, size + 16, 2))
    return min(height, size), min(width, size)


def turn(rng: np.random.Generator, *pictures: np.ndarray) -> tuple[np.ndarray, ...]:
    """One of the eight flips and quarter turns, the same for all."""
    quarter, mirror = int(rng.integers(4)), bool(rng.integers(2))
    turned = (np.rot90(p, quarter) for p in pictures)
    return tuple(np.ascontiguousarray(p[:, ::-1] if mirror else p) for p in turned)


def to_pairs(crops: list[tuple[np.ndarray, ...]], height: int, width: int) -> tuple[Tensor, ...]:
    """Pairs of square crops to a pair of tensors, cut to height and width."""
    parts = (to_batch(list(part))[:, :, :height, :width] for part in zip(*crops, strict=True))
    return tuple(part.contiguous() for part in parts)


def to_batch(pictures: list[np.ndarray]) -> Tensor:
    """Float pictures [height, width, channels] of one size to a tensor [count, channels, height, width]."""
    return torch.from_numpy(np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)))
