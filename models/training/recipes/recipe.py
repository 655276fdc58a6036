"""What ``train.py``, ``evaluate.py`` and ``export.py`` need to know of a network: its recipe."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from data.packs import Picture

Batch = tuple[Tensor, ...]
"""What a recipe's loss takes: network input, truth and so on, each [count, channels, height, width]."""


@dataclass(frozen=True)
class RecipeOptions:
    """Where the data is and how a run is set up. Paths that a recipe does not need may be None."""

    pack: Path
    clean: Path | None
    perceptual: Path | None
    size: str
    seed: int
    crop: int
    batch: int


class Recipe(ABC):
    """One network's data, loss and validation."""

    rate: float
    """Highest learning rate of the schedule."""

    card: dict[str, object]
    """What the model card says of every model of this network: task, contract, licence."""

    training_card: dict[str, object]
    """What the card says of the training data."""

    validation: str
    """What ``validate`` measures on, in words."""

    def __init__(self, options: RecipeOptions):
        self.options = options

    @abstractmethod
    def network(self) -> nn.Module:
        """The network of the wanted size, freshly initialised."""

    @abstractmethod
    def load(self) -> None:
        """Reads the training data into memory."""

    @abstractmethod
    def batch(self, number: int) -> Batch:
        """The batch of step ``number``: the same one at every call with the same seed."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """The scalar to minimise."""

    def finish(self, network: nn.Module) -> None:
        """Sets what is not learnt by gradients, after training and before export. Never looks at the validation split."""

    @abstractmethod
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        """Measures on the validation split, or on its first ``count`` pictures."""


def to_tensor(picture: Picture) -> Tensor:
    """uint8 [height, width, 3] to float32 [1, 3, height, width] in 0..1."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
