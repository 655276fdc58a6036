"""Selective state-space scan in plain, parallel tensor operations.

The recurrence, per head with a scalar decay rate ``A < 0`` (Dao & Gu 2024, "Transformers are SSMs"):

    h_t = exp(dt_t A) h_{t-1} + dt_t B_t x_t        h_t: state x channels
    y_t = C_t h_t + D x_t

A loop over t is what ONNX would call ``Scan`` and what runs slowly everywhere. ``chunked_scan`` computes the
same numbers with matrix products only: inside a chunk as a masked matrix product, between chunks by one small
product with the matrix of decays between chunks. It does several scans at once, some from the first token to the
last and some the other way, without reversing any tensor. ``sequential_scan`` is the recurrence itself, kept as
the reference that the tests compare against.

Shapes: x [batch, scans, heads, tokens, channels], dt [batch, scans, heads, tokens] (>= 0), a [scans, heads] (< 0),
b and c [batch, scans, tokens, state], shared by the heads of a scan.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK = 32
# Added to masked exponents: exp() of it is 0, and it stays finite in float16.
_MASKED = -3.0e4


def sequential_scan(x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """The recurrence of every scan from the first token to the last, one after the other. Without the D x term.
    Reference only."""
    b, c = b[:, :, None], c[:, :, None]
    state = x.new_zeros(*x.shape[:3], b.shape[-1], x.shape[-1])
    outputs = []
    for t in range(x.shape[3]):
        decay = torch.exp(dt[..., t] * a)[..., None, None]
        state = decay * state + b[..., t, :, None] * (dt[..., t, None] * x[..., t, :])[..., None, :]
        outputs.append((c[..., t, None, :] @ state)[..., 0, :])
    return torch.stack(outputs, dim=3)


def chunked_scan(
    x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, backward: tuple[bool, ...], chunk: int = CHUNK
) -> Tensor:
    """``sequential_scan`` in matrix products, for scans that go forward or, where ``backward`` says so, backward.

    Any number of tokens: it is padded to whole chunks, and padding tokens, being 0, add nothing to any state.
    """
    # Read as numbers, so that a traced graph does not compute them.
    batch, scans, heads, channels, state = (int(n) for n in (*x.shape[:3], x.shape[4], b.shape[3]))
    tokens = x.shape[3]
    pad = (chunk - tokens % chunk) % chunk
    x = F.pad(x * dt[..., None], (0, 0, 0, pad)).reshape(batch * scans, heads, -1, chunk, channels)
    b, c = (F.pad(v, (0, 0, 0, pad)).reshape(batch * scans, 1, -1, chunk, state) for v in (b, c))
    log_decay = F.pad(dt * a[..., None], (0, pad)).reshape(batch * scans, heads, -1, chunk)

    ones = torch.ones(chunk, chunk, dtype=x.dtype, device=x.device)
    upper, lower = torch.triu(ones), torch.tril(ones)

    def by_direction(back: Tensor, ahead: Tensor) -> Tensor:
        """One of two matrices for every scan: [batch * scans, 1, 1, rows, columns]."""
        return torch.stack([back if wanted else ahead for wanted in backward] * batch)[:, None, None]

    # sums[t] = log decay gathered from the chunk's own first token (or last, backward) up to and with t.
    sums = (log_decay[..., None, :] @ by_direction(lower, upper))[..., 0, :]
    hidden = by_direction(1 - upper, 1 - lower) * _MASKED
    y = (torch.exp(sums[..., :, None] - sums[..., None, :] + hidden) * (c @ b.transpose(-1, -2))) @ x

    total = log_decay.sum(-1, keepdim=True)
    # Decays go to the side of b and c: a state has fewer numbers than a token has channels.
    chunk_state = (b * torch.exp(total - sums)[..., None]).transpose(-1, -2) @ x

    # Entering state of chunk i: the states that chunks before it leave, decayed by the chunks in between.
    # A state that has faded to e^-20 is gone; without the bound, sums over many chunks would lose the small differences.
    n_total = torch.clamp(total[..., 0], min=-20.0)
    n_ones = torch.ones_like(n_total[0, 0, :, None] * n_total[0, 0, None, :])
    n_upper, n_lower = torch.triu(n_ones), torch.tril(n_ones)
    n_sums = (n_total[..., None, :] @ by_direction(n_lower, n_upper)[:, 0])[..., 0, :]
    n_hidden = (1 - by_direction(n_upper - n_upper * n_lower, n_lower - n_upper * n_lower)[:, 0]) * _MASKED
    # Over many chunks the differences outgrow any mask: cut off what is masked before it could overflow.
    between = torch.clamp((n_sums - n_total)[..., :, None] - n_sums[..., None, :], max=0.0) + n_hidden
    entering = (torch.exp(between) @ chunk_state.flatten(-2)).reshape(batch * scans, heads, -1, state, channels)
    y = y + (c * torch.exp(sums)[..., None]) @ entering
    return y.reshape(batch, scans, heads, -1, channels)[:, :, :, :tokens]
