"""Exports a trained network as ONNX with its card, and holds the file against PyTorch. See README.md.

    python export.py liednet --size live --pack PACK --checkpoint runs/liednet-live/checkpoint.pt --out ../liednet-live

Writes model.onnx and model.json. Measured quality is added by evaluate.py, which reads the exported file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import checkpoint
from recipes.recipe import RecipeOptions
from recipes.registry import RECIPES

_OPSET = 18
_PARITY_SIZES = ((144, 256), (120, 204))
# Padding by nothing leaves no trace: take a size at which every padding of a network pads.
_TRACE_SIZE = (133, 245)
_PARITY_LIMIT = 1e-3
# Tensors of at least this many values are stored in 16 bits.
_HALF_FROM = 256


def export_onnx(network: nn.Module, path: Path, channels: int) -> None:
    """Writes the network with free height and width."""
    axes = {"input": {2: "height", 3: "width"}, "output": {2: "height", 3: "width"}}
    with warnings.catch_warnings():
        # The tracer warns of every size that is read in Python; the parity check below is what counts.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.rand(1, channels, *_TRACE_SIZE),), str(path), input_names=["input"], output_names=["output"],
            dynamic_axes=axes, opset_version=_OPSET, dynamo=False,
        )
    simplify(path)


def simplify(path: Path) -> None:
    """Folds constants and shortens names: a traced graph is mostly shape arithmetic, and names take half the file.

    Only the runtime's basic level, which stays within standard ONNX operators.
    """
    folded = path.with_suffix(".folded")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folded)
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    model = onnx.load(str(folded))
    folded.unlink()
    kept = {value.name for value in (*model.graph.input, *model.graph.output)}
    names: dict[str, str] = {}

    def short(name: str) -> str:
        return name if name == "" or name in kept else names.setdefault(name, f"v{len(names)}")

    for tensor in model.graph.initializer:
        tensor.name = short(tensor.name)
    for number, node in enumerate(model.graph.node):
        node.name, node.doc_string = f"n{number}", ""
        for side in (node.input, node.output):
            side[:] = [short(name) for name in side]
    del model.graph.value_info[:]
    store_half(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def store_half(graph: onnx.GraphProto) -> None:
    """Stores weights as 16-bit floats, widened by a Cast that every runtime folds when it loads: half the file, the same
    speed. Small tensors (biases, decay rates) keep 32 bits."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or int(np.prod(tensor.dims)) < _HALF_FROM:
            continue
        values = onnx.numpy_helper.to_array(tensor).astype(np.float16)
        name = tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, f"{name}_half"))
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], f"widen_{name}", to=onnx.TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def round_to_half(network: nn.Module) -> None:
    """Rounds the weights that ``store_half`` will store in 16 bits, so that both sides of the parity check are alike."""
    with torch.no_grad():
        for value in network.parameters():
            if value.numel() >= _HALF_FROM:
                value.copy_(value.half().float())


def parity(network: nn.Module, path: Path, channels: int) -> float:
    """Largest absolute difference between the file on the CPU provider and PyTorch, over sizes not all alike."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for height, width in _PARITY_SIZES:
        picture = torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(height))
        with torch.no_grad():
            wanted = network(picture).numpy()
        got = session.run(None, {"input": picture.numpy()})[0]
        worst = max(worst, float(np.abs(got - wanted).max()))
    return worst


def gflops(network: nn.Module, channels: int, height: int, width: int) -> float:
    """Floating-point operations of one picture, in thousand millions (a multiply and an add count as two)."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(torch.rand(1, channels, height, width))
    return counter.get_total_flops() / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description="Export a network of Afterglow.")
    parser.add_argument("network", choices=sorted(RECIPES))
    parser.add_argument("--size", choices=("live", "full"), default="live")
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the model's folder under models/")
    parser.add_argument("--training", type=json.loads, default={}, help="JSON: command, commit and seed, for the card")
    options = parser.parse_args()

    recipe = RECIPES[options.network](
        RecipeOptions(
            pack=options.pack, clean=None, perceptual=None, damage=None, size=options.size, seed=0, crop=0, batch=0
        )
    )
    network = recipe.network().eval()
    steps = checkpoint.load_average(options.checkpoint, network)
    recipe.finish(network)
    round_to_half(network)
    channels = recipe.card["input"]["shape"][1]
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "model.onnx"
    export_onnx(network, path, channels)
    difference = parity(network, path, channels)
    if difference > _PARITY_LIMIT:
        path.unlink()
        sys.exit(f"error: the exported file differs from PyTorch by {difference:.2e}, more than {_PARITY_LIMIT}")
    card = {
        "name": f"{options.network}-{options.size}",
        **recipe.card,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "parameters": sum(p.numel() for p in network.parameters()),
        "gflops": {"256x144": round(gflops(network, channels, 144, 256), 2)},
        "opset": _OPSET,
        "parity": {"maxAbsoluteError": float(f"{difference:.1e}"), "sizes": [f"{w}x{h}" for h, w in _PARITY_SIZES]},
        "training": {**recipe.training_card, **options.training, "steps": steps},
    }
    (options.out / "model.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, differs from PyTorch by {difference:.1e}")


if __name__ == "__main__":
    main()
