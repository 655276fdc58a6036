"""Draws validation pictures side by side, as they come, as a model leaves them, and as they should be: to be looked at.

    python contact_sheet.py liednet-live --data DATA --out sheet.png
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from data.packs import PackError, Picture
from evaluate import MODELS, OnnxNetwork, recipe_of

_HEIGHT = 180
_WIDTH = 270
_CAPTION = 20


def sheet(rows: list[dict[str, Picture]], pairs: int = 2) -> np.ndarray:
    """Pictures in boxes of one size, ``pairs`` rows beside each other; BGR."""
    drawn = [np.hstack([_boxed(picture, heading) for heading, picture in row.items()]) for row in rows]
    while len(drawn) % pairs:
        drawn.append(np.zeros_like(drawn[0]))
    return np.vstack([np.hstack(drawn[i : i + pairs]) for i in range(0, len(drawn), pairs)])


def _boxed(picture: Picture, heading: str) -> np.ndarray:
    height, width = picture.shape[:2]
    scale = min(_HEIGHT / height, _WIDTH / width)
    small = cv2.resize(picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    box = np.zeros((_HEIGHT + _CAPTION, _WIDTH, 3), np.uint8)
    left = (_WIDTH - small.shape[1]) // 2
    box[_CAPTION : _CAPTION + small.shape[0], left : left + small.shape[1]] = small[:, :, ::-1]
    cv2.putText(box, heading, (6, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (200, 200, 200), 1, cv2.LINE_AA)
    return box


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw a contact sheet of a model's validation pictures.")
    parser.add_argument("model", help="name of a model under models/, such as liednet-live")
    parser.add_argument("--data", type=Path, required=True, help="a folder of packs")
    parser.add_argument("--out", type=Path, required=True, help="the PNG or JPEG to write")
    parser.add_argument("--count", type=int, default=12)
    options = parser.parse_args()
    _, recipe = recipe_of(options.model, options.data)
    rows = recipe.examples(OnnxNetwork(MODELS / options.model / "model.onnx", 1), options.count)
    if not cv2.imwrite(str(options.out), sheet(rows)):
        sys.exit(f"error: cannot write {options.out}")
    print(options.out)


if __name__ == "__main__":
    try:
        main()
    except PackError as error:
        sys.exit(f"error: {error}")
