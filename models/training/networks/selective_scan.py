"""Selective state-space scan in plain, parallel tensor operations.

The recurrence, per head with a scalar decay rate ``A < 0`` (Dao & Gu 2024, "Transformers are SSMs"):

    h_t = exp(dt_t A) h_{t-1} + dt_t B_t x_t        h_t: state x channels
    y_t = C_t h_t + D x_t

A loop over t is what ONNX would call ``Scan`` and what runs slowly everywhere. ``chunked_scan`` computes the
same numbers with matrix products only: inside a chunk as a masked matrix product, between chunks by one small
product with the matrix of decays between chunks. ``sequential_scan`` is the recurrence itself, kept as the
reference that the tests compare against.

Shapes: x [batch, heads, tokens, channels], dt [batch, heads, tokens] (>= 0), a [heads] (< 0),
b and c [batch, heads, tokens, state].
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK = 32
# Added to masked exponents: exp() of it is 0, and it stays finite in float16.
_MASKED = -3.0e4


def sequential_scan(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """The recurrence, one token after the other. Without the D x term. Reference only."""
    state = x.new_zeros(x.shape[0], x.shape[1], b.shape[-1], x.shape[-1])
    outputs = []
    for t in range(x.shape[2]):
        decay = torch.exp(dt[:, :, t] * a)[..., None, None]
        state = decay * state + (dt[:, :, t, None] * b[:, :, t])[..., None] * x[:, :, t, None, :]
        outputs.append((c[:, :, t, None, :] @ state)[..., 0, :])
    return torch.stack(outputs, dim=2)


def chunked_scan(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, chunk: int = CHUNK) -> Tensor:
    """``sequential_scan`` in matrix products. Any number of tokens; padding tokens have dt = 0 and change nothing."""
    return _scan(x, dt, a, b, c, chunk, backward=False)


def reversed_chunked_scan(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, chunk: int = CHUNK) -> Tensor:
    """``sequential_scan`` from the last token to the first, without reversing any tensor."""
    return _scan(x, dt, a, b, c, chunk, backward=True)


def _scan(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, chunk: int, backward: bool) -> Tensor:
    batch, heads, tokens, channels = x.shape
    state = b.shape[-1]
    pad = (chunk - tokens % chunk) % chunk
    x = F.pad(x, (0, 0, 0, pad)).reshape(batch, heads, -1, chunk, channels)
    b = F.pad(b, (0, 0, 0, pad)).reshape(batch, heads, -1, chunk, state)
    c = F.pad(c, (0, 0, 0, pad)).reshape(batch, heads, -1, chunk, state)
    dt = F.pad(dt, (0, pad)).reshape(batch, heads, -1, chunk)

    log_decay = dt * a[:, None, None]
    ones = torch.ones(chunk, chunk, dtype=x.dtype, device=x.device)
    # sums[t] = log decay gathered from the chunk's own first token (or last, backwards) up to and with t.
    upto = torch.triu(ones) if not backward else torch.tril(ones)
    sums = log_decay @ upto
    allowed = torch.tril(ones) if not backward else torch.triu(ones)
    exponent = sums[..., :, None] - sums[..., None, :] + (1 - allowed) * _MASKED
    b = b * dt[..., None]
    y = (torch.exp(exponent) * (c @ b.transpose(-1, -2))) @ x

    total = sums[..., -1:] if not backward else sums[..., :1]
    chunk_state = (b * torch.exp(total - sums)[..., None]).transpose(-1, -2) @ x

    # Entering state of chunk i: the states that chunks before it leave, decayed by the chunks in between.
    # A state that has faded to e^-20 is gone; without the bound, sums over many chunks would lose the small differences.
    n_total = torch.clamp(total[..., 0], min=-20.0)
    n_ones = torch.ones_like(n_total[:1, :1, :, None] * n_total[:1, :1, None, :])
    lower = torch.tril(n_ones) if not backward else torch.triu(n_ones)
    strict = lower - torch.tril(n_ones) * torch.triu(n_ones)
    chunk_sums = n_total[..., None, :] @ lower.transpose(-1, -2)
    chunk_sums = chunk_sums[..., 0, :]
    before = chunk_sums - n_total
    # Over many chunks the differences outgrow any mask: cut off what is masked before it could overflow.
    between = torch.clamp(before[..., :, None] - chunk_sums[..., None, :], max=0.0) + (1 - strict) * _MASKED
    entering = (torch.exp(between) @ chunk_state.flatten(-2)).reshape(chunk_state.shape)
    y = y + (c * torch.exp(sums)[..., None]) @ entering
    return y.reshape(batch, heads, -1, channels)[:, :, :tokens]
