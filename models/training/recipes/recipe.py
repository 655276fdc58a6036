"""What ``train.py``, ``evaluate.py`` and ``export.py`` need to know of a network: its recipe."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from data.packs import Picture
from losses.adversarial import Rivals

_T = TypeVar("_T")

Batch = tuple[Tensor, ...]
"""What a recipe's loss takes: network input, truth and so on, each [count, channels, height, width]."""


@dataclass(frozen=True)
class Bar:
    """A measure that a network is held to."""

    what: str
    reached: float
    least: float

    @property
    def met(self) -> bool:
        return self.reached >= self.least


@dataclass(frozen=True)
class RecipeOptions:
    """Where the data is and how a run is set up. Paths that a recipe does not need may be None."""

    pack: Path
    clean: Path | None
    perceptual: Path | None
    damage: Path | None
    size: str
    seed: int
    crop: int
    batch: int
    unpaired: bool = False
    clip: Path | None = None


class Recipe(ABC):
    """One network's data, loss and validation."""

    rate: float
    """Highest learning rate of the schedule."""

    card: dict[str, object]
    """What the model card says of every model of this network: task, contract, licence."""

    training_card: dict[str, object]
    """What the card says of the training data."""

    pipeline: str
    """The product's pipeline that runs this network: its name, or the text of a recipe."""

    extras: tuple[str, ...] = ()
    """Terms of the loss that may be asked for: options of ``train.py`` that not every network has."""

    packs: dict[str, str]
    """Name of the pack that each option stands for, in a folder of all packs: pack, clean, damage."""

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
    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        """What the network makes of a batch. May run in mixed precision."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        """The scalar to minimise; ``made``: what ``predict`` gave, in 32-bit floats."""

    def critics(self) -> tuple[str, ...]:
        """Names of the discriminators, for networks with an adversarial term."""
        return ()

    def rivals(self, batch: Batch, made: tuple[Tensor, ...]) -> Rivals:
        """What each of the ``critics`` is shown."""
        return {}

    def for_inference(self, network: nn.Module) -> nn.Module:
        """The finished network as it is exported: itself, or the same function in cheaper operators."""
        return network

    def finish(self, network: nn.Module) -> None:
        """Sets what is not learnt by gradients, after training and before export. Never looks at the validation split."""

    @abstractmethod
    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        """What the measures of ``validate`` are held to; baselines: the same measures of ``baselines``."""

    def baselines(self, folder: Path) -> dict[str, Callable[[Tensor], Tensor]]:
        """Published networks to measure by the same code, from the weights in ``folder``. A name with * was trained on
        pictures that it is measured on."""
        return {}

    @abstractmethod
    def examples(self, network: nn.Module, count: int) -> list[dict[str, Picture]]:
        """``count`` pictures spread over the validation split: each as it comes, as it leaves, and as it should be, by
        heading."""

    @abstractmethod
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        """Measures on the validation split, or on its first ``count`` pictures."""


def device_of(network: nn.Module) -> torch.device:
    """Where the network's weights are, and its input must be; the CPU for what has none, such as an ONNX file."""
    return next(network.parameters(), torch.zeros(0)).device


def to_tensor(picture: Picture) -> Tensor:
    """uint8 [height, width, 3] to float32 [1, 3, height, width] in 0..1."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255


def to_picture(tensor: Tensor) -> Picture:
    """float32 [1, 3, height, width] to uint8 [height, width, 3], clipped."""
    return (tensor[0].clamp(0, 1).permute(1, 2, 0).cpu().numpy() * 255 + 0.5).astype("uint8")


def spread(items: list[_T], count: int | None) -> list[_T]:
    """``count`` of the items, evenly spread; all of them for None."""
    return items if count is None else items[:: max(1, len(items) // count)][:count]
