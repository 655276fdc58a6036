"""LIEDNet: low light and motion blur removed together (LIEDNet, IEEE TCSVT 2025).

An encoder-decoder at 1/2, 1/4 and 1/8 of the picture's size. Each block joins a visual state-space module, which
sees the whole picture along four scan directions, with a local feature module, and ends in a dual gated
feed-forward. Input and output: RGB in 0..1, gamma-encoded, [batch, 3, height, width], any height and width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .factored_scan import softplus
from .padding import pad_to_multiple
from .selective_scan import chunked_scan

# Height and width the layers need; ``forward`` pads to it and crops back.
MULTIPLE = 8


@dataclass(frozen=True)
class LIEDNetConfig:
    """Widths and depths.

    dims: channels at 1/2, 1/4 and 1/8 size. blocks: encoder blocks at those sizes. decoder: blocks at 1/4 and 1/2
    on the way up. refinement: blocks at 1/2 with twice the channels if ``wide_refinement``. scan: at which of the
    three sizes the state-space branch exists; at the others the local branch stands alone. expand: width of the
    state-space branch over the block's. hidden: width of each of the feed-forward's three parts over the block's.
    """

    dims: tuple[int, int, int]
    blocks: tuple[int, int, int]
    decoder: tuple[int, int]
    refinement: int
    wide_refinement: bool
    scan: tuple[bool, bool, bool]
    heads: tuple[int, int, int]
    state: int
    expand: float
    hidden: float


LIVE = LIEDNetConfig(
    dims=(16, 32, 64), blocks=(1, 2, 4), decoder=(2, 1), refinement=3, wide_refinement=False,
    scan=(False, True, True), heads=(1, 2, 4), state=8, expand=1.0, hidden=1.0,
)
FULL = LIEDNetConfig(
    dims=(32, 64, 128), blocks=(1, 2, 4), decoder=(2, 1), refinement=4, wide_refinement=True,
    scan=(True, True, True), heads=(2, 4, 8), state=16, expand=1.0, hidden=2.0,
)
SIZES = {"live": LIVE, "full": FULL}


class ChannelNorm(nn.Module):
    """Layer norm over the channels of each pixel, NCHW."""

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(1, keepdim=True)
        variance = (x * x).mean(1, keepdim=True)
        return x * torch.rsqrt(variance + 1e-5) * self.weight + self.bias


class SelectiveScan2d(nn.Module):
    """Selective scan of a feature map along rows and columns, each forwards and backwards.

    dt, B and C of all four directions come from one 1x1 convolution of the map; the decay rates A are learnt, one a
    head and direction. Column scans run on the transposed map, so no direction gathers or flips tokens.
    """

    def __init__(self, channels: int, heads: int, state: int):
        super().__init__()
        self.heads, self.state, self.channels = heads, state, channels
        self.parameters_of_scan = nn.Conv2d(channels, 4 * (heads + 2 * state), 1)
        self.log_rate = nn.Parameter(torch.log(torch.linspace(0.5, 4.0, heads)).repeat(4, 1))
        self.skip = nn.Parameter(torch.ones(1, channels, 1, 1))
        # softplus(bias) spreads the step sizes over 0.01..0.3: memories of a few to some hundred tokens.
        step = torch.exp(torch.linspace(-4.6, -1.2, heads))
        with torch.no_grad():
            bias = self.parameters_of_scan.bias.view(4, heads + 2 * state)
            bias.zero_()
            bias[:, :heads] = torch.log(torch.expm1(step))

    def forward(self, x: Tensor) -> Tensor:
        scanned = self.parameters_of_scan(x)
        # Sums of decays over thousands of tokens need 32 bits, whatever the network around runs in.
        with torch.autocast(x.device.type, enabled=False):
            return self._scan(x.float(), scanned.float()) + x * self.skip

    def _scan(self, x: Tensor, scanned: Tensor) -> Tensor:
        heads, state, batch = self.heads, self.state, int(x.shape[0])
        turned = x.transpose(2, 3)
        rows, columns = (v.reshape(batch, heads, self.channels // heads, -1).transpose(2, 3) for v in (x, turned))
        half = 2 * (heads + 2 * state)
        by_row = scanned[:, :half].reshape(batch, 2, heads + 2 * state, -1)
        by_column = scanned[:, half:].transpose(2, 3).reshape(batch, 2, heads + 2 * state, -1)
        dt, b, c = torch.cat((by_row, by_column), 1).split([heads, state, state], 2)
        y = chunked_scan(
            torch.stack((rows, rows, columns, columns), 1), softplus(dt), -torch.exp(self.log_rate),
            b.transpose(2, 3), c.transpose(2, 3), backward=(False, True, False, True),
        )
        rows, columns = ((y[:, i] + y[:, i + 1]).transpose(2, 3) for i in (0, 2))
        return rows.reshape(x.shape) + columns.reshape(turned.shape).transpose(2, 3)


class StateSpaceModule(nn.Module):
    """Visual state-space module: a gated branch with a depthwise convolution and a four-way selective scan."""

    def __init__(self, channels: int, heads: int, state: int, expand: float):
        super().__init__()
        inner = int(channels * expand)
        self.enter = nn.Conv2d(channels, 2 * inner, 1)
        self.local = nn.Conv2d(inner, inner, 3, padding=1, groups=inner)
        self.scan = SelectiveScan2d(inner, heads, state)
        self.norm = ChannelNorm(inner)
        self.leave = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        scanned, gate = self.enter(x).chunk(2, 1)
        scanned = self.norm(self.scan(F.silu(self.local(scanned))))
        return self.leave(scanned * F.silu(gate))


class LocalFeatureModule(nn.Module):
    """Squeeze-and-excitation gate: each channel weighed by a function of the picture's channel means."""

    def __init__(self, channels: int):
        super().__init__()
        squeezed = max(4, channels // 4)
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        weight = F.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(weight))))


