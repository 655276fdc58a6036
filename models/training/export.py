"""Exports a trained network as ONNX with its card, and holds the file against PyTorch. See README.md.

    python export.py liednet --size live --pack PACK --checkpoint runs/liednet-live/checkpoint.pt --out ../liednet-live

    python export.py liednet --size live --weights ../liednet-live/model.onnx --out ../liednet-live

Writes model.onnx, model.json and the run's log as training-log.csv. With --weights, the weights of an exported file are exported anew,
in what operators the network has now; its card stays but for what is told of the file. Measured quality is added by evaluate.py, which reads the exported file.
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
# Bytes a file may have; beyond, large weights go to 8 bits.
FILE_LIMITS = {"live": 4e6, "full": 25e6}
# What a graph itself takes at the most.
_GRAPH_BYTES = 60_000


def export_onnx(network: nn.Module, path: Path, channels: int, int8_from: int = sys.maxsize) -> None:
    """Writes the network with free height and width."""
    axes = {"input": {2: "height", 3: "width"}, "output": {2: "height", 3: "width"}}
    with warnings.catch_warnings():
        # The tracer warns of every size that is read in Python; the parity check below is what counts.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.rand(1, channels, *_TRACE_SIZE),), str(path), input_names=["input"], output_names=["output"],
            dynamic_axes=axes, opset_version=_OPSET, dynamo=False,
        )
    simplify(path, int8_from, {name for name, _ in network.named_parameters()})


def simplify(path: Path, int8_from: int, weights: set[str]) -> None:
    """Folds constants and shortens names: a traced graph is mostly shape arithmetic, and names take half the file. Weights keep
    theirs, so that ``load_weights`` finds them.

    Only the runtime's basic level, which stays within standard ONNX operators.
    """
    folded = path.with_suffix(".folded")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folded)
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    model = onnx.load(str(folded))
    folded.unlink()
    kept = weights | {value.name for value in (*model.graph.input, *model.graph.output)}
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
    store_small(model.graph, int8_from)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def int8_threshold(network: nn.Module, limit: float) -> int:
    """Size from which convolution weights must be stored in 8 bits for the file to stay within ``limit`` bytes; the
    other weights take 16 bits each."""
    sizes = sorted((w.numel() for w in network.parameters() if w.dim() == 4), reverse=True)
    total = 2.05 * sum(w.numel() for w in network.parameters()) + _GRAPH_BYTES
    threshold = sys.maxsize
    for size in sizes:
        if total < limit:
            break
        threshold = size
        total -= size
    return threshold


def round_weights(network: nn.Module, int8_from: int) -> None:
    """Rounds the weights as ``store_small`` will, so that what is checked and measured is what is shipped."""
    with torch.no_grad():
        for value in network.parameters():
            if value.dim() == 4 and value.numel() >= int8_from:
                scale, levels = to_int8(value.numpy())
                value.copy_(torch.from_numpy(levels.astype(np.float32) * scale))
            elif value.numel() >= _HALF_FROM:
                value.copy_(value.half().float())


def to_int8(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A scale for each entry of the first axis, [n, 1, 1, 1], and the weights as multiples of it, int8."""
    scale = np.maximum(np.abs(weights).max((1, 2, 3), keepdims=True), 1e-12).astype(np.float32) / 127
    return scale, np.round(weights / scale).astype(np.int8)


def store_small(graph: onnx.GraphProto, int8_from: int) -> None:
    """Stores weights in 16 bits, large convolutions' in 8, widened by operators that every runtime folds when it loads:
    a small file, the same speed. Small tensors (biases, decay rates) keep 32 bits."""
    widening = []
    float32 = onnx.TensorProto.FLOAT
    for tensor in list(graph.initializer):
        count = int(np.prod(tensor.dims))
        if tensor.data_type != float32 or count < _HALF_FROM:
            continue
        name, values = tensor.name, onnx.numpy_helper.to_array(tensor)
        if len(tensor.dims) == 4 and count >= int8_from:
            scale, levels = to_int8(values)
            tensor.CopyFrom(onnx.numpy_helper.from_array(levels, f"{name}_int8"))
            graph.initializer.append(onnx.numpy_helper.from_array(scale, f"{name}_scale"))
            widening.append(onnx.helper.make_node("Cast", [tensor.name], [f"{name}_wide"], f"widen_{name}", to=float32))
            widening.append(onnx.helper.make_node("Mul", [f"{name}_wide", f"{name}_scale"], [name], f"scale_{name}"))
        else:
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
            widening.append(onnx.helper.make_node("Cast", [tensor.name], [name], f"widen_{name}", to=float32))
    nodes = widening + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def load_weights(network: nn.Module, path: Path) -> None:
    """Loads the weights of a file that was exported before: the network as it is exported, perhaps in other operators."""
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(str(path)).graph.initializer}
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if f"{name}_int8" in stored:
                values = stored[f"{name}_int8"].astype(np.float32) * stored[f"{name}_scale"]
            else:
                values = stored.get(f"{name}_half", stored.get(name))
            # Equal constants are stored once, and are those of the network itself.
            if values is not None:
                weight.copy_(torch.from_numpy(values.astype(np.float32)))


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


