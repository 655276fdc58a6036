"""Every network in every size: any height and width, gradients everywhere, and an ONNX file that computes the same."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import onnx
import torch

import export
from recipes.recipe import RecipeOptions
from recipes.registry import RECIPES

# What some provider of the runtime lacks, or runs a step at a time.
UNWANTED = {"Scan", "Loop", "If", "CumSum", "Einsum", "ScatterND"}
OUTPUT_CHANNELS = {"rgb": 3, "lab-ab": 2}


def every_network():
    for name, recipe_type in RECIPES.items():
        for size in ("live", "full"):
            recipe = recipe_type(
                RecipeOptions(pack=Path(), clean=None, perceptual=None, damage=None, size=size, seed=0, crop=0, batch=0)
            )
            torch.manual_seed(1)
            yield f"{name}-{size}", recipe, recipe.network()


class Networks(unittest.TestCase):
    def test_shapes_at_odd_sizes(self) -> None:
        for name, recipe, network in every_network():
            channels = recipe.card["input"]["shape"][1]
            wanted = OUTPUT_CHANNELS[recipe.card["output"]["meaning"]]
            for height, width in ((33, 47), (64, 80), (9, 130)):
                with self.subTest(name=name, height=height, width=width), torch.no_grad():
                    output = network.eval()(torch.rand(2, channels, height, width))
                    self.assertEqual(tuple(output.shape), (2, wanted, height, width))
                    self.assertTrue(torch.isfinite(output).all())

    def test_onnx_computes_the_same_at_any_size(self) -> None:
        for name, recipe, network in every_network():
            with self.subTest(name=name), tempfile.TemporaryDirectory() as folder:
                network.eval()
                limit = export.FILE_LIMITS[name.rpartition("-")[2]]
                int8_from = export.int8_threshold(network, limit)
                export.round_weights(network, int8_from)
                channels = recipe.card["input"]["shape"][1]
                path = Path(folder) / "model.onnx"
                export.export_onnx(network, path, channels, int8_from)
                self.assertLess(export.parity(network, path, channels), 1e-3)
                self.assertLess(path.stat().st_size, limit)
                operators = {node.op_type for node in onnx.load(str(path)).graph.node}
                self.assertFalse(operators & UNWANTED)


if __name__ == "__main__":
    unittest.main()
