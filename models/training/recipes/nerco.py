"""NeRCo on low-light pairs."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from networks.nerco import SIZES, NeRCo

from .low_light import LowLightRecipe
from .recipe import Bar, Batch


class NeRCoRecipe(LowLightRecipe):
    """Likeness of the picture; the redrawn picture is held to the mean of the dark one's pixels.

    The paper trains without pairs, in a loop of two generators. Pairs are at hand here and say more.
    """

    pipeline = "night-nerco"
    rate = 1e-3
    card = {
        "network": "NeRCo",
        "paper": "Implicit Neural Representation for Cooperative Low-light Image Enhancement, ICCV 2023",
        **LowLightRecipe.card,
    }
    training_card = {
        **LowLightRecipe.training_card,
        "remark": "supervised by pairs; without the paper's second generator, discriminators and CLIP term",
    }

    def network(self) -> nn.Module:
        return NeRCo(SIZES[self.options.size])

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        return network(batch[0], redrawn=True)

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (low, high), (picture, redrawn) = batch, made
        redrawing = F.l1_loss(redrawn, F.avg_pool2d(low, low.shape[2] // redrawn.shape[2]))
        return self.likeness_loss(picture, high) + redrawing

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        return [Bar("PSNR, dB", measures["psnr"], 19.0)]
