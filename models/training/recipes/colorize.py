"""Colorization on photographs."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from colour_space import ciede2000, colourfulness, lab_to_rgb, rgb_to_lab
from data.colour import ColourBatches
from data.packs import Picture, read_photographs
from losses.perceptual import SqueezeNetFeatures
from losses.pixel import mean_of
from networks.colorize import MULTIPLE, SIZES, SPACING, STEP, Colorize
from networks.padding import pad_to_multiple

from .card import contract, photographs
from .recipe import Bar, Batch, Recipe, device_of, spread, to_picture, to_tensor

# Of the training photographs, every so manyth is kept out of training and sets the temperature.
_HELD_OUT_EVERY = 24
# Long side of the picture that the network sees when it is judged: that of live use.
_WORKING_SIZE = 256
# Colourfulness, as a share of the originals', that the temperature must reach.
_COLOURFUL = 0.65
# Share of the mean chroma that training asks for.
_COLOURFUL_IN_TRAINING = 0.65


class ColorizeRecipe(Recipe):
    """Cross-entropy of the distribution of colours, rare ones weighted up, and CIEDE2000 of its mean, whose chroma must
    reach a share of the truth's: the mean of what is plausible is brown, and brown is safe.

    With SqueezeNet's weights, the deepest features must also tell that network's features of the colour picture: a
    teacher of what things are, which three thousand photographs alone are too few to learn from.
    """

    pipeline = "colorize-film"
    rate = 1e-3
    packs = {"pack": "colour"}
    validation = "154 photographs, colour at 256 pixels on the long side, compared at full size"
    card = {
        "network": "residual encoder-decoder with a distribution of colours",
        "paper": "layout of the Paddle colorization article; colour classes of Colorful Image Colorization, ECCV 2016",
        **contract("colorization", "lab-l", 16, ["256x144", "384x216"]),
    }
    training_card = {
        "data": [photographs()],
        "teacher": "features of SqueezeNet v1.0 (BSD), in training only",
    }

    def network(self) -> nn.Module:
        network = Colorize(SIZES[self.options.size])
        if self.options.perceptual is not None:
            # Part of the training state; the exported network ends before it.
            network.teacher_head = nn.Conv2d(network.features, 512, 1)
        return network

    def load(self) -> None:
        options = self.options
        photographs = read_photographs(options.pack, "train")
        kept = [p for i, p in enumerate(photographs) if i % _HELD_OUT_EVERY != 0]
        self.batches = ColourBatches(kept, options.crop, options.batch, options.seed)
        self.teacher = SqueezeNetFeatures(options.perceptual).eval() if options.perceptual else None
        self.colours = Colorize(SIZES["live"]).colours.flatten(1).T
        self.weights = self._weights(kept)

    def _weights(self, photographs: list[Picture]) -> Tensor:
        """A weight for each quantised colour: the more the rarer, 1 in the mean over pixels."""
        count = torch.zeros(len(self.colours))
        for picture in photographs[::4]:
            small = cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA)
            count += self._likelihood(rgb_to_lab(to_tensor(small))[:, 1:]).sum((0, 2, 3))
        share = count / count.sum()
        weights = (share + 0.1 / len(share)) ** -0.25
        return weights / (weights * share).sum()

    def _likelihood(self, ab: Tensor) -> Tensor:
        """Truth as a distribution: each quantised colour by its nearness, [batch, colours, height, width]."""
        colours = self.colours.to(ab.device)
        squared = (ab * ab).sum(1, keepdim=True) - 2 * torch.einsum("qc,bchw->bqhw", colours, ab)
        squared = squared + (colours * colours).sum(1).view(1, -1, 1, 1)
        return torch.softmax(-squared / (2 * (SPACING / 2) ** 2), 1)

    def batch(self, number: int) -> Batch:
        return self.batches.batch(number)

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        scores, deepest = network.distribution(rgb_to_lab(batch[0])[:, :1] / 100)
        return (scores, network.teacher_head(deepest)) if self.teacher is not None else (scores,)

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (rgb,), (scores, *told) = batch, made
        lab = rgb_to_lab(rgb)
        truth = F.avg_pool2d(pad_to_multiple(lab, MULTIPLE), STEP)
        likelihood = self._likelihood(truth[:, 1:])
        weight = (likelihood * self.weights.to(rgb.device).view(1, -1, 1, 1)).sum(1)
        entropy = -(likelihood * F.log_softmax(scores, 1)).sum(1)
        loss = 0.5 * (weight * entropy).mean()
        coloured = torch.cat((truth[:, :1], network.mean_colour(scores, 1.0)), 1)
        loss = loss + 0.3 * ciede2000(coloured, truth).mean()
        # Mean chroma, not the measure's own spread: a few glaring dots at the edge would satisfy that.
        made_chroma, chroma = (torch.sqrt((lab[:, 1:] ** 2).sum(1) + 1e-6).mean() for lab in (coloured, truth))
        loss = loss + 2 * F.relu(_COLOURFUL_IN_TRAINING - made_chroma / chroma)
        if self.teacher is not None:
            with torch.no_grad():
                wanted = self.teacher.to(rgb.device)(rgb)[-1]
            told = F.interpolate(told[0], size=wanted.shape[2:], mode="bilinear", align_corners=False)
            loss = loss + 0.5 * (1 - F.cosine_similarity(told, wanted, dim=1).mean())
        return loss

    def finish(self, network: nn.Module) -> None:
        """Sets the temperature on photographs kept out of training: the least difference of colour among those
        temperatures that are colourful enough; the most colourful if none is."""
        held_out = [p for i, p in enumerate(read_photographs(self.options.pack, "train")) if i % _HELD_OUT_EVERY == 0]
        pictures = spread(held_out, 40)
        tried = []
        for temperature in (1.6, 1.3, 1.0, 0.75, 0.5, 0.3):
            network.temperature.fill_(temperature)
            tried.append({"temperature": temperature, **_summary([_judge(network, p) for p in pictures])})
        colourful = [scores for scores in tried if scores["colourfulness"] >= _COLOURFUL]
        if colourful:
            best = min(colourful, key=lambda scores: scores["ciede2000"])
        else:
            best = max(tried, key=lambda scores: scores["colourfulness"])
        network.temperature.fill_(best["temperature"])

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        below = 100 * (1 - measures["ciede2000"] / measures["grey_ciede2000"])
        share = 100 * measures["colourfulness"]
        return [
            Bar("CIEDE2000 below grey, %", below, 15),
            Bar("colourfulness, % of the originals'", share, 60),
            Bar("colourfulness to spare below 120 %", 120 - share, 0),
        ]

    @torch.no_grad()
    def examples(self, network: nn.Module, count: int) -> list[dict[str, Picture]]:
        rows = []
        for picture in spread(read_photographs(self.options.pack, "val"), count):
            lab = rgb_to_lab(to_tensor(picture))
            made = to_picture(_coloured(network, picture, lab))
            rows.append({"grey": to_picture(lab_to_rgb(_grey(lab))), "coloured": made, "original": picture})
        return rows

    @torch.no_grad()
    def validate(self, network: nn.Module, count: int | None) -> dict[str, float]:
        pictures = spread(read_photographs(self.options.pack, "val"), count)
        return _summary([_judge(network, picture) for picture in pictures])


def _coloured(network: nn.Module, picture: Picture, lab: Tensor) -> Tensor:
    """RGB of the picture's own lightness with the network's colours, found at the working size."""
    if getattr(network, "takes_full_size", False):
        ab = network(lab[:, :1] / 100) * 128
    else:
        height, width = picture.shape[:2]
        scale = _WORKING_SIZE / max(height, width)
        size = tuple(max(MULTIPLE, round(side * scale / 8) * 8) for side in (width, height))
        small = np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        lightness = rgb_to_lab(to_tensor(small).to(lab.device))[:, :1] / 100
        ab = F.interpolate(network(lightness) * 128, size=(height, width), mode="bilinear", align_corners=False)
    return lab_to_rgb(torch.cat((lab[:, :1], ab), 1)).clamp(0, 1)


def _grey(lab: Tensor) -> Tensor:
    """The same lightness without colour, in Lab."""
    return lab * torch.tensor((1.0, 0.0, 0.0), device=lab.device).view(1, 3, 1, 1)


def _summary(scores: list[dict[str, float]]) -> dict[str, float]:
    """Means over pictures; colourfulness as the share of the originals'."""
    means = mean_of(scores)
    made, original = means.pop("made"), means.pop("original")
    return {**means, "colourfulness": made / original}


@torch.no_grad()
def _judge(network: nn.Module, picture: Picture) -> dict[str, float]:
    """ciede2000 of the coloured and grey_ciede2000 of the grey picture; colourfulness made and of the original."""
    device = device_of(network)
    lab = rgb_to_lab(to_tensor(picture).to(device))
    rgb = _coloured(network, picture, lab)
    return {
        "ciede2000": ciede2000(rgb_to_lab(rgb), lab).mean().item(),
        "grey_ciede2000": ciede2000(_grey(lab), lab).mean().item(),
        "made": colourfulness(rgb).item(),
        "original": colourfulness(to_tensor(picture).to(device)).item(),
    }
