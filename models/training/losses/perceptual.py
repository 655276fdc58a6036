"""Perceptual distance in the features of SqueezeNet v1.0 (weights from the baselines of the data packs)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MEAN_BGR = (104.0, 117.0, 123.0)
_TAKEN = ("fire3", "fire5", "fire8")
_POOL_AFTER = ("conv1", "fire4", "fire8")


class SqueezeNetFeatures(nn.Module):
    """Feature maps after fire3, fire5 and fire8, each normalised to unit length per pixel. Frozen."""

    def __init__(self, weights: Path):
        super().__init__()
        for name, value in np.load(weights).items():
            self.register_buffer(name, torch.from_numpy(value.astype(np.float32)), persistent=False)
        self.register_buffer("mean", torch.tensor(_MEAN_BGR).view(1, 3, 1, 1), persistent=False)

    def _conv(self, name: str, x: Tensor, **options: int) -> Tensor:
        return F.relu(F.conv2d(x, getattr(self, f"{name}_w"), getattr(self, f"{name}_b"), **options))

    def forward(self, rgb: Tensor) -> list[Tensor]:
        x = self._conv("conv1", rgb.flip(1) * 255 - self.mean, stride=2)
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        taken = []
        for number in range(2, 9):
            fire = f"fire{number}"
            squeezed = self._conv(f"{fire}_conv1x1_1", x)
            wide = self._conv(f"{fire}_conv1x1_2", squeezed), self._conv(f"{fire}_conv3x3_2", squeezed, padding=1)
            x = torch.cat(wide, 1)
            if fire in _TAKEN:
                taken.append(x * torch.rsqrt((x * x).sum(1, keepdim=True) + 1e-6))
            if fire in _POOL_AFTER:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return taken


class PerceptualDistance(nn.Module):
    """Mean squared distance of the normalised features, summed over three depths; the truth gets no gradient."""

    def __init__(self, weights: Path):
        super().__init__()
        self.features = SqueezeNetFeatures(weights).eval()

    def forward(self, picture: Tensor, truth: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self.features(truth)
        pairs = zip(self.features(picture), wanted, strict=True)
        return sum(((a - b) ** 2).sum(1).mean() for a, b in pairs)
