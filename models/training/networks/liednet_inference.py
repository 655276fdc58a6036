"""LIEDNet as it is exported: the same function as the trained network in fewer and cheaper operators.

What is linear and follows something linear becomes one convolution, weights of norms go into the convolutions behind
them, and means over channels are taken by convolutions too, which runtimes do in the layout that they have the picture in
(ReduceMean over channels is their slow case). Scans are ``factored_scan``'s.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .factored_scan import MapSize, decay_rates, four_way_scan
from .liednet import MULTIPLE, DualGatedFeedForward, LIEDNet, LocalMambaBlock, StateSpaceModule, Upsample
from .padding import pad_to_multiple


def convolution(weight: Tensor, bias: Tensor | None, groups: int = 1) -> nn.Conv2d:
    """A convolution with these weights, [out, in, height, width] of odd sides, that keeps height and width."""
    padding = (weight.shape[2] // 2, weight.shape[3] // 2)
    conv = nn.Conv2d(
        weight.shape[1] * groups, weight.shape[0], tuple(weight.shape[2:]), padding=padding, groups=groups, bias=bias is not None
    )
    with torch.no_grad():
        conv.weight.copy_(weight)
        if conv.bias is not None and bias is not None:
            conv.bias.copy_(bias)
    return conv


def behind_norm(conv: nn.Conv2d, scale: Tensor, shift: Tensor) -> nn.Conv2d:
    """A 1x1 convolution of scale * x + shift as one of x. scale, shift: [1, channels, 1, 1]."""
    weight = conv.weight[:, :, 0, 0]
    bias = weight @ shift.flatten() + (conv.bias if conv.bias is not None else 0)
    return convolution((weight * scale.flatten())[:, :, None, None], bias)


def split(conv: nn.Conv2d, parts: int) -> list[nn.Conv2d]:
    """A 1x1 convolution as several, each of which gives a part of its channels: no channels need to be cut apart."""
    return [convolution(w, b) for w, b in zip(conv.weight.chunk(parts), conv.bias.chunk(parts))]


def shuffled_product(outer: Tensor, inner: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """A 1x1 convolution, [out, in], of what pixel-shuffle by 2 makes of ``inner``'s output, as weights and bias of one
    convolution before the shuffle."""
    groups = inner.weight.unflatten(0, (-1, 4))
    weight = torch.einsum("oc,csihw->osihw", outer, groups).flatten(0, 1)
    return weight, (outer @ inner.bias.view(-1, 4)).flatten()


def head_product(leave: nn.Conv2d, to_rgb: nn.Conv2d) -> nn.Conv2d:
    """``leave`` (3x3), pixel-shuffle by 2 and ``to_rgb`` (3x3) as one 5x5 convolution before the shuffle. Equal but for the
    outermost pixels, where ``to_rgb`` sees zeros around the picture and the product what ``leave`` would have given there."""
    inner, inner_bias = leave.weight.unflatten(0, (-1, 2, 2)), leave.bias.unflatten(0, (-1, 2, 2))
    weight = torch.zeros(to_rgb.weight.shape[0], 2, 2, inner.shape[3], 5, 5)
    bias = to_rgb.bias[:, None, None].repeat(1, 2, 2)
    for a in range(2):
        for b in range(2):
            for dy in range(3):
                for dx in range(3):
                    # Where the outer tap lies: in which pixel of half the size, and on which of its four.
                    (row, sub_row), (column, sub_column) = divmod(a + dy - 1, 2), divmod(b + dx - 1, 2)
                    taps = to_rgb.weight[:, :, dy, dx]
                    product = torch.einsum("kc,cihw->kihw", taps, inner[:, sub_row, sub_column])
                    weight[:, a, b, :, row + 1 : row + 4, column + 1 : column + 4] += product
                    bias[:, a, b] += taps @ inner_bias[:, sub_row, sub_column]
    return convolution(weight.flatten(0, 2), bias.flatten())


class PlainNorm(nn.Module):
    """Layer norm over the channels of each pixel, without weights."""

    def __init__(self, channels: int):
        super().__init__()
        mean = torch.full((channels, channels), 1 / channels)
        self.centre = convolution((torch.eye(channels) - mean)[:, :, None, None], None)
        self.variance = convolution(mean[:1, :, None, None], torch.full((1,), 1e-5))

    def forward(self, x: Tensor) -> Tensor:
        x = self.centre(x)
        return x * torch.rsqrt(self.variance(x * x))


class InferenceStateSpace(nn.Module):
    """StateSpaceModule behind a norm's scale and shift."""

    def __init__(self, trained: StateSpaceModule, scale: Tensor, shift: Tensor):
        super().__init__()
        self.enter_scan, self.enter_gate = split(behind_norm(trained.enter, scale, shift), 2)
        self.local, self.state = trained.local, trained.scan.state
        self.parameters_of_scan, self.skip = trained.scan.parameters_of_scan, trained.scan.skip
        self.rate = nn.Parameter(decay_rates(trained.scan.log_rate))
        self.norm = PlainNorm(trained.norm.weight.shape[1])
        self.weight, self.bias = trained.norm.weight, trained.norm.bias
        self.leave = trained.leave

    def forward(self, x: Tensor, size: MapSize) -> Tensor:
        entered = F.silu(self.local(self.enter_scan(x)))
        scanned = four_way_scan(entered, self.parameters_of_scan(entered), self.rate, self.state, size)
        scanned = self.norm(scanned + entered * self.skip)
        return self.leave((scanned * self.weight + self.bias) * F.silu(self.enter_gate(x)))


