"""LIEDNet on low-light pairs."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.low_light import LowLightBatches
from data.packs import read_low_light_pairs, read_picture, read_split
from losses.perceptual import PerceptualDistance
from losses.pixel import psnr, scaled_to_mean, ssim
from networks.liednet import MULTIPLE, SIZES, LIEDNet

from .recipe import Batch, Recipe

# Of each batch, this share is darkened from well-lit pictures when a pack of them is given.
SYNTHETIC_SHARE = 0.25


class LIEDNetRecipe(Recipe):
    """L1 and structural similarity on the picture, 0.8 times L1 on the 1/8-size side picture, perceptual if wanted."""

    rate = 2e-3
    validation = "40 LOL validation pairs at 600x400, split by scene"
    card = {
        "network": "LIEDNet",
        "paper": "LIEDNet: A Lightweight Network for Low-light Enhancement and Deblurring, IEEE TCSVT 2025",
        "task": "low-light",
        "input": {
            "name": "input",
            "shape": [1, 3, "height", "width"],
            "multiple": 8,
            "range": [0, 1],
            "colourSpace": "rgb",
        },
        "output": {"name": "output", "meaning": "rgb"},
        "workingSizes": ["256x144", "320x184"],
        "licence": "MIT for the weights' files; trained on data for research and non-commercial use",
    }
    training_card = {
        "data": [
            {"name": "LOL v1 (our485, halved, without scenes of its test set)", "licence": "research"},
            {"name": "ImageNet samples, CCP, BSDS500, CamVid, Sun-Hays, Flickr8k, darkened", "licence": "research, non-commercial"},
        ],
    }

    def network(self) -> nn.Module:
        return LIEDNet(SIZES[self.options.size])

    def load(self) -> None:
        options = self.options
        clean = []
        if options.clean is not None:
            clean = [read_picture(options.clean / name) for name in read_split(options.clean, "train")]
        pairs = read_low_light_pairs(options.pack, "train")
        self.batches = LowLightBatches(pairs, clean, options.crop, options.batch, options.seed, SYNTHETIC_SHARE)
        self.perceptual = PerceptualDistance(options.perceptual) if options.perceptual else None

    def batch(self, number: int) -> Batch:
        return self.batches.batch(number)

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        low, high = batch
        picture, side = network(low, side=True)
        loss = F.l1_loss(picture, high) + 0.1 * (1 - ssim(picture, high).mean())
        loss = loss + 0.8 * F.l1_loss(side, F.avg_pool2d(high, MULTIPLE))
        if self.perceptual is not None:
            loss = loss + 0.01 * self.perceptual.to(low.device)(picture, high)
        return loss

    @torch.no_grad()
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        device = next(network.parameters()).device
        scores: dict[str, list[float]] = {"psnr": [], "psnr_at_mean": [], "ssim": []}
        for pair in read_low_light_pairs(self.options.pack, "val", full_size=True)[:count]:
            low, high = (to_tensor(p).to(device) for p in (pair.low, pair.high))
            picture = network(low).clamp(0, 1)
            scores["psnr"].append(psnr(picture, high).item())
            scores["psnr_at_mean"].append(psnr(scaled_to_mean(picture, high), high).item())
            scores["ssim"].append(ssim(picture, high).item())
        return {name: sum(values) / len(values) for name, values in scores.items()}


def to_tensor(picture) -> Tensor:
    """uint8 [height, width, 3] to float32 [1, 3, height, width] in 0..1."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
