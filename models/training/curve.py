"""Draws a training log as a picture: one panel per measure, over steps.

    python curve.py ../liednet-live/training-log.csv curve.png
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

_PANEL_WIDTH, _PANEL_HEIGHT, _MARGIN = 640, 200, 44


def draw(log: Path, target: Path) -> None:
    """Reads a CSV whose first column is the step; empty fields are skipped. Writes a PNG."""
    with log.open() as file:
        rows = list(csv.DictReader(file))
    names = [name for name in (rows[0] if rows else {}) if name != "step"]
    picture = Image.new("RGB", (_PANEL_WIDTH, max(1, len(names)) * _PANEL_HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for index, name in enumerate(names):
        points = np.array([(float(r["step"]), float(r[name])) for r in rows if r[name] != ""])
        _panel(pen, index * _PANEL_HEIGHT, name, points)
    picture.save(target)


def _panel(pen: ImageDraw.ImageDraw, top: int, name: str, points: np.ndarray) -> None:
    left, right = _MARGIN, _PANEL_WIDTH - 12
    upper, lower = top + 22, top + _PANEL_HEIGHT - 24
    pen.text((left, top + 6), name, fill="black")
    pen.rectangle((left, upper, right, lower), outline="grey")
    if len(points) == 0:
        return
    x, y = points[:, 0], points[:, 1]
    # The first steps' losses are so large that they would flatten the rest.
    low, high = float(y.min()), float(np.percentile(y, 98))
    high = high if high > low else low + 1e-6
    last = max(float(x.max()), 1.0)
    px = left + (right - left) * x / last
    py = lower - (lower - upper) * (np.clip(y, low, high) - low) / (high - low)
    pen.line([tuple(map(float, p)) for p in zip(px, py, strict=True)], fill="navy")
    pen.text((2, upper - 4), f"{high:.4g}", fill="grey")
    pen.text((2, lower - 8), f"{low:.4g}", fill="grey")
    pen.text((right - 60, lower + 6), f"step {int(last)}", fill="grey")


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the curves of a training log.")
    parser.add_argument("log", type=Path, help="the CSV that train.py has written, or a model's training-log.csv")
    parser.add_argument("target", type=Path, help="the PNG to write")
    options = parser.parse_args()
    draw(options.log, options.target)


if __name__ == "__main__":
    main()
