"""MAT on film damage and large holes."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from data.degradations import to_float
from data.holes import HoleBatches, damage_mask, free_form_mask, read_stamps
from data.packs import PackError, Picture, read_photographs
from losses.adversarial import Rivals
from losses.perceptual import PerceptualDistance
from losses.pixel import mean_of, ssim
from networks.mat import SIZES, MAT

from .card import contract, photographs
from .recipe import Bar, Batch, Recipe, device_of, spread, to_picture, to_tensor

# Of each batch, this share has large free-form holes instead of film damage.
LARGE_SHARE = 0.3
# The masks of validation are drawn with this seed and the number of the picture.
_VALIDATION_SEED = 7


class MATRecipe(Recipe):
    """L1 in the holes for both stages, structural similarity, and a perceptual distance where SqueezeNet is at hand."""

    pipeline = "description: Repairs\nstages:\n  - stage: repair\n    model: mat-live\n"
    rate = 1e-3
    extras = ("adversarial",)
    packs = {"pack": "colour", "damage": "damage"}
    validation = "154 photographs with film damage (psnr, in the holes) and with large free-form holes (distance)"
    card = {
        "network": "MAT",
        "paper": "MAT: Mask-Aware Transformer for Large Hole Image Inpainting, CVPR 2022",
        **contract("inpainting", "rgb+mask", 32, ["256x256"]),
    }
    training_card = {
        "data": [
            photographs(),
            {"name": "FilmDamageSimulator stamps", "licence": "MIT"},
        ],
        "remark": "without the paper's adversarial loss; perceptual loss on SqueezeNet v1.0 (BSD), in training only",
    }

    def network(self) -> nn.Module:
        return MAT(SIZES[self.options.size])

    def load(self) -> None:
        options = self.options
        self.batches = HoleBatches(
            read_photographs(options.pack, "train"), self._stamps(), options.crop, options.batch, options.seed, LARGE_SHARE
        )
        self.perceptual = PerceptualDistance(options.perceptual) if options.perceptual else None

    def _stamps(self) -> list[np.ndarray]:
        if self.options.damage is None:
            raise PackError("this network needs --damage, the folder of the film-damage stamps")
        return read_stamps(self.options.damage)

    def batch(self, number: int) -> Batch:
        return self.batches.batch(number)

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        truth, mask = batch
        return network(torch.cat((truth * (1 - mask), mask), 1), stages=True)

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (truth, mask), (picture, draft) = batch, made
        # Known pixels are kept, so all difference lies in the holes; every crop's holes weigh alike.
        area = mask.mean((1, 2, 3)).clamp_min(0.01)
        loss = sum(((p - truth).abs().mean((1, 2, 3)) / area).mean() for p in (picture, draft))
        loss = loss + ((1 - ssim(picture, truth)) / area).mean() * 0.1
        if self.perceptual is not None:
            loss = loss + 0.1 * self.perceptual.to(truth.device)(picture.clamp(0, 1), truth)
        return loss

    def critics(self) -> tuple[str, ...]:
        return ("picture",)

    def rivals(self, batch: Batch, made: tuple[Tensor, ...]) -> Rivals:
        # Around the holes both are the same: what gives a filling away is how it joins.
        return {"picture": (made[0], batch[0])}

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        bars = [Bar("PSNR in the holes over Telea's, dB", measures["psnr"] - measures["telea_psnr"], 1.5)]
        if "distance" in measures:
            bars.append(Bar("Telea's perceptual distance over ours", measures["telea_distance"] / measures["distance"], 1.0))
        return bars

    def examples(self, network: nn.Module, count: int) -> list[dict[str, Picture]]:
        stamps, rows = self._stamps(), []
        pictures = list(enumerate(read_photographs(self.options.pack, "val")))
        for i, (number, picture) in enumerate(spread(pictures, count)):
            shape = picture.shape[:2]
            draw = damage_mask(_generator(number), *shape, stamps) if i % 2 == 0 else free_form_mask(_generator(number), *shape)
            rows.append({
                "holes": (picture * (1 - draw[:, :, None])).astype(np.uint8),
                "Telea": _by_telea(picture, draw), "filled": _by_network(network, picture, draw), "truth": picture,
            })
        return rows

    @torch.no_grad()
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        device = device_of(network)
        stamps = self._stamps()
        distance = PerceptualDistance(self.options.perceptual).to(device) if self.options.perceptual else None
        pictures = list(enumerate(read_photographs(self.options.pack, "val")))
        scores = []
        for number, picture in spread(pictures, count):
            damaged = damage_mask(_generator(number), *picture.shape[:2], stamps)
            large = free_form_mask(_generator(number), *picture.shape[:2])
            score = {}
            for name, fill in (("", lambda p, m: _by_network(network, p, m)), ("telea_", _by_telea)):
                score[f"{name}psnr"] = _psnr_in_holes(fill(picture, damaged), picture, damaged)
                if distance is not None:
                    filled = (to_tensor(p).to(device) for p in (fill(picture, large), picture))
                    score[f"{name}distance"] = distance(*filled).item()
            scores.append(score)
        return mean_of(scores)


def _generator(number: int) -> np.random.Generator:
    return np.random.default_rng((_VALIDATION_SEED, number))


@torch.no_grad()
def _by_network(network: nn.Module, picture: Picture, mask: np.ndarray) -> Picture:
    device = device_of(network)
    holes = torch.from_numpy(mask)[None, None].to(device)
    return to_picture(network(torch.cat((to_tensor(picture).to(device) * (1 - holes), holes), 1)))


def _by_telea(picture: Picture, mask: np.ndarray) -> Picture:
    """What image editors do: Telea 2004, as OpenCV has it."""
    return cv2.inpaint(np.ascontiguousarray(picture), (mask * 255).astype(np.uint8), 3, cv2.INPAINT_TELEA)


def _psnr_in_holes(filled: Picture, truth: Picture, mask: np.ndarray) -> float:
    error = ((to_float(filled) - to_float(truth)) ** 2)[mask > 0].mean()
    return float(-10 * np.log10(error + 1e-10))
