"""MSEC: exposure corrected from coarse to fine (Afifi et al., "Learning Multi-Scale Photo Exposure Correction", CVPR 2021).

The picture becomes a Laplacian pyramid of four levels. One U-Net a level: the one at the coarsest level corrects colour
and light, its output is enlarged by a learnt transposed convolution and added to the next level, which the next U-Net
refines as a residual, up to full size. Input and output: RGB in 0..1, gamma-encoded, [batch, 3, height, width], any
height and width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .padding import pad_to_multiple
from .pyramid import double, laplacian_pyramid

LEVELS = 4
# Height and width the pyramid needs; ``forward`` pads to it and crops back.
MULTIPLE = 2 ** (LEVELS - 1)


@dataclass(frozen=True)
class MSECConfig:
    """All by U-Net, coarsest level first. channels: of the first layer. depth: halvings. growth: most channels, as a
    multiple of the first layer's (each halving doubles them up to there)."""

    channels: tuple[int, int, int, int]
    depth: tuple[int, int, int, int]
    growth: tuple[int, int, int, int]


# The paper's.
FULL = MSECConfig(channels=(24, 24, 24, 16), depth=(4, 3, 3, 3), growth=(16, 8, 8, 8))
LIVE = MSECConfig(channels=(24, 24, 20, 16), depth=(4, 3, 3, 3), growth=(4, 3, 3, 2))
SIZES = {"live": LIVE, "full": FULL}


def _convolutions(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1), nn.LeakyReLU(0.2),
        nn.Conv2d(outside, outside, 3, padding=1), nn.LeakyReLU(0.2),
    )


class UNet(nn.Module):
    """A U-Net whose output is a residual: 3 channels in, 3 out, any size."""

    def __init__(self, first: int, depth: int, growth: int):
        super().__init__()
        widths = [first * min(growth, 2**i) for i in range(depth + 1)]
        self.multiple = 2**depth
        self.down = nn.ModuleList()
        inside = 3
        for width in widths:
            self.down.append(_convolutions(inside, width))
            inside = width
        self.narrow = nn.ModuleList(nn.Conv2d(wide, narrow, 1) for narrow, wide in zip(widths, widths[1:]))
        self.up = nn.ModuleList(_convolutions(2 * width, width) for width in widths[:-1])
        self.leave = nn.Conv2d(first, 3, 1)
        # Start near the identity.
        with torch.no_grad():
            self.leave.weight.mul_(0.1)
            self.leave.bias.zero_()

    def forward(self, picture: Tensor) -> Tensor:
        height, width = picture.shape[2], picture.shape[3]
        x = pad_to_multiple(picture, self.multiple)
        kept = []
        for i, layer in enumerate(self.down):
            x = layer(F.max_pool2d(x, 2) if i > 0 else x)
            kept.append(x)
        for i in reversed(range(len(self.up))):
            # Bilinear, not a transposed convolution: the deepest level has a few pixels, whose edges would show in skies.
            x = self.up[i](torch.cat((double(self.narrow[i](x)), kept[i]), 1))
        return self.leave(x)[:, :, :height, :width]


class MSEC(nn.Module):
    """The network. ``forward`` gives the picture; with ``levels=True`` also the enlarged output of each coarser level,
    coarsest first, for the loss on the target's pyramid."""

    def __init__(self, config: MSECConfig):
        super().__init__()
        self.networks = nn.ModuleList(
            UNet(first, depth, growth)
            for first, depth, growth in zip(config.channels, config.depth, config.growth, strict=True)
        )
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(3, 3, 2, stride=2) for _ in range(LEVELS - 1))
        # Each colour enlarged by repetition, to begin with.
        with torch.no_grad():
            for layer in self.enlarge:
                layer.weight.copy_(torch.eye(3)[:, :, None, None].expand(3, 3, 2, 2))
                layer.bias.zero_()

    def forward(self, picture: Tensor, levels: bool = False) -> Tensor | tuple[Tensor, list[Tensor]]:
        height, width = picture.shape[2], picture.shape[3]
        pyramid = laplacian_pyramid(pad_to_multiple(picture, MULTIPLE), LEVELS)[::-1]
        x = pyramid[0] + self.networks[0](pyramid[0])
        outputs = []
        for level in range(1, LEVELS):
            enlarged = self.enlarge[level - 1](x)
            outputs.append(enlarged)
            x = enlarged + pyramid[level]
            x = x + self.networks[level](x)
        x = x[:, :, :height, :width]
        return (x, outputs) if levels else x
