"""The four-way selective scan of a feature map as it is exported: what ``SelectiveScan2d`` computes, in fewer operations.

It differs from ``chunked_scan`` in four ways:

* The decay from token s to token t is taken apart, exp(S_t) * exp(-S_s), so that exponentials are taken of tokens and not of
  pairs of tokens. For both factors to stay finite, a token's decay is at least e^-5: what has faded to a 150th in one token may
  stay there that long. (The factors of a chunk of 16 tokens then lie within e^80, a float's range being e^88.)
* Both directions along the same tokens share one product with them.
* Channels come before tokens, as the map has them.
* States that enter chunks are gathered within groups of chunks first, and then between groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK = 16
GROUP = 12
_LEAST_LOG_DECAY = -5.0
# A state that has faded to e^-20 is gone.
_GONE = -20.0
_MASKED = -3.0e4


@dataclass(frozen=True)
class MapSize:
    """Size of a map, and how many tokens are added to make whole groups of chunks. Read once for all maps of a size: a traced
    graph computes each anew."""

    height: int
    width: int
    padding: int

    @staticmethod
    def of(height: int, width: int) -> MapSize:
        return MapSize(height, width, (-height * width) % (CHUNK * GROUP))


def softplus(x: Tensor) -> Tensor:
    """log(1 + e^x) in operators that runtimes have vectorised; theirs of that name goes number by number."""
    return F.relu(x) + torch.log(1 + torch.exp(-x.abs()))


def _both(forward: Tensor, backward: Tensor, axes: int) -> Tensor:
    """A matrix for each direction, the second of so many axes before a matrix's own."""
    return torch.stack((forward, backward)).reshape(1, 2, *[1] * (axes - 2), *forward.shape)


def _entering(total: Tensor, states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """States that enter each of n places in a row, from what the places before it leave.

    total: log decay over each place, [..., n], direction second; states: what each leaves, [..., n, numbers]. Returns the
    entering states and the log decays from the row's beginning up to each place, without and with it.
    """
    total = torch.clamp(total, min=_GONE)
    ones = torch.ones_like(total.flatten(0, -2)[0, :, None] * total.flatten(0, -2)[0, None, :])
    upper, lower = torch.triu(ones), torch.tril(ones)
    axes = total.dim() - 1
    up_to = (total[..., None, :] @ _both(upper, lower, axes))[..., 0, :]
    before = up_to - total
    hidden = _both(1 - lower + upper * lower, 1 - upper + upper * lower, axes) * _MASKED
    # Over many places the differences outgrow any mask: cut off what is masked before it could overflow.
    between = torch.clamp(before[..., :, None] - up_to[..., None, :], max=0.0) + hidden
    return torch.exp(between) @ states, before, up_to


def _entering_by_groups(total: Tensor, states: Tensor) -> Tensor:
    """Entering states of a row of whole groups of places: [..., n, numbers]."""
    # Read as numbers, so that a traced graph does not compute them.
    outer, numbers = [int(n) for n in total.shape[:-1]], int(states.shape[-1])
    total = torch.clamp(total, min=_GONE).reshape(*outer, -1, GROUP)
    states = states.reshape(*outer, -1, GROUP, numbers)
    within, before, up_to = _entering(total, states)
    of_group = total.sum(-1)
    leaving = (torch.exp(of_group[..., None] - up_to)[..., None, :] @ states)[..., 0, :]
    of_groups, _, _ = _entering(of_group, leaving)
    return (within + torch.exp(before)[..., None] * of_groups[..., None, :]).reshape(*outer, -1, numbers)


def decay_rates(log_rate: Tensor) -> Tensor:
    """Rates as ``four_way_scan`` takes them, of a scan's logarithms, [4, heads]."""
    return -torch.exp(log_rate).reshape(2, 2, -1, 1, 1)


def four_way_scan(x: Tensor, scanned: Tensor, rate: Tensor, state: int, size: MapSize) -> Tensor:
    """Scans along rows and columns, each forwards and backwards, summed, without the D x term.

    x [1, channels, height, width]; scanned [1, 4 * (heads + 2 * state), height, width]: dt before its softplus, B and C of the
    rows' two directions, then of the columns'; rate: ``decay_rates``. Returns a map like x.
    """
    heads, channels = int(rate.shape[2]), int(x.shape[1])
    half = 2 * (heads + 2 * state)

    def padded(rows: Tensor, columns: Tensor) -> Tensor:
        """Both orders of tokens, [2, channels, tokens]."""
        count = int(rows.shape[1])
        flat = torch.cat((rows.reshape(1, count, -1), columns.transpose(2, 3).reshape(1, count, -1)))
        return F.pad(flat, (0, size.padding))

    # Axes from here on: order of tokens, direction, head, chunk, and two of a matrix.
    tokens = padded(x, x).reshape(2, heads, channels // heads, -1, CHUNK).transpose(2, 3)
    parameters = padded(scanned[:, :half], scanned[:, half:]).reshape(2, 2, heads + 2 * state, -1, CHUNK)
    dt, b, c = parameters.split([heads, state, state], 2)
    b, c = (v.transpose(2, 3)[:, :, None] for v in (b, c))
    dt = softplus(dt)
    log_decay = torch.clamp(dt * rate, min=_LEAST_LOG_DECAY)

    ones = torch.ones(CHUNK, CHUNK)
    upper, lower = torch.triu(ones), torch.tril(ones)
    decay = torch.exp(log_decay @ _both(upper, lower, 3))
    b, c = b * (dt / decay)[..., None, :], c * decay[..., None, :]
    turned = b.transpose(-1, -2)
    y = tokens @ ((turned @ c) * _both(upper, lower, 4)).sum(1)

    total = log_decay.sum(-1)
    leaving = (tokens[:, None] @ turned) * torch.exp(total)[..., None, None]
    each = (channels // heads, state)
    entering = _entering_by_groups(total, leaving.flatten(-2)).reshape(2, 2, heads, -1, *each)
    y = y + (entering @ c).sum(1)

    rows, columns = y.transpose(2, 3).reshape(2, channels, -1)[:, :, : size.height * size.width].split(1)
    across = columns.reshape(1, channels, size.width, size.height).transpose(2, 3)
    return rows.reshape(1, channels, size.height, size.width) + across
