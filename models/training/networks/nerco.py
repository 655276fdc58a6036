"""NeRCo: low light by implicit neural representation (Yang et al., "Implicit Neural Representation for Cooperative
Low-light Image Enhancement", ICCV 2023).

A neural representation redraws the dark picture: an encoder's features around each point, with the point's
coordinates in Fourier terms, go through a perceptron that gives its colour. What it cannot draw, noise above all, is
gone. A mask extractor finds in it where light is missing; a generator of residual blocks with instance norm lights the
picture. Input and output: RGB in 0..1, gamma-encoded, [batch, 3, height, width], any height and width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .padding import pad_to_multiple

# Height and width the layers need; ``forward`` pads to it and crops back.
MULTIPLE = 4
FREQUENCIES = 8


@dataclass(frozen=True)
class NeRCoConfig:
    """features: channels of the encoder. hidden: width of the perceptron. step: pixels between the points it draws.
    filters: channels of the generator at full size, four times as many at a quarter. blocks: its residual blocks."""

    features: int
    hidden: int
    step: int
    filters: int
    blocks: int


LIVE = NeRCoConfig(features=32, hidden=64, step=4, filters=16, blocks=9)
FULL = NeRCoConfig(features=64, hidden=256, step=2, filters=32, blocks=9)
SIZES = {"live": LIVE, "full": FULL}


def fourier_coordinates(like: Tensor, scatter: bool) -> Tensor:
    """[1, 4 * FREQUENCIES, height, width] for a map of that size: sine and cosine of y and x in -1..1 at frequencies
    pi, 2 pi, 4 pi and so on. scatter: shift and stretch the coordinates at random, as crops of pictures of other sizes
    would have them; without it, the high frequencies become a pattern at any size but the training's."""
    octaves = (math.pi * 2.0 ** torch.arange(FREQUENCIES, device=like.device)).view(1, -1, 1, 1)
    ones = torch.ones_like(like[:1, :1])
    parts = []
    for axis in (2, 3):
        size = like.shape[axis]
        # Pixel centres, -1 at the one edge and 1 at the other.
        position = (torch.arange(size, device=like.device).float() + 0.5) * (2 / size) - 1
        if scatter:
            stretch, shift = torch.rand(2, device=like.device)
            position = position * (0.25 + 1.5 * stretch) + (2 * shift - 1)
        position = position.view(1, 1, -1, 1) if axis == 2 else position.view(1, 1, 1, -1)
        angle = position * octaves
        parts += [torch.sin(angle) * ones, torch.cos(angle) * ones]
    return torch.cat(parts, 1).to(like.dtype)


class NeuralRepresentation(nn.Module):
    """Redraws the picture at every ``step``-th point: [batch, 3, height / step, width / step]."""

    def __init__(self, config: NeRCoConfig):
        super().__init__()
        features, hidden = config.features, config.hidden
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.LeakyReLU(0.2)]
        for _ in range(int(math.log2(config.step))):
            layers += [nn.Conv2d(features, features, 3, stride=2, padding=1), nn.LeakyReLU(0.2)]
        layers.append(nn.Conv2d(features, features, 3, padding=1))
        self.encoder = nn.Sequential(*layers)
        # The perceptron's first layer on a 3x3 neighbourhood of features and on coordinates, as two convolutions.
        self.of_features = nn.Conv2d(features, hidden, 3, padding=1)
        self.of_coordinates = nn.Conv2d(4 * FREQUENCIES, hidden, 1)
        self.perceptron = nn.Sequential(
            nn.ReLU(), nn.Conv2d(hidden, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, hidden, 1), nn.ReLU(),
            nn.Conv2d(hidden, 3, 1), nn.Sigmoid(),
        )

    def forward(self, picture: Tensor) -> Tensor:
        features = self.encoder(picture)
        coordinates = fourier_coordinates(features, self.training)
        return self.perceptron(self.of_features(features) + self.of_coordinates(coordinates))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with instance norm."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.InstanceNorm2d(channels, affine=True), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1), nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class Generator(nn.Module):
    """Residual generator (Johnson et al. 2016): down to a quarter, residual blocks, up again."""

    def __init__(self, inside: int, filters: int, blocks: int):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(inside, filters, 7, padding=3), nn.InstanceNorm2d(filters, affine=True), nn.ReLU()
        )
        layers: list[nn.Module] = []
        for width in (filters, 2 * filters):
            layers += [
                nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), nn.InstanceNorm2d(2 * width, affine=True), nn.ReLU()
            ]
        layers += [ResidualBlock(4 * filters) for _ in range(blocks)]
        for width in (4 * filters, 2 * filters):
            layers += [
                nn.ConvTranspose2d(width, width // 2, 2, stride=2), nn.InstanceNorm2d(width // 2, affine=True), nn.ReLU()
            ]
        self.body = nn.Sequential(*layers)
        self.leave = nn.Conv2d(2 * filters, 3, 5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        stem = self.stem(x)
        return self.leave(torch.cat((self.body(stem), stem), 1))


class NeRCo(nn.Module):
    """The network. ``forward`` gives the picture; with ``redrawn=True`` also what the representation drew."""

    def __init__(self, config: NeRCoConfig):
        super().__init__()
        self.step = config.step
        self.representation = NeuralRepresentation(config)
        self.mask = nn.Sequential(
            nn.Conv2d(3, config.features, 3, padding=1), nn.ReLU(), nn.Conv2d(config.features, 1, 3, padding=1), nn.Sigmoid()
        )
        # The picture, the redrawn picture, and both under the mask's attention.
        self.generator = Generator(10, config.filters, config.blocks)
        with torch.no_grad():
            self.generator.leave.weight.mul_(0.1)
            self.generator.leave.bias.fill_(0.4)

    def forward(self, picture: Tensor, redrawn: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        height, width = picture.shape[2], picture.shape[3]
        padded = pad_to_multiple(picture, MULTIPLE)
        drawn = self.representation(padded)
        mask = self.mask(drawn)
        together = F.interpolate(torch.cat((drawn, mask), 1), scale_factor=self.step, mode="bilinear", align_corners=False)
        large, mask = together[:, :3], together[:, 3:]
        # Dark pictures fill a fiftieth of the range; the root spreads it.
        spread = torch.sqrt(padded.clamp_min(0) + 1e-4)
        x = self.generator(torch.cat((spread, large, spread * mask, mask), 1))[:, :, :height, :width]
        return (x, drawn) if redrawn else x
