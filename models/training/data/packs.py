"""Reading the data packs: where each keeps its pictures, and which pictures belong to which split.

A pack is a folder with ``train.txt`` and ``val.txt`` that name its items. Pictures are read once and kept decoded
in memory (uint8, RGB), because on a small machine decoding costs more than the training step that uses them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

Picture = np.ndarray
"""uint8, [height, width, 3], RGB, gamma-encoded."""


class PackError(Exception):
    """A pack that is missing or incomplete; the message says what to do."""


@dataclass(frozen=True)
class Pair:
    """A degraded picture and its truth, both of one size."""

    name: str
    low: Picture
    high: Picture


def read_picture(path: Path) -> Picture:
    """Reads one picture as RGB. Raises PackError if it is missing or cannot be decoded."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise PackError(f"cannot read the picture {path}: check that the pack is complete")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def read_split(pack: Path, split: str) -> list[str]:
    """Names of a split ("train" or "val"), in the order of the pack's list."""
    path = pack / f"{split}.txt"
    if not path.is_file():
        raise PackError(f"{path} is missing: --pack must name a pack's folder, the one with {split}.txt in it")
    return path.read_text().split()


def read_low_light_pairs(pack: Path, split: str, full_size: bool = False) -> list[Pair]:
    """Low-light pairs of the ``lol`` pack: 300x200, or the validation pairs at 600x400 with ``full_size``."""
    root = pack / "full" if full_size else pack
    return [
        Pair(name, read_picture(root / "low" / f"{name}.webp"), read_picture(root / "high" / f"{name}.jpg"))
        for name in read_split(pack, split)
    ]


@dataclass(frozen=True)
class Bracket:
    """One scene at several exposures, dark to bright, and its well-exposed truth, all of one size."""

    name: str
    exposures: list[Picture]
    truth: Picture


def read_brackets(pack: Path, split: str) -> list[Bracket]:
    """Scenes of the ``exposure`` pack; its ``scenes.json`` lists the files of each."""
    path = pack / "scenes.json"
    if not path.is_file():
        raise PackError(f"{path} is missing: --pack must name the exposure pack, the one with scenes.json in it")
    scenes = {scene["id"]: scene for scene in json.loads(path.read_text())}
    return [
        Bracket(name, [read_picture(pack / p) for p in scenes[name]["exposures"]], read_picture(pack / scenes[name]["gt"]))
        for name in read_split(pack, split)
    ]


def read_photographs(pack: Path, split: str) -> list[Picture]:
    """Pictures of the ``colour`` pack, which its lists name by path."""
    return [read_picture(pack / name) for name in read_split(pack, split)]
