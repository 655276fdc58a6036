"""Training without pairs, in a loop of two generators, one that lights and one that darkens (NeRCo, after CycleGAN)."""

from __future__ import annotations

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

# The paper's weights.
CYCLE = 10.0
IDENTITY = 5.0
CONSISTENCY = 40.0


class Loop(NamedTuple):
    """What the generators make of a dark and of a well-lit picture that have nothing to do with each other."""

    lit: Tensor
    """The dark picture, lit."""
    redrawn: Tensor
    """The dark picture as the representation redraws it, smaller."""
    dark: Tensor
    """The well-lit picture, darkened."""
    low_again: Tensor
    """The dark picture, lit and darkened."""
    high_again: Tensor
    """The well-lit picture, darkened and lit."""
    low_same: Tensor
    """The dark picture, darkened, which ought to change nothing."""
    high_same: Tensor
    """The well-lit picture, lit, which ought to change nothing."""


def run_loop(light: nn.Module, darken: nn.Module, low: Tensor, high: Tensor) -> Loop:
    """Both ways round. light: gives the picture, and with ``redrawn=True`` what it has redrawn too."""
    lit, redrawn = light(low, redrawn=True)
    dark = darken(high)
    return Loop(lit, redrawn, dark, darken(lit), light(dark), darken(low), light(high))


def loop_loss(loop: Loop, low: Tensor, high: Tensor) -> Tensor:
    """There and back is where one came from; what is dark or lit already stays so; what is redrawn is consistent with the
    dark picture. That lit pictures look lit is not in it: discriminators see to that."""
    cycle = F.l1_loss(loop.low_again, low) + F.l1_loss(loop.high_again, high)
    identity = F.l1_loss(loop.low_same, low) + F.l1_loss(loop.high_same, high)
    return CYCLE * cycle + IDENTITY * identity + CONSISTENCY * redrawing_loss(loop.redrawn, low)


def redrawing_loss(redrawn: Tensor, low: Tensor) -> Tensor:
    """L1 of the redrawn picture and the mean of the dark picture's pixels that each of its points stands for."""
    return F.l1_loss(redrawn, F.avg_pool2d(low, low.shape[2] // redrawn.shape[2]))
