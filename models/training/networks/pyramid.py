"""Gaussian and Laplacian pyramids (Burt & Adelson 1983) of [batch, channels, height, width] tensors.

Height and width must be multiples of 2 to the power of the steps taken.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def halve(x: Tensor) -> Tensor:
    """Low-pass with the binomial [1 3 3 1] and take every second pixel; pixel centres stay where they belong."""
    # Three means of two neighbours make the binomial, whatever the number of channels.
    x = F.pad(x, (1, 1, 1, 1), mode="replicate")
    x = F.avg_pool2d(F.avg_pool2d(x, 2, stride=1), 2, stride=1)
    return F.avg_pool2d(x, 2)


def double(x: Tensor) -> Tensor:
    """Bilinear enlargement by two, with the pixel centres of ``halve``."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def gaussian_pyramid(x: Tensor, levels: int) -> list[Tensor]:
    """Finest first: x itself, then ``levels`` - 1 halvings."""
    pyramid = [x]
    for _ in range(levels - 1):
        pyramid.append(halve(pyramid[-1]))
    return pyramid


def laplacian_pyramid(x: Tensor, levels: int) -> list[Tensor]:
    """Finest first: differences of each Gaussian level to the enlarged next one; the last is the coarsest level itself."""
    gaussian = gaussian_pyramid(x, levels)
    return [fine - double(coarse) for fine, coarse in zip(gaussian, gaussian[1:])] + gaussian[-1:]
