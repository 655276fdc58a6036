"""LIEDNet on low-light pairs."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from losses.pixel import ssim
from networks.liednet import MULTIPLE, SIZES, LIEDNet

from .low_light import LowLightRecipe
from .recipe import Bar, Batch


class LIEDNetRecipe(LowLightRecipe):
    """L1 and structural similarity on the picture, 0.8 times L1 on the 1/8-size side picture, perceptual if wanted."""

    pipeline = "night-cctv"
    rate = 2e-3
    card = {
        "network": "LIEDNet",
        "paper": "LIEDNet: A Lightweight Network for Low-light Enhancement and Deblurring, IEEE TCSVT 2025",
        **LowLightRecipe.card,
    }

    def network(self) -> nn.Module:
        return LIEDNet(SIZES[self.options.size])

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        return network(batch[0], side=True)

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (low, high), (picture, side) = batch, made
        loss = F.l1_loss(picture, high) + 0.1 * (1 - ssim(picture, high).mean())
        loss = loss + 0.8 * F.l1_loss(side, F.avg_pool2d(high, MULTIPLE))
        if self.perceptual is not None:
            loss = loss + 0.01 * self.perceptual.to(low.device)(picture, high)
        return loss

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        decibels, likeness = (20.5, 0.78) if self.options.size == "live" else (22.0, 0.82)
        return [Bar("PSNR, dB", measures["psnr"], decibels), Bar("SSIM", measures["ssim"], likeness)]
