"""MAT: holes filled by a mask-aware transformer (Li et al., "MAT: Mask-Aware Transformer for Large Hole Image
Inpainting", CVPR 2022).

Stage 1: a convolutional head to 1/8 size, a transformer body over 1/8, 1/16, 1/32 and back, a convolutional tail. Its
attention sees known tokens only; a window with one known token is known as a whole afterwards. Stage 2: a
convolutional U-Net that refines stage 1's picture. Both are modulated by a style made of the picture and of noise.

Input: [batch, 4, height, width], RGB in 0..1 with holes set to 0, and the mask (1 = hole). Output: RGB in 0..1,
[batch, 3, height, width], known pixels as they came. Any height and width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .padding import pad_to_multiple

# Height and width the layers need; ``forward`` pads to it and crops back.
MULTIPLE = 32
# Added to the scores of unknown tokens: exp() of it is 0, and it stays finite in float16.
_UNKNOWN = -1.0e4


@dataclass(frozen=True)
class MATConfig:
    """channels: of the transformer. stem: of the head at full size. blocks, windows: in its five stages, at 1/8, 1/16,
    1/32, 1/16 and 1/8. heads: of the attention. refine: channels of stage 2 at full size, doubled at each halving up
    to ``refine_most``. style: length of the style; noise: of its random part."""

    channels: int
    stem: int
    blocks: tuple[int, int, int, int, int]
    windows: tuple[int, int, int, int, int]
    heads: int
    refine: int
    refine_most: int
    style: int
    noise: int


LIVE = MATConfig(
    channels=64, stem=16, blocks=(1, 2, 2, 2, 1), windows=(8, 8, 8, 8, 8), heads=4,
    refine=16, refine_most=96, style=64, noise=16,
)
FULL = MATConfig(
    channels=180, stem=60, blocks=(2, 3, 4, 3, 2), windows=(8, 16, 16, 16, 8), heads=6,
    refine=48, refine_most=256, style=180, noise=64,
)
SIZES = {"live": LIVE, "full": FULL}


def smooth_fill(picture: Tensor, mask: Tensor, levels: int = 6) -> Tensor:
    """Fills holes by what surrounds them, from coarse to fine: the push-pull scheme (Gortler et al. 1996, "The Lumigraph").

    Where the network starts from, so that it need not learn what interpolation knows.
    """
    known = 1 - mask
    sums, weights = [picture * known], [known]
    for _ in range(levels):
        sums.append(F.avg_pool2d(sums[-1], 2, ceil_mode=True, count_include_pad=False))
        weights.append(F.avg_pool2d(weights[-1], 2, ceil_mode=True, count_include_pad=False))
    # Where nothing is known at the coarsest level either, its mean.
    fallback = sums[-1].mean((2, 3), keepdim=True) / weights[-1].mean((2, 3), keepdim=True).clamp_min(1e-4)
    trust = (weights[-1] * 16).clamp(0, 1)
    filled = fallback * (1 - trust) + sums[-1] / weights[-1].clamp_min(1e-4) * trust
    for level in reversed(range(levels)):
        coarse = F.interpolate(filled, scale_factor=2, mode="bilinear", align_corners=False)
        coarse = coarse[:, :, : sums[level].shape[2], : sums[level].shape[3]]
        # A cell that knows a quarter of its pixels is believed; one that knows fewer, in proportion.
        trust = (weights[level] * 4).clamp(0, 1) if level > 0 else weights[level]
        filled = coarse * (1 - trust) + sums[level] / weights[level].clamp_min(1e-4) * trust
    return filled


def halve_mask(known: Tensor) -> Tensor:
    """Known at half the size where any of the four pixels is known."""
    return F.max_pool2d(known, 2)


def windows_of(x: Tensor, side: int) -> Tensor:
    """[batch, channels, height, width] in windows: [batch, windows, side * side, channels]."""
    batch, channels, height, width = x.shape
    x = x.reshape(batch, channels, height // side, side, width // side, side)
    return x.permute(0, 2, 4, 3, 5, 1).reshape(batch, -1, side * side, channels)


def from_windows(x: Tensor, side: int, like: Tensor) -> Tensor:
    """The inverse of ``windows_of``, to the size of ``like``."""
    batch, _, height, width = like.shape
    x = x.reshape(batch, height // side, width // side, side, side, -1)
    return x.permute(0, 5, 1, 3, 2, 4).reshape(batch, -1, height, width)


class ContextualAttention(nn.Module):
    """Multi-head attention in windows that attends to known tokens only; says what is known afterwards.

    Keys and queries are of unit length, which stands in for the layer norm that these blocks do without.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.enter = nn.Linear(channels, 3 * channels)
        self.leave = nn.Linear(channels, channels)
        self.sharpness = nn.Parameter(torch.full((heads, 1, 1), 10.0))

    def forward(self, x: Tensor, known: Tensor, side: int) -> tuple[Tensor, Tensor]:
        """x [batch, channels, height, width], known [batch, 1, height, width], both multiples of ``side``."""
        tokens, valid = windows_of(x, side), windows_of(known, side)
        batch, count, length, channels = tokens.shape
        q, k, v = (
            t.reshape(batch, count, length, self.heads, -1).transpose(2, 3) for t in self.enter(tokens).chunk(3, -1)
        )
        q = q * torch.rsqrt((q * q).sum(-1, keepdim=True) + 1e-6)
        k = k * torch.rsqrt((k * k).sum(-1, keepdim=True) + 1e-6)
        scores = self.sharpness * (q @ k.transpose(-1, -2)) + (1 - valid[:, :, None, :, 0][:, :, None]) * _UNKNOWN
        y = (torch.softmax(scores, -1) @ v).transpose(2, 3).reshape(batch, count, length, channels)
        now_known = valid.amax(2, keepdim=True).expand(-1, -1, length, -1)
        return from_windows(self.leave(y), side, x), from_windows(now_known, side, known)


