"""A data pack of a few made-up pictures."""

from pathlib import Path

import cv2
import numpy as np


def make_pack(folder: Path) -> Path:
    """A low-light pack: bright pictures of smooth colour, and the same ones dark."""
    rng = np.random.default_rng(5)
    for split in ("train", "val"):
        names = [f"{split}{number}" for number in range(3)]
        for name in names:
            bright = cv2.resize((rng.random((4, 6, 3)) * 255).astype(np.uint8), (96, 64), interpolation=cv2.INTER_CUBIC)
            for root in (folder, folder / "full"):
                for kind, picture in (("high/*.jpg", bright), ("low/*.webp", bright // 10)):
                    path = root / kind.replace("*", name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(path), picture)
        (folder / f"{split}.txt").write_text("\n".join(names) + "\n")
    return folder
