"""Padding to the sizes that layers with strides need."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def pad_to_multiple(x: Tensor, multiple: int) -> Tensor:
    """Repeats the last row and column until height and width are multiples of ``multiple``."""
    down, right = (-x.shape[2]) % multiple, (-x.shape[3]) % multiple
    return F.pad(x, (0, right, 0, down), mode="replicate")
