"""Colorization: the lightness L of a picture in, its colours a and b out (CIE Lab, D65).

A residual encoder (the layout of the Paddle colorization article: stages of basic blocks, each halving the size) with a
gate over the whole picture at its deepest stage, and a decoder up to a quarter of the size. Colour has many plausible
answers, whose mean is brown; so the network gives each point a distribution over quantised colours (Zhang, Isola &
Efros, "Colorful Image Colorization", ECCV 2016) and the picture takes its annealed mean.

Input: L / 100, [batch, 1, height, width]. Output: a / 128 and b / 128, [batch, 2, height, width]. Any height and width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colour_space import rgb_to_lab

from .padding import pad_to_multiple

# Height and width the layers need; ``forward`` pads to it and crops back.
MULTIPLE = 16
# Distance of quantised colours in a and b.
SPACING = 14
# The picture has this many pixels for each point of the distribution.
STEP = 4


@dataclass(frozen=True)
class ColorizeConfig:
    """widths: channels at 1/2, 1/4, 1/8 and 1/16 size. blocks: basic blocks at those. head: channels before the colours."""

    widths: tuple[int, int, int, int]
    blocks: tuple[int, int, int, int]
    head: int


LIVE = ColorizeConfig(widths=(24, 48, 96, 160), blocks=(1, 2, 2, 2), head=96)
FULL = ColorizeConfig(widths=(64, 128, 256, 320), blocks=(2, 3, 4, 4), head=256)
SIZES = {"live": LIVE, "full": FULL}


def quantised_colours() -> Tensor:
    """[colours, 2]: a and b on a square lattice, those that some sRGB colour comes near."""
    levels = np.linspace(0, 1, 33, dtype=np.float32)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij")).reshape(1, 3, -1, 1)
    ab = rgb_to_lab(torch.from_numpy(cube))[0, 1:, :, 0].T
    return torch.unique(torch.round(ab / SPACING), dim=0) * SPACING


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with batch norm; the shortcut is 1x1 where size or channels change."""

    def __init__(self, inside: int, outside: int, stride: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(),
            nn.Conv2d(outside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or inside != outside:
            pool = nn.AvgPool2d(2) if stride == 2 else nn.Identity()
            self.shortcut = nn.Sequential(pool, nn.Conv2d(inside, outside, 1, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.shortcut(x) + self.layers(x))


class WholePicture(nn.Module):
    """Adds to every point what the means of all channels say of the whole picture."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1), nn.ReLU(), nn.Conv2d(channels, channels, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class Colorize(nn.Module):
    """The network. ``forward`` gives a and b; ``distribution`` what they are the annealed mean of."""

    def __init__(self, config: ColorizeConfig):
        super().__init__()
        colours = quantised_colours()
        self.register_buffer("colours", colours.T[:, :, None, None].contiguous())
        # Below 1 the mean leans to the likeliest colours; export.py sets it.
        self.register_buffer("temperature", torch.ones(1))
        w = config.widths

        def stage(inside: int, outside: int, count: int) -> nn.Sequential:
            return nn.Sequential(
                BasicBlock(inside, outside, 2), *(BasicBlock(outside, outside, 1) for _ in range(count - 1))
            )

        self.stem = nn.Sequential(
            nn.Conv2d(1, w[0], 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(w[0]), nn.ReLU(),
            *(BasicBlock(w[0], w[0], 1) for _ in range(config.blocks[0])),
        )
        self.stage4 = stage(w[0], w[1], config.blocks[1])
        self.stage8 = stage(w[1], w[2], config.blocks[2])
        self.stage16 = nn.Sequential(stage(w[2], w[3], config.blocks[3]), WholePicture(w[3]))
        self.up8 = nn.ConvTranspose2d(w[3], w[2], 2, stride=2)
        self.join8 = BasicBlock(2 * w[2], w[2], 1)
        self.up4 = nn.ConvTranspose2d(w[2], w[1], 2, stride=2)
        self.join4 = BasicBlock(2 * w[1], config.head, 1)
        self.leave = nn.Conv2d(config.head, len(colours), 1)

    @property
    def features(self) -> int:
        """Channels of the deepest features."""
        return self.up8.in_channels

    def distribution(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [batch, colours, height / 4, width / 4], height and width padded to ``MULTIPLE``; deepest features."""
        x4 = self.stage4(self.stem(pad_to_multiple(lightness, MULTIPLE) - 0.5))
        x8 = self.stage8(x4)
        x16 = self.stage16(x8)
        x = self.join8(torch.cat((self.up8(x16), x8), 1))
        x = self.join4(torch.cat((self.up4(x), x4), 1))
        return self.leave(x), x16

    def mean_colour(self, scores: Tensor, temperature: Tensor | float) -> Tensor:
        """Annealed mean [batch, 2, ...] in units of a and b."""
        likelihood = torch.softmax(scores / temperature, 1)
        return F.conv2d(likelihood, self.colours.to(likelihood.dtype))

    def forward(self, lightness: Tensor) -> Tensor:
        scores, _ = self.distribution(lightness)
        ab = self.mean_colour(scores, self.temperature) / 128
        ab = F.interpolate(ab, scale_factor=STEP, mode="bilinear", align_corners=False)
        return ab[:, :, : lightness.shape[2], : lightness.shape[3]]