class DualGatedFeedForward(nn.Module):
    """Feed-forward with two gates: GELU(dw3x3) times a mix of ReLU(dw3x3) and ReLU(dw5x5)."""

    def __init__(self, channels: int, hidden: float):
        super().__init__()
        self.width = int(channels * hidden)
        self.enter = nn.Conv2d(channels, 3 * self.width, 1)
        self.gate = nn.Conv2d(self.width, self.width, 3, padding=1, groups=self.width)
        self.small = nn.Conv2d(self.width, self.width, 3, padding=1, groups=self.width)
        self.large = nn.Conv2d(self.width, self.width, 5, padding=2, groups=self.width)
        self.mix = nn.Conv2d(2 * self.width, self.width, 1)
        self.leave = nn.Conv2d(self.width, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate, small, large = self.enter(x).chunk(3, 1)
        features = torch.cat((F.relu(self.small(small)), F.relu(self.large(large))), 1)
        return self.leave(F.gelu(self.gate(gate)) * self.mix(features))


class LocalMambaBlock(nn.Module):
    """State-space and local branch side by side, then the feed-forward; residuals around both."""

    def __init__(self, channels: int, config: LIEDNetConfig, level: int):
        super().__init__()
        self.norm1 = ChannelNorm(channels)
        self.norm2 = ChannelNorm(channels)
        self.state_space = (
            StateSpaceModule(channels, config.heads[level], config.state, config.expand) if config.scan[level] else None
        )
        self.local = LocalFeatureModule(channels)
        self.feed_forward = DualGatedFeedForward(channels, config.hidden)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        joined = self.local(y)
        if self.state_space is not None:
            joined = joined + self.state_space(y)
        x = x + joined
        return x + self.feed_forward(self.norm2(x))


class Downsample(nn.Module):
    """3x3 convolution, then pixel-unshuffle by 2."""

    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside // 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_unshuffle(self.conv(x), 2)


class Upsample(nn.Module):
    """3x3 convolution, then pixel-shuffle by 2."""

    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside * 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.conv(x), 2)


class LIEDNet(nn.Module):
    """The network. ``forward`` gives the picture; with ``side=True`` also the 1/8-size picture of the side head."""

    def __init__(self, config: LIEDNetConfig):
        super().__init__()
        d1, d2, d3 = config.dims

        def stack(channels: int, count: int, level: int) -> nn.Sequential:
            return nn.Sequential(*(LocalMambaBlock(channels, config, level) for _ in range(count)))

        self.stem = nn.Conv2d(3, d1, 2, stride=2)
        self.encoder1 = stack(d1, config.blocks[0], 0)
        self.down1 = Downsample(d1, d2)
        self.encoder2 = stack(d2, config.blocks[1], 1)
        self.down2 = Downsample(d2, d3)
        self.encoder3 = stack(d3, config.blocks[2], 2)
        self.side_head = nn.Conv2d(d3, 3, 3, padding=1)
        self.up2 = Upsample(d3, d2)
        self.reduce2 = nn.Conv2d(2 * d2, d2, 1)
        self.decoder2 = stack(d2, config.decoder[0], 1)
        self.up1 = Upsample(d2, d1)
        self.decoder1_in = nn.Identity() if config.wide_refinement else nn.Conv2d(2 * d1, d1, 1)
        last = 2 * d1 if config.wide_refinement else d1
        self.decoder1 = stack(last, config.decoder[1], 0)
        self.refinement = stack(last, config.refinement, 0)
        self.leave = nn.Conv2d(last, 4 * d1, 3, padding=1)
        self.to_rgb = nn.Conv2d(d1, 3, 3, padding=1)
        # Start near the identity: both heads add to a picture.
        with torch.no_grad():
            for head in (self.to_rgb, self.side_head):
                head.weight.mul_(0.05)
                head.bias.zero_()

    def forward(self, picture: Tensor, side: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        height, width = picture.shape[2], picture.shape[3]
        padded = pad_to_multiple(picture, MULTIPLE)
        level1 = self.encoder1(self.stem(padded))
        level2 = self.encoder2(self.down1(level1))
        level3 = self.encoder3(self.down2(level2))
        x = self.decoder2(self.reduce2(torch.cat((self.up2(level3), level2), 1)))
        x = self.decoder1(self.decoder1_in(torch.cat((self.up1(x), level1), 1)))
        x = self.refinement(x)
        x = padded + self.to_rgb(F.pixel_shuffle(self.leave(x), 2))
        x = x[:, :, :height, :width]
        if side:
            small = F.avg_pool2d(padded, MULTIPLE)
            return x, small + self.side_head(level3)
        return x
