"""NeRCo on low-light pairs, or without pairs."""

from __future__ import annotations

from torch import Tensor, nn

from data.unpaired import UnpairedBatches
from losses.adversarial import Rivals
from losses.dual_loop import Loop, loop_loss, redrawing_loss, run_loop
from losses.pixel import edges
from losses.text_driven import TextDriven
from networks.nerco import SIZES, Generator, NeRCo

from .low_light import LowLightRecipe
from .recipe import Bar, Batch

# Of the text-driven term: beside a likeness of about 0.1 with pairs, beside the loop's large weights without.
_TEXT_WEIGHT, _TEXT_WEIGHT_UNPAIRED = 0.05, 1.0


class NeRCoRecipe(LowLightRecipe):
    """Likeness of the picture; the redrawn picture is held to the mean of the dark one's pixels.

    The paper trains without pairs, in a loop of two generators. Pairs are at hand here and say more; the paper's way is
    an option.
    """

    pipeline = "night-nerco"
    rate = 1e-3
    extras = ("adversarial", "unpaired", "clip")
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
        config = SIZES[self.options.size]
        network = NeRCo(config)
        if self.options.unpaired:
            # Part of the training state; the exported network ends before it.
            network.darken = Generator(3, config.filters, config.blocks)
        return network

    def load(self) -> None:
        super().load()
        if self.options.unpaired:
            self.batches = UnpairedBatches(self.batches)
        self.text = TextDriven(self.options.clip) if self.options.clip else None

    def predict(self, network: nn.Module, batch: Batch) -> tuple[Tensor, ...]:
        low, high = batch
        return run_loop(network, network.darken, low, high) if self.options.unpaired else network(low, redrawn=True)

    def loss(self, network: nn.Module, batch: Batch, made: tuple[Tensor, ...]) -> Tensor:
        (low, high), (picture, redrawn, *_) = batch, made
        if self.options.unpaired:
            loss = loop_loss(Loop(*made), low, high)
        else:
            loss = self.likeness_loss(picture, high) + redrawing_loss(redrawn, low)
        if self.text is not None:
            weight = _TEXT_WEIGHT_UNPAIRED if self.options.unpaired else _TEXT_WEIGHT
            loss = loss + weight * self.text.to(low.device)(picture, light=True)
        return loss

    def critics(self) -> tuple[str, ...]:
        lit, dark = ("lit", "lit_edges"), ("dark", "dark_edges")
        return lit + dark if self.options.unpaired else lit

    def rivals(self, batch: Batch, made: tuple[Tensor, ...]) -> Rivals:
        low, high = batch
        rivals = {"lit": (made[0], high)}
        if self.options.unpaired:
            rivals["dark"] = (Loop(*made).dark, low)
        return rivals | {f"{name}_edges": (edges(a), edges(b)) for name, (a, b) in rivals.items()}

    def bars(self, measures: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[Bar]:
        return [Bar("PSNR, dB", measures["psnr"], 19.0)]
