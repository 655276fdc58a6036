"""Measures an exported model on the validation split, through its ONNX file, and writes the figures into its card.

    python evaluate.py liednet --pack PACK --model ../liednet-live
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from recipes.recipe import RecipeOptions
from recipes.registry import RECIPES


class OnnxNetwork(nn.Module):
    """An ONNX file that can be called like the network it was made from."""

    def __init__(self, path: Path, threads: int):
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        # Recipes ask a network's parameters for its device.
        self.device = nn.Parameter(torch.zeros(1), requires_grad=False)

    def forward(self, picture: Tensor) -> Tensor:
        return torch.from_numpy(self.session.run(None, {"input": picture.numpy()})[0])


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


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an exported model of Afterglow.")
    parser.add_argument("network", choices=sorted(RECIPES))
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="the model's folder, with model.onnx and model.json")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    recipe = RECIPES[options.network](RecipeOptions(options.pack, None, None, "live", seed=0, crop=0, batch=0))
    path = options.model / "model.json"
    card = json.loads(path.read_text())
    measures = recipe.validate(OnnxNetwork(options.model / "model.onnx", options.threads), None)
    card["quality"] = {
        "split": recipe.validation,
        "command": f"python evaluate.py {options.network} --pack PACK --model models/{card['name']}",
        **{name: round(value, 4) for name, value in measures.items()},
    }
    card["timing"] = {"provider": "cpu", "threads": 1, "size": "256x144", "milliseconds": round(milliseconds(options.model / "model.onnx", recipe.card["input"]["shape"][1], 144, 256), 1)}
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(card["quality"], indent=2), json.dumps(card["timing"]))


if __name__ == "__main__":
    main()