def largest_difference(old: Path, new: Path, channels: int) -> float:
    """Largest absolute difference between what two files compute."""
    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (old, new)]
    worst = 0.0
    for height, width in _PARITY_SIZES:
        picture = np.random.default_rng(height).random((1, channels, height, width), np.float32)
        before, after = (session.run(None, {"input": picture})[0] for session in sessions)
        worst = max(worst, float(np.abs(before - after).max()))
    return worst


def write_onnx(network: nn.Module, path: Path, channels: int, size: str) -> dict[str, object]:
    """Writes the file and returns what a card tells of it. Ends the program where it does not compute what the network does."""
    int8_from = int8_threshold(network, FILE_LIMITS[size])
    round_weights(network, int8_from)
    export_onnx(network, path, channels, int8_from)
    difference = parity(network, path, channels)
    if difference > _PARITY_LIMIT:
        path.unlink()
        sys.exit(f"error: the exported file differs from PyTorch by {difference:.2e}, more than {_PARITY_LIMIT}")
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, differs from PyTorch by {difference:.1e}")
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "gflops": {"256x144": round(gflops(network, channels, 144, 256), 2)},
        "opset": _OPSET,
        "parity": {"maxAbsoluteError": float(f"{difference:.1e}"), "sizes": [f"{w}x{h}" for h, w in _PARITY_SIZES]},
    }


def write_card(folder: Path, card: dict[str, object]) -> None:
    (folder / "model.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


def export_anew(network: nn.Module, weights: Path, folder: Path, channels: int, size: str) -> None:
    """Exports the weights of a file that was exported before, and holds the new file against it."""
    card = json.loads(weights.with_name("model.json").read_text())
    load_weights(network, weights)
    fresh = folder / "model.new.onnx"
    facts = write_onnx(network, fresh, channels, size)
    difference = largest_difference(weights, fresh, channels)
    if difference > _PARITY_LIMIT:
        fresh.unlink()
        sys.exit(f"error: the new file differs from {weights} by {difference:.2e}: are those the weights of this network?")
    fresh.rename(folder / card["file"])
    write_card(folder, {**card, **facts})


def main() -> None:
    parser = argparse.ArgumentParser(description="Export a network of Afterglow.")
    parser.add_argument("network", choices=sorted(RECIPES))
    parser.add_argument("--size", choices=("live", "full"), default="live")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", type=Path, help="what train.py has written; needs --pack")
    source.add_argument("--weights", type=Path, help="a model.onnx that was exported before, with its card beside it")
    parser.add_argument("--pack", type=Path, default=Path("."))
    parser.add_argument("--out", type=Path, required=True, help="the model's folder under models/")
    parser.add_argument("--training", type=json.loads, default={}, help="JSON: command, commit and seed, for the card")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; more than one only on an idle machine")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    recipe = RECIPES[options.network](
        RecipeOptions(
            pack=options.pack, clean=None, perceptual=None, damage=None, size=options.size, seed=0, crop=0, batch=0
        )
    )
    options.out.mkdir(parents=True, exist_ok=True)
    channels = recipe.card["input"]["shape"][1]
    network = recipe.network().eval()
    if options.weights is not None:
        export_anew(recipe.for_inference(network).eval(), options.weights, options.out, channels, options.size)
        return
    steps = checkpoint.load_average(options.checkpoint, network)
    recipe.finish(network)
    parameters = sum(p.numel() for p in network.parameters())
    path = options.out / "model.onnx"
    facts = write_onnx(recipe.for_inference(network).eval(), path, channels, options.size)
    other = options.out.parent / f"{options.network}-full"
    card = {
        "name": f"{options.network}-{options.size}",
        **recipe.card,
        **({"fullSize": "not trained yet"} if options.size == "live" and not other.is_dir() else {}),
        "file": path.name,
        "parameters": parameters,
        **facts,
        "training": {**recipe.training_card, **options.training, "steps": steps},
    }
    log = options.checkpoint.with_name("log.csv")
    if log.is_file():
        # As text, so that its lines end as others' do.
        (options.out / "training-log.csv").write_text(log.read_text())
    write_card(options.out, card)


if __name__ == "__main__":
    main()