class InferenceFeedForward(nn.Module):
    """DualGatedFeedForward behind a norm's scale and shift."""

    def __init__(self, trained: DualGatedFeedForward, scale: Tensor, shift: Tensor):
        super().__init__()
        self.enter_gate, self.enter_small, self.enter_large = split(behind_norm(trained.enter, scale, shift), 3)
        self.gate, self.small, self.large = trained.gate, trained.small, trained.large
        of_small, of_large = trained.mix.weight.split(trained.width, 1)
        self.mix_small, self.mix_large = convolution(of_small, trained.mix.bias), convolution(of_large, None)
        self.leave = trained.leave

    def forward(self, x: Tensor) -> Tensor:
        small = F.relu(self.small(self.enter_small(x)))
        large = F.relu(self.large(self.enter_large(x)))
        return self.leave(F.gelu(self.gate(self.enter_gate(x))) * (self.mix_small(small) + self.mix_large(large)))


class InferenceBlock(nn.Module):
    """LocalMambaBlock with the weights of its norms in what follows them."""

    def __init__(self, trained: LocalMambaBlock):
        super().__init__()
        first, second, local = trained.norm1, trained.norm2, trained.local
        self.norm1, self.norm2 = PlainNorm(first.weight.shape[1]), PlainNorm(second.weight.shape[1])
        self.weight, self.bias = first.weight, first.bias
        self.squeeze, self.excite = behind_norm(local.squeeze, first.weight, first.bias), local.excite
        self.state_space = (
            None
            if trained.state_space is None
            else InferenceStateSpace(trained.state_space, first.weight, first.bias)
        )
        self.feed_forward = InferenceFeedForward(trained.feed_forward, second.weight, second.bias)

    def forward(self, x: Tensor, size: MapSize) -> Tensor:
        y = self.norm1(x)
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(y, 1)))))
        x = x + (y * (self.weight * gate) + self.bias * gate)
        if self.state_space is not None:
            x = x + self.state_space(y, size)
        return x + self.feed_forward(self.norm2(x))


class InferenceStack(nn.Module):
    """Blocks after one another, on maps of one size."""

    def __init__(self, blocks: nn.Sequential):
        super().__init__()
        self.blocks = nn.ModuleList(InferenceBlock(block) for block in blocks)

    def forward(self, x: Tensor, size: MapSize) -> Tensor:
        for block in self.blocks:
            x = block(x, size)
        return x


class InferenceJoin(nn.Module):
    """Upsample, concatenation with the skipped level and 1x1 reduction."""

    def __init__(self, up: Upsample, reduce: nn.Conv2d):
        super().__init__()
        weight = reduce.weight.detach()[:, :, 0, 0]
        of_up, of_skip = weight.split((up.conv.weight.shape[0] // 4, weight.shape[1] - up.conv.weight.shape[0] // 4), 1)
        kernel, bias = shuffled_product(of_up, up.conv)
        self.up = convolution(kernel, bias + reduce.bias.repeat_interleave(4))
        self.skip = convolution(of_skip[:, :, None, None], None)

    def forward(self, x: Tensor, skipped: Tensor) -> Tensor:
        return F.pixel_shuffle(self.up(x), 2) + self.skip(skipped)


class LIEDNetInference(nn.Module):
    """A trained LIEDNet of live size, rearranged. Input and output as LIEDNet's; no side picture."""

    def __init__(self, trained: LIEDNet):
        super().__init__()
        if not isinstance(trained.decoder1_in, nn.Conv2d):
            raise ValueError("a network with wide refinement is exported as it is")

        with torch.no_grad():
            self.stem, self.down1, self.down2 = trained.stem, trained.down1, trained.down2
            self.encoder1, self.encoder2, self.encoder3 = map(InferenceStack, (trained.encoder1, trained.encoder2, trained.encoder3))
            self.join2 = InferenceJoin(trained.up2, trained.reduce2)
            self.decoder2 = InferenceStack(trained.decoder2)
            self.join1 = InferenceJoin(trained.up1, trained.decoder1_in)
            self.decoder1, self.refinement = InferenceStack(trained.decoder1), InferenceStack(trained.refinement)
            self.head = head_product(trained.leave, trained.to_rgb)

    def forward(self, picture: Tensor) -> Tensor:
        height, width = picture.shape[2], picture.shape[3]
        padded = pad_to_multiple(picture, MULTIPLE)
        size1, size2, size3 = (MapSize.of(padded.shape[2] // by, padded.shape[3] // by) for by in (2, 4, 8))
        level1 = self.encoder1(self.stem(padded), size1)
        level2 = self.encoder2(self.down1(level1), size2)
        level3 = self.encoder3(self.down2(level2), size3)
        x = self.decoder2(self.join2(level3, level2), size2)
        x = self.refinement(self.decoder1(self.join1(x, level1), size1), size1)
        change = F.pixel_shuffle(self.head(x), 2)[:, :, 1:-1, 1:-1]
        # The outermost pixels take their neighbours' change, see head_product.
        x = padded + F.pad(change, (1, 1, 1, 1), mode="replicate")
        return x[:, :, :height, :width]
