"""The product as a network: pictures go through ``afterglow process``, with its working size, grid and slice."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from colour_space import lab_to_rgb, rgb_to_lab
from data.packs import Picture, read_picture
from recipes.recipe import to_picture, to_tensor

_ROOT = Path(__file__).resolve().parent.parent.parent
_PROGRAM = _ROOT / "dist" / "src" / "cli" / "afterglow.js"


class Product(nn.Module):
    """Called like the network that it stands for: with RGB, with RGB and mask, or with lightness."""

    # It makes its working copy itself.
    takes_full_size = True

    def __init__(self, pipeline: str, size: str):
        """pipeline: a name that the program knows, or the text of a recipe; size: of its models, live or full."""
        super().__init__()
        if not _PROGRAM.is_file():
            raise RuntimeError(f"{_PROGRAM} is missing: run npm ci and npm run build first")
        self.folder = tempfile.TemporaryDirectory()
        if "\n" in pipeline:
            recipe = Path(self.folder.name) / "recipe.yaml"
            recipe.write_text(pipeline)
            pipeline = str(recipe)
        self.options = ["-p", pipeline, "--model-size", size, "--overwrite"]

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] == 1:
            lab = torch.cat((x * 100, torch.zeros_like(x), torch.zeros_like(x)), 1)
            return rgb_to_lab(to_tensor(self._process(to_picture(lab_to_rgb(lab)))))[:, 1:] / 128
        mask = (x[0, 3].numpy() * 255).astype(np.uint8) if x.shape[1] == 4 else None
        return to_tensor(self._process(to_picture(x[:, :3]), mask))

    def _process(self, picture: Picture, mask: np.ndarray | None = None) -> Picture:
        into, out, holes = (Path(self.folder.name) / f"{name}.png" for name in ("in", "out", "holes"))
        cv2.imwrite(str(into), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        command = ["node", str(_PROGRAM), "process", str(into), "-o", str(out), *self.options]
        if mask is not None:
            cv2.imwrite(str(holes), mask)
            command += ["--mask", str(holes)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"afterglow process failed: {result.stderr.strip()}")
        return read_picture(out)
