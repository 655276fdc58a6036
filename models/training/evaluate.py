"""Measures exported models on their validation splits, through their ONNX files, and writes the figures into their cards.

    python evaluate.py --all --data DATA               every model under models/, beside its bars and baselines
    python evaluate.py liednet-live --data DATA        one model

DATA is a folder of packs: lol, exposure, colour, damage, and baselines with the weights of published networks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from data.packs import PackError
from product import Product
from recipes.recipe import Recipe, RecipeOptions
from recipes.registry import RECIPES

MODELS = Path(__file__).resolve().parent.parent
# Width and height at which speed is told: that of live use. Holes are filled in crops.
_TIMED_AT = {"mat": (256, 256)}


class OnnxNetwork(nn.Module):
    """An ONNX file that can be called like the network it was made from."""

    def __init__(self, path: Path, threads: int):
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def forward(self, picture: Tensor) -> Tensor:
        return torch.from_numpy(self.session.run(None, {"input": picture.numpy()})[0])


class Baseline(nn.Module):
    """A function that can be called like a network."""

    def __init__(self, enhance: Callable[[Tensor], Tensor]):
        super().__init__()
        self.enhance = enhance

    def forward(self, picture: Tensor) -> Tensor:
        return self.enhance(picture)


def milliseconds(path: Path, channels: int, height: int, width: int, runs: int = 15) -> float:
    """Median CPU time of one picture on one thread."""
    network = OnnxNetwork(path, threads=1)
    picture = torch.from_numpy(np.random.default_rng(0).random((1, channels, height, width), dtype=np.float32))
    times = []
    for _ in range(runs):
        start = time.process_time()
        network(picture)
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def recipe_of(name: str, data: Path) -> tuple[str, Recipe]:
    """The network's name and its recipe for a model called NETWORK-SIZE, set up to validate from a folder of packs."""
    network, _, size = name.rpartition("-")
    if network not in RECIPES or size not in ("live", "full"):
        sys.exit(f"error: {name} is no model of these networks: {', '.join(sorted(RECIPES))}, each with -live or -full")
    packs = RECIPES[network].packs
    perceptual = data / "baselines" / "squeezenet_v10.npz"
    return network, RECIPES[network](
        RecipeOptions(
            pack=data / packs["pack"], clean=None, damage=data / packs["damage"] if "damage" in packs else None,
            perceptual=perceptual if perceptual.is_file() else None, size=size, seed=0, crop=0, batch=0,
        )
    )


def evaluate(name: str, data: Path, threads: int, with_baselines: bool, product: bool) -> list[tuple[str, ...]]:
    """Measures one model, writes its card, and gives the table's rows: name, figures, and bars."""
    network, recipe = recipe_of(name, data)
    path = MODELS / name / "model.json"
    card = json.loads(path.read_text())
    onnx_file = MODELS / name / card["file"]
    measures = recipe.validate(OnnxNetwork(onnx_file, threads), None)
    folder = data / "baselines"
    baselines = {}
    if with_baselines and folder.is_dir():
        for baseline, enhance in recipe.baselines(folder).items():
            with torch.no_grad():
                baselines[baseline] = recipe.validate(Baseline(enhance), None)
    width, height = _TIMED_AT.get(network, (256, 144))
    card["quality"] = {
        "split": recipe.validation,
        "command": f"python evaluate.py {name} --data DATA",
        **{measure: round(value, 4) for measure, value in measures.items()},
    }
    through_product = recipe.validate(Product(recipe.pipeline, recipe.options.size), None) if product else {}
    if product:
        card["quality"]["product"] = {measure: round(value, 4) for measure, value in through_product.items()}
    card["timing"] = {
        "provider": "cpu", "threads": 1, "size": f"{width}x{height}",
        "milliseconds": round(milliseconds(onnx_file, recipe.card["input"]["shape"][1], height, width), 1),
    }
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    rows = [
        (name, bar.what, f"{bar.reached:.2f}", f"{bar.least:g}", "met" if bar.met else "MISSED")
        for bar in recipe.bars(measures, baselines)
    ]
    rows += [
        (name, measure, f"{value:.3f}", "", f"{through_product[measure]:.3f} through the product" if product else "")
        for measure, value in measures.items()
    ]
    rows.append((name, f"ms at {card['timing']['size']}, one core", f"{card['timing']['milliseconds']}", "", ""))
    for baseline, theirs in baselines.items():
        rows.append((f"  {baseline}", ", ".join(theirs), ", ".join(f"{v:.3f}" for v in theirs.values()), "", ""))
    return rows


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Columns as wide as their widest entry."""
    rows = [("model", "measure", "figure", "bar", ""), *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure exported models of Afterglow.")
    parser.add_argument("models", nargs="*", help="names of models under models/, such as liednet-live")
    parser.add_argument("--all", action="store_true", help="every model under models/ that is one of these networks")
    parser.add_argument("--data", type=Path, required=True, help="a folder of packs")
    parser.add_argument("--no-baselines", action="store_true", help="leave out the published networks, which take long")
    parser.add_argument("--product", action="store_true", help="measure through `afterglow process` too; needs a built program")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names = options.models
    if options.all:
        found = sorted(path.parent.name for path in MODELS.glob("*/model.json"))
        names = [name for name in found if name.rpartition("-")[0] in RECIPES]
    if not names:
        parser.error("name a model, or --all")
    rows = []
    for name in names:
        rows += evaluate(name, options.data, options.threads, not options.no_baselines, options.product)
    print_table(rows)


if __name__ == "__main__":
    try:
        main()
    except PackError as error:
        sys.exit(f"error: {error}")
