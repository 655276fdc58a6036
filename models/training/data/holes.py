"""Masks of holes: film damage from stamps, and large free-form holes; training batches for filling them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from torch import Tensor

from .crops import random_shape, to_pairs
from .degradations import to_float
from .packs import PackError, Picture

# Alpha from which a pixel of a stamp counts as damaged.
_DAMAGED_FROM = 0.08


def read_stamps(pack: Path) -> list[np.ndarray]:
    """Stamps of the ``damage`` pack: uint8 [height, width], the alpha of dust, hair, scratches and stains."""
    listed = pack / "list.txt"
    if not listed.is_file():
        raise PackError(f"{listed} is missing: name the damage pack's folder, the one with list.txt in it")
    stamps = []
    for name in listed.read_text().split():
        stamp = cv2.imread(str(pack / name), cv2.IMREAD_GRAYSCALE)
        if stamp is None:
            raise PackError(f"cannot read the stamp {pack / name}: check that the pack is complete")
        stamps.append(stamp)
    return stamps


def damage_mask(rng: np.random.Generator, height: int, width: int, stamps: list[np.ndarray]) -> np.ndarray:
    """float32 [height, width], 1 where one to four stamps, turned and scaled, have left damage; never nothing."""
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        mask = np.maximum(mask, _stamped(rng, height, width, stamps[rng.integers(len(stamps))]))
    while mask.sum() < 12:
        mask = np.maximum(mask, _stamped(rng, height, width, stamps[rng.integers(len(stamps))]))
    # Damage is a pixel wider than it looks: codecs and scanners smear it.
    return cv2.dilate(mask, np.ones((3, 3), np.uint8))


def _stamped(rng: np.random.Generator, height: int, width: int, stamp: np.ndarray) -> np.ndarray:
    side = max(stamp.shape)
    scale = float(np.exp(rng.uniform(np.log(0.4), np.log(1.5)))) * min(height, width) / side
    turn = cv2.getRotationMatrix2D((stamp.shape[1] / 2, stamp.shape[0] / 2), float(rng.uniform(0, 360)), scale)
    turn[:, 2] += rng.uniform((0.0, 0.0), (width, height)) - (stamp.shape[1] / 2, stamp.shape[0] / 2)
    alpha = cv2.warpAffine(to_float(stamp), turn, (width, height), flags=cv2.INTER_AREA)
    return (alpha > _DAMAGED_FROM).astype(np.float32)


def free_form_mask(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """float32 [height, width] with large holes, sampled as MAT's paper does: rectangles and strokes of a brush."""
    mask = np.zeros((height, width), np.uint8)
    unit = max(height, width) / 512
    largest = 1.0 if rng.random() < 0.5 else 0.5
    for _ in range(int(rng.integers(0, 4 if largest == 1.0 else 6))):
        high, wide = (int(side * largest * rng.uniform(0.1, 0.9)) for side in (height, width))
        top, left = int(rng.integers(-high // 2, height)), int(rng.integers(-wide // 2, width))
        mask[max(0, top) : top + high, max(0, left) : left + wide] = 1
    for _ in range(int(rng.integers(0, 10))):
        point = rng.uniform((0, 0), (width, height))
        angle = rng.uniform(0, 2 * np.pi)
        brush = max(1, int(rng.uniform(12, 48) * unit))
        for corner in range(int(rng.integers(4, 19))):
            # The stroke swings to and fro.
            bend = angle + rng.uniform(0.2, 0.8) * (np.pi if corner % 2 else 0) + rng.normal(0, 0.4)
            after = np.clip(point + rng.uniform(20, 90) * unit * np.array((np.cos(bend), np.sin(bend))), 0, (width, height))
            cv2.line(mask, tuple(int(v) for v in point), tuple(int(v) for v in after), 1, brush)
            point = after
    share = mask.mean()
    # Nothing to fill, or nothing to go by: once more.
    return mask.astype(np.float32) if 0.02 < share < 0.75 else free_form_mask(rng, height, width)


class HoleBatches:
    """Batches by number: ``batch(n)`` depends on the seed and n alone."""

    def __init__(self, pictures: list[Picture], stamps: list[np.ndarray], size: int, count: int, seed: int, large: float):
        """size: longest side of the crops; count: crops per batch; large: share of crops with free-form holes."""
        self.pictures, self.stamps, self.size, self.count, self.seed, self.large = (
            pictures, stamps, size, count, seed, large,
        )

    def batch(self, number: int) -> tuple[Tensor, Tensor]:
        """True crops float32 [count, 3, height, width] in 0..1 and masks [count, 1, height, width], 1 in holes, of a shape
        by ``random_shape``."""
        rng = np.random.default_rng((self.seed, number))
        shape = random_shape(rng, self.size)
        crops = [self._crop(rng) for _ in range(self.count)]
        return to_pairs(crops, *shape)

    def _crop(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        picture = self.pictures[rng.integers(len(self.pictures))]
        height, width = picture.shape[:2]
        # At its own size or shrunk, never enlarged: the holes are to be filled sharply.
        side = min(height, width, int(self.size * rng.uniform(1.0, 1.6)))
        top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        crop = to_float(picture[top : top + side, left : left + side])
        if side != self.size:
            crop = np.clip(cv2.resize(crop, (self.size, self.size), interpolation=cv2.INTER_AREA), 0, 1)
        # Film is grey as often as not.
        if rng.random() < 0.3:
            crop = np.repeat(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
        if rng.random() < self.large:
            mask = free_form_mask(rng, self.size, self.size)
        else:
            mask = damage_mask(rng, self.size, self.size, self.stamps)
        crop = crop[:, ::-1] if rng.random() < 0.5 else crop
        return crop, mask[:, :, None]
