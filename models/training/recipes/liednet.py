"""LIEDNet on low-light pairs."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from networks.liednet import MULTIPLE, SIZES, LIEDNet
from networks.liednet_inference import LIEDNetInference

from .low_light import LowLightRecipe
from .recipe import Bar, Batch


class LIEDNetRecipe(LowLightRecipe):
    """Likeness of the picture, and 0.8 times L1 on the 1/8-size side picture."""

    pipeline = "night-cctv"
    rate = 2e-3
    card = {
        "network": "LIEDNet",
        "paper": "LIEDNet: A Lightweight Network for Low-light Enhancement and Deblurring, IEEE TCSVT 2025",
        **LowLightRecipe.card,
        "workingSizes": ["160x88", "256x144", "320x184"],
    }

    def network(self) -> nn.Module:
        return LIEDNet(SIZES[self.options.size])

    def for_inference(self, network: nn.Module) -> nn.Module:
        return LIEDNetInference(network) if self.options.size == "live" else network

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        return network(batch[0], side=True)

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (_, high), (picture, side) = batch, made
        return self.likeness_loss(picture, high) + 0.8 * F.l1_loss(side, F.avg_pool2d(high, MULTIPLE))

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        decibels, likeness = (20.5, 0.78) if self.options.size == "live" else (22.0, 0.82)
        return [Bar("PSNR, dB", measures["psnr"], decibels), Bar("SSIM", measures["ssim"], likeness)]
