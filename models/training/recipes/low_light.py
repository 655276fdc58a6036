"""What networks for low light have in common: their pairs, their contract and how they are judged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.low_light import low_light_baselines
from data.low_light import LowLightBatches
from data.packs import Picture, read_low_light_pairs, read_photographs
from losses.perceptual import PerceptualDistance
from losses.pixel import likeness, mean_of, ssim

from .card import contract, photographs
from .recipe import Batch, Recipe, device_of, spread, to_picture, to_tensor

# Of each batch, this share is darkened from well-lit pictures when a pack of them is given.
SYNTHETIC_SHARE = 0.25


class LowLightRecipe(Recipe):
    """Real pairs, with darkened photographs mixed in; RGB in, RGB out."""

    packs = {"pack": "lol", "clean": "colour"}
    validation = "40 LOL validation pairs at 600x400, split by scene"
    card = contract("low-light", "rgb", 8, ["256x144", "320x184"])
    training_card = {
        "data": [
            {"name": "LOL v1 (our485, halved, without scenes of its test set)", "licence": "research"},
            photographs("darkened"),
        ],
    }

    def load(self) -> None:
        options = self.options
        clean = read_photographs(options.clean, "train") if options.clean is not None else []
        pairs = read_low_light_pairs(options.pack, "train")
        self.batches = LowLightBatches(pairs, clean, options.crop, options.batch, options.seed, SYNTHETIC_SHARE)
        self.perceptual = PerceptualDistance(options.perceptual) if options.perceptual else None

    def batch(self, number: int) -> Batch:
        return self.batches.batch(number)

    def likeness_loss(self, picture: Tensor, truth: Tensor) -> Tensor:
        """L1, structural similarity and the logarithm of the squared error, which is what PSNR takes the mean of; with
        SqueezeNet's weights, a perceptual term."""
        squared = ((picture - truth) ** 2).mean((1, 2, 3))
        loss = F.l1_loss(picture, truth) + 0.1 * (1 - ssim(picture, truth).mean())
        loss = loss + 0.02 * torch.log(squared + 1e-4).mean()
        if self.perceptual is not None:
            loss = loss + 0.01 * self.perceptual.to(picture.device)(picture, truth)
        return loss

    def baselines(self, folder: Path) -> dict[str, Callable[[Tensor], Tensor]]:
        return low_light_baselines(folder)

    @torch.no_grad()
    def examples(self, network: nn.Module, count: int) -> list[dict[str, Picture]]:
        pairs = read_low_light_pairs(self.options.pack, "val", full_size=True)
        return [
            {"dark": pair.low, "enhanced": to_picture(network(to_tensor(pair.low))), "truth": pair.high}
            for pair in spread(pairs, count)
        ]

    @torch.no_grad()
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        device = device_of(network)
        scores = []
        for pair in spread(read_low_light_pairs(self.options.pack, "val", full_size=True), count):
            low, high = (to_tensor(p).to(device) for p in (pair.low, pair.high))
            scores.append(likeness(network(low).clamp(0, 1), high))
        return mean_of(scores)