class TransformerBlock(nn.Module):
    """Attention fused with its input by a fully connected layer instead of a sum, then the feed-forward."""

    def __init__(self, channels: int, heads: int, window: int, shifted: bool):
        super().__init__()
        self.window, self.shift = window, window // 2 if shifted else 0
        self.attention = ContextualAttention(channels, heads)
        self.fuse = nn.Conv2d(2 * channels, channels, 1)
        self.feed_forward = nn.Sequential(
            nn.Conv2d(channels, 2 * channels, 1), nn.LeakyReLU(0.2), nn.Conv2d(2 * channels, channels, 1)
        )

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        height, width = x.shape[2], x.shape[3]
        # Shifting by padding on the first sides; what is padded is unknown, so nobody attends to it.
        down, right = (-(height + self.shift)) % self.window, (-(width + self.shift)) % self.window
        around = (self.shift, right, self.shift, down)
        y, now_known = self.attention(F.pad(x, around), F.pad(known, around), self.window)
        y = y[:, :, self.shift : self.shift + height, self.shift : self.shift + width]
        now_known = now_known[:, :, self.shift : self.shift + height, self.shift : self.shift + width]
        x = self.fuse(torch.cat((x, y), 1))
        return x + self.feed_forward(x), now_known


class TransformerStage(nn.Module):
    """Blocks with and without shift in turn, then a 3x3 convolution, with a residual around all."""

    def __init__(self, channels: int, heads: int, window: int, blocks: int):
        super().__init__()
        self.blocks = nn.ModuleList(TransformerBlock(channels, heads, window, i % 2 == 1) for i in range(blocks))
        self.leave = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        y = x
        for block in self.blocks:
            y, known = block(y, known)
        return x + self.leave(y), known


class Modulated(nn.Module):
    """3x3 convolution whose output channels are scaled by the style, then LeakyReLU."""

    def __init__(self, inside: int, outside: int, style: int):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, padding=1)
        self.scale = nn.Linear(style, outside)
        nn.init.zeros_(self.scale.weight)
        nn.init.ones_(self.scale.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        return F.leaky_relu(self.conv(x) * self.scale(style)[:, :, None, None], 0.2)


def _down(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, stride=2, padding=1), nn.LeakyReLU(0.2))


