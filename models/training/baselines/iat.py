"""IAT, the Illumination Adaptive Transformer (BMVC 2022), from its weights: a local branch that gives each pixel a gain
and an offset, and a global one that gives the picture a colour matrix and a gamma."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

_HEADS = 4


def iat(w: dict[str, Tensor]) -> Callable[[Tensor], Tensor]:
    """The network of these weights."""

    def conv(name: str, x: Tensor, **options: int) -> Tensor:
        return F.conv2d(x, w[f"{name}.weight"], w.get(f"{name}.bias"), **options)

    def linear(name: str, x: Tensor) -> Tensor:
        return F.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))

    def norm(name: str, x: Tensor) -> Tensor:
        x = torch.einsum("bchw,dc->bdhw", x, w[f"{name}.color"])
        return x * w[f"{name}.alpha"].view(1, -1, 1, 1) + w[f"{name}.beta"].view(1, -1, 1, 1)

    def block(name: str, x: Tensor) -> Tensor:
        channels = x.shape[1]
        x = x + conv(f"{name}.pos_embed", x, padding=1, groups=channels)
        y = conv(f"{name}.attn", conv(f"{name}.conv1", norm(f"{name}.norm1", x)), padding=2, groups=channels)
        x = x + w[f"{name}.gamma_1"] * conv(f"{name}.conv2", y)
        y = F.gelu(conv(f"{name}.mlp.fc1", norm(f"{name}.norm2", x)))
        return x + w[f"{name}.gamma_2"] * conv(f"{name}.mlp.fc2", y)

    def branch(name: str, x: Tensor) -> Tensor:
        y = x
        for i in range(3):
            y = block(f"local_net.{name}_blocks.{i}", y)
        return conv(f"local_net.{name}_end.0", y + x, padding=1)

    def embed(x: Tensor) -> Tensor:
        for layer in (0, 3):
            x = conv(f"global_net.conv_large.proj.{layer}", x, stride=2, padding=1)
            name = f"global_net.conv_large.proj.{layer + 1}"
            x = F.batch_norm(x, *(w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")))
            x = F.gelu(x) if layer == 0 else x
        return x

    def layer_norm(name: str, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])

    def whole(picture: Tensor) -> tuple[Tensor, Tensor]:
        g = "global_net.generator"
        x = embed(picture)
        x = x + conv(f"{g}.pos_embed", x, padding=1, groups=x.shape[1])
        tokens = layer_norm(f"{g}.norm1", x.flatten(2).transpose(1, 2))
        q, k, v = (
            t.reshape(t.shape[0], t.shape[1], _HEADS, -1).transpose(1, 2)
            for t in (w[f"{g}.attn.q"], linear(f"{g}.attn.k", tokens), linear(f"{g}.attn.v", tokens))
        )
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        y = (torch.softmax(scores, -1) @ v).transpose(1, 2).flatten(2)
        y = linear(f"{g}.attn.proj", y)
        y = y + linear(f"{g}.mlp.fc2", F.gelu(linear(f"{g}.mlp.fc1", layer_norm(f"{g}.norm2", y))))
        gamma = linear("global_net.gamma_linear", y[:, 0]) + w["global_net.gamma_base"]
        colour = linear("global_net.color_linear", y[:, 1:]).view(3, 3) + w["global_net.color_base"]
        return gamma, colour

    def enhance(picture: Tensor) -> Tensor:
        x = F.leaky_relu(conv("local_net.conv1", picture, padding=1), 0.2)
        gain, offset = F.relu(branch("mul", x)), torch.tanh(branch("add", x))
        gamma, colour = whole(picture)
        lit = torch.einsum("ij,bjhw->bihw", colour, picture * gain + offset)
        return lit.clamp(1e-8, 1) ** gamma.view(1, 1, 1, 1)

    return enhance
