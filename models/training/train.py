"""Trains a network from a data pack. See README.md beside this file.

    python train.py liednet --size live --pack PACK --out runs/liednet-live --steps 12000

The run can be killed at any moment and taken up again with --resume: batches depend on the seed and the step
alone, and a checkpoint is written whole or not at all. On a GPU it uses mixed precision; --minutes ends a chunk.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import sys
import time
from pathlib import Path

import torch
from torch import nn

import checkpoint
import curve
from data.packs import PackError
from losses.adversarial import Adversary
from recipes.recipe import Batch, Recipe, RecipeOptions
from recipes.registry import RECIPES

_WARM_UP_STEPS = 200
# Discriminators enter late: before, they would judge what the other terms have yet to get right.
_ADVERSARIAL_SHARE = 0.25


def learning_rate(step: int, steps: int, highest: float) -> float:
    """Linear warm-up, then a cosine down to a thousandth."""
    if step < _WARM_UP_STEPS:
        return highest * (step + 1) / _WARM_UP_STEPS
    along = (step - _WARM_UP_STEPS) / max(1, steps - _WARM_UP_STEPS)
    return highest * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * min(1.0, along))))


def update_average(average: nn.Module, network: nn.Module, step: int) -> None:
    """Exponential moving average of the weights; its memory grows to about a thousand steps."""
    keep = min(0.999, (1 + step) / (10 + step))
    with torch.no_grad():
        for kept, new in zip(average.parameters(), network.parameters(), strict=True):
            kept.lerp_(new, 1 - keep)
        for kept, new in zip(average.buffers(), network.buffers(), strict=True):
            kept.copy_(new)


def take_step(
    recipe: Recipe, network: nn.Module, batch: Batch, optimiser: torch.optim.Optimizer, adversary: Adversary | None, mixed: bool
) -> tuple[bool, dict[str, float]]:
    """One step of the network, and of its adversary if there is one. Gives whether the weights moved, and the losses."""
    with torch.autocast(batch[0].device.type, torch.bfloat16, enabled=mixed):
        made = recipe.predict(network, batch)
    # Losses take differences of near-equal numbers, which 16 bits would lose.
    made = tuple(t.float() for t in made)
    loss = recipe.loss(network, batch, made)
    rivals = recipe.rivals(batch, made) if adversary is not None else {}
    if adversary is not None:
        loss = loss + adversary.term(rivals)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    # A step with a broken gradient would spoil the weights for good: leave it out.
    taken = bool(torch.isfinite(norm))
    if taken:
        optimiser.step()
    losses = {"loss": loss.item()}
    if adversary is not None:
        losses["discriminators"] = adversary.learn(rivals)
    return taken, losses


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The options, those of the command line by default. Ends the program where they make no sense."""
    parser = argparse.ArgumentParser(description="Train a network of Afterglow.")
    parser.add_argument("network", choices=sorted(RECIPES))
    parser.add_argument("--size", choices=("live", "full"), default="live")
    parser.add_argument("--pack", type=Path, required=True, help="the network's data pack")
    parser.add_argument("--clean", type=Path, help="a pack of well-lit pictures to darken, mixed in")
    parser.add_argument("--perceptual", type=Path, help="SqueezeNet weights (npz) for the perceptual loss")
    parser.add_argument("--damage", type=Path, help="a pack of film-damage stamps, for networks that fill holes")
    parser.add_argument("--adversarial", type=float, default=0.0, help="weight of an adversarial term, such as 0.01")
    parser.add_argument(
        "--adversarial-share", type=float, help="last share of the steps that have this term; by default a quarter, or all "
        "with --unpaired",
    )
    parser.add_argument("--unpaired", action="store_true", help="train in a loop of two generators, without pairs")
    parser.add_argument("--clip", type=Path, help="a folder of CLIP's parts for the text-driven term, see README.md")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, log and curve")
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=128, help="longest side of the crops, a multiple of 16")
    parser.add_argument("--rate", type=float, help="highest learning rate; the recipe's by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; more than one only on an idle machine")
    parser.add_argument(
        "--mixed", action=argparse.BooleanOptionalAction,
        help="networks in bfloat16; by default on a GPU. CPUs with AVX512-BF16 are faster by half for it",
    )
    parser.add_argument("--validate-every", type=int, default=500)
    parser.add_argument("--validate-on", type=int, default=12, help="pictures per validation during training")
    parser.add_argument("--checkpoint-seconds", type=float, default=120)
    parser.add_argument("--minutes", type=float, help="stop with a checkpoint after this long")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--from-weights", type=Path, help="start from the averaged weights of this checkpoint")
    options = parser.parse_args(words)
    for name in ("adversarial", "unpaired", "clip"):
        if getattr(options, name) and name not in RECIPES[options.network].extras:
            able = ", ".join(network for network, recipe in sorted(RECIPES.items()) if name in recipe.extras)
            parser.error(f"--{name} is for {able}")
    if options.unpaired and not options.adversarial:
        parser.error("--unpaired needs --adversarial: without discriminators, nothing says what a well-lit picture is")
    if options.adversarial_share is None:
        options.adversarial_share = 1.0 if options.unpaired else _ADVERSARIAL_SHARE
    if not 0 < options.adversarial_share <= 1:
        parser.error("--adversarial-share must be above 0 and at most 1")
    return options


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    recipe = RECIPES[options.network](
        RecipeOptions(
            pack=options.pack, clean=options.clean, perceptual=options.perceptual,
            damage=options.damage, size=options.size,
            seed=options.seed, crop=options.crop, batch=options.batch,
            unpaired=options.unpaired, clip=options.clip,
        )
    )
    recipe.load()
    network = recipe.network().to(device)
    rate = options.rate or recipe.rate
    if options.from_weights:
        checkpoint.load_average(options.from_weights, network)
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), rate, betas=(0.9, 0.99), weight_decay=1e-4)
    parts: dict[str, checkpoint.Stateful] = {"network": network, "average": average, "optimiser": optimiser}
    adversary = None
    if options.adversarial:
        start = round(options.steps * (1 - options.adversarial_share))
        adversary = parts["adversary"] = Adversary(recipe.critics(), options.adversarial, start, device)

    options.out.mkdir(parents=True, exist_ok=True)
    state, log = options.out / "checkpoint.pt", options.out / "log.csv"
    done = checkpoint.Progress(0, [])
    if options.resume and state.is_file():
        done = checkpoint.load(state, parts)
    elif state.is_file():
        sys.exit(f"{state} exists: add --resume to go on, or choose another --out")

    mixed = options.mixed if options.mixed is not None else device.type == "cuda"
    started = saved = time.monotonic()
    losses: dict[str, list[float]] = {}
    step = done.step
    while step < options.steps:
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, options.steps, rate)
        # What a network draws at random depends on the step alone too.
        torch.manual_seed(options.seed * 1_000_003 + step)
        batch = tuple(t.to(device) for t in recipe.batch(step))
        rival = adversary if adversary is not None and step >= adversary.start else None
        taken, told = take_step(recipe, network, batch, optimiser, rival, mixed)
        if taken:
            update_average(average, network, step)
        for name, value in told.items():
            losses.setdefault(name, []).append(value)
        step += 1

        timed_out = options.minutes is not None and time.monotonic() - started > options.minutes * 60
        if step % options.validate_every == 0 or step == options.steps:
            measures = recipe.validate(average, options.validate_on)
            means = {name: sum(values) / len(values) for name, values in losses.items()}
            done.history.append({"step": step, **means, **measures})
            losses.clear()
            _write_log(log, done.history)
            curve.draw(log, log.with_suffix(".png"))
            pace = (time.monotonic() - started) / max(1, step - done.step)
            figures = " ".join(f"{k} {v:.4f}" for k, v in done.history[-1].items() if k != "step")
            print(f"step {step}/{options.steps} {figures} left {pace * (options.steps - step) / 60:.0f} min", flush=True)
        if time.monotonic() - saved > options.checkpoint_seconds or step == options.steps or timed_out:
            checkpoint.save(state, parts, checkpoint.Progress(step, done.history))
            saved = time.monotonic()
        if timed_out:
            print(f"stopped at step {step} after {options.minutes} minutes; go on with --resume", flush=True)
            return


def _write_log(path: Path, history: list[dict[str, float]]) -> None:
    with path.open("w", newline="") as file:
        # Rows have more columns once discriminators have entered.
        writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(name for row in history for name in row)))
        writer.writeheader()
        writer.writerows(history)


if __name__ == "__main__":
    try:
        main()
    except (PackError, checkpoint.CheckpointError) as error:
        sys.exit(f"error: {error}")