def _enlarge(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


class MAT(nn.Module):
    """The network. ``forward`` gives the picture; with ``stages=True`` also that of stage 1."""

    def __init__(self, config: MATConfig):
        super().__init__()
        c, s = config.channels, config.stem
        self.noise = config.noise
        # Picture, mask, and the smooth fill.
        self.head = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(7, s, 3, padding=1), nn.LeakyReLU(0.2)), _down(s, 2 * s), _down(2 * s, c), _down(c, c)]
        )
        self.stages = nn.ModuleList(
            TransformerStage(c, config.heads, window, blocks)
            for window, blocks in zip(config.windows, config.blocks, strict=True)
        )
        self.down = nn.ModuleList([_down(c, c), _down(c, c)])
        self.up = nn.ModuleList([nn.Conv2d(2 * c, c, 1), nn.Conv2d(2 * c, c, 1)])
        self.of_picture = nn.Linear(c, config.style)
        self.of_noise = nn.Linear(config.noise, config.style)
        self.tail = nn.ModuleList(
            [Modulated(2 * c, c, config.style), Modulated(c + 2 * s, 2 * s, config.style), Modulated(3 * s, s, config.style)]
        )
        self.to_rgb = nn.Conv2d(s, 3, 3, padding=1)

        widths = [min(config.refine_most, config.refine * 2**i) for i in range(6)]
        self.refine_in = nn.Sequential(nn.Conv2d(7, widths[0], 3, padding=1), nn.LeakyReLU(0.2))
        self.refine_down = nn.ModuleList(_down(a, b) for a, b in zip(widths, widths[1:]))
        self.refine_up = nn.ModuleList(
            Modulated(wide + narrow, narrow, config.style) for narrow, wide in zip(widths, widths[1:])
        )
        self.refine_rgb = nn.Conv2d(widths[0], 3, 3, padding=1)
        # Start from the smooth fill.
        with torch.no_grad():
            for layer in (self.to_rgb, self.refine_rgb):
                layer.weight.mul_(0.1)
                layer.bias.zero_()

    def forward(self, masked: Tensor, stages: bool = False, noise: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:
        height, width = masked.shape[2], masked.shape[3]
        padded = pad_to_multiple(masked, MULTIPLE)
        picture, mask = padded[:, :3], padded[:, 3:]
        fill = smooth_fill(picture, mask)
        first, style = self._draft(picture, mask, fill, noise)
        first = picture * (1 - mask) + (fill + first) * mask
        refined = self._refine(first, mask, fill, style)
        result = picture * (1 - mask) + (first + refined) * mask
        result = result[:, :, :height, :width]
        return (result, first[:, :, :height, :width]) if stages else result

    def _draft(self, picture: Tensor, mask: Tensor, fill: Tensor, noise: Tensor | None) -> tuple[Tensor, Tensor]:
        """Stage 1: what to add to the fill, and the style."""
        heads = []
        x, known = torch.cat((picture * (1 - mask), mask, fill), 1) - 0.5, 1 - mask
        for i, layer in enumerate(self.head):
            x = layer(x)
            known = halve_mask(known) if i > 0 else known
            heads.append(x)
        x8, known8 = self.stages[0](x, known)
        x16, known16 = self.stages[1](self.down[0](x8), halve_mask(known8))
        x32, known32 = self.stages[2](self.down[1](x16), halve_mask(known16))
        known = torch.maximum(_enlarge(known32), known16)
        x, known = self.stages[3](self.up[0](torch.cat((_enlarge(x32), x16), 1)), known)
        known = torch.maximum(_enlarge(known), known8)
        x, _ = self.stages[4](self.up[1](torch.cat((_enlarge(x), x8), 1)), known)
        style = self.of_picture(x32.mean((2, 3)))
        if noise is not None:
            style = style + self.of_noise(noise)
        x = self.tail[0](torch.cat((_enlarge(x), heads[2]), 1), style)
        x = self.tail[1](torch.cat((_enlarge(x), heads[1]), 1), style)
        x = self.tail[2](torch.cat((_enlarge(x), heads[0]), 1), style)
        return self.to_rgb(x), style

    def _refine(self, first: Tensor, mask: Tensor, fill: Tensor, style: Tensor) -> Tensor:
        """Stage 2: what to add to stage 1's picture."""
        x = self.refine_in(torch.cat((first, mask, fill), 1) - 0.5)
        kept = [x]
        for layer in self.refine_down:
            kept.append(layer(kept[-1]))
        x = kept[-1]
        for i in reversed(range(len(self.refine_up))):
            x = self.refine_up[i](torch.cat((_enlarge(x), kept[i]), 1), style)
        return self.refine_rgb(x)
