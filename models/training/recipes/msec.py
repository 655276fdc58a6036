"""MSEC on exposure brackets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.low_light import exposure_baselines
from data.exposure import ExposureBatches
from data.packs import Picture, read_brackets, read_photographs
from losses.adversarial import Rivals
from losses.pixel import likeness, mean_of, ssim
from networks.msec import LEVELS, MSEC, MULTIPLE, SIZES
from networks.padding import pad_to_multiple
from networks.pyramid import double, gaussian_pyramid

from .card import contract, photographs
from .recipe import Bar, Batch, Recipe, device_of, spread, to_picture, to_tensor

# Of each batch, this share is exposed anew from well-exposed pictures when a pack of them is given.
SYNTHETIC_SHARE = 0.15


class MSECRecipe(Recipe):
    """L1 and structural similarity on the picture, L1 on each coarser level's enlarged output."""

    pipeline = "exposure"
    rate = 1e-3
    extras = ("adversarial",)
    packs = {"pack": "exposure", "clean": "colour"}
    validation = "126 members of 20 exposure brackets (SICE) at 256x256, split by scene"
    card = {
        "network": "MSEC",
        "paper": "Learning Multi-Scale Photo Exposure Correction, CVPR 2021",
        **contract("exposure", "rgb", 8, ["256x144", "320x184"]),
    }
    training_card = {
        "data": [
            {"name": "SICE part 1 as in Zero-DCE++'s training set, fused by exposure fusion", "licence": "research, CC BY-NC 4.0"},
            photographs("exposed anew"),
        ],
    }

    def network(self) -> nn.Module:
        return MSEC(SIZES[self.options.size])

    def load(self) -> None:
        options = self.options
        clean = read_photographs(options.clean, "train") if options.clean is not None else []
        brackets = read_brackets(options.pack, "train")
        self.batches = ExposureBatches(brackets, clean, options.crop, options.batch, options.seed, SYNTHETIC_SHARE)

    def batch(self, number: int) -> Batch:
        return self.batches.batch(number)

    def baselines(self, folder: Path) -> dict[str, Callable[[Tensor], Tensor]]:
        return exposure_baselines(folder)

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        over = [Bar(f"PSNR over {name}, dB", measures["psnr"] - theirs["psnr"], 1.5) for name, theirs in baselines.items()]
        return over or [Bar("PSNR, dB (1.5 over IAT's 14.5)", measures["psnr"], 16.0)]

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        picture, levels = network(batch[0], levels=True)
        return picture, *levels

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (_, truth), (picture, *levels) = batch, made
        loss = F.l1_loss(picture, truth) + 0.1 * (1 - ssim(picture, truth).mean())
        pyramid = gaussian_pyramid(pad_to_multiple(truth, MULTIPLE), LEVELS)[::-1]
        for output, wanted in zip(levels, pyramid, strict=False):
            loss = loss + 0.5 * F.l1_loss(output, double(wanted))
        return loss

    def critics(self) -> tuple[str, ...]:
        return ("picture",)

    def rivals(self, batch: Batch, made: tuple[Tensor, ...]) -> Rivals:
        return {"picture": (made[0], batch[1])}

    def _pairs(self) -> list[tuple[Picture, Picture]]:
        return [(e, b.truth) for b in read_brackets(self.options.pack, "val") for e in b.exposures]

    @torch.no_grad()
    def examples(self, network: nn.Module, count: int) -> list[dict[str, Picture]]:
        return [
            {"exposure": exposure, "corrected": to_picture(network(to_tensor(exposure))), "truth": truth}
            for exposure, truth in spread(self._pairs(), count)
        ]

    @torch.no_grad()
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        device = device_of(network)
        scores = []
        for exposure, truth in spread(self._pairs(), count):
            picture = network(to_tensor(exposure).to(device)).clamp(0, 1)
            scores.append(likeness(picture, to_tensor(truth).to(device)))
        return mean_of(scores)
