"""LIEDNet: shapes at odd sizes, and its ONNX file against PyTorch."""

import tempfile
import unittest
from pathlib import Path

import onnx
import torch

import export
from networks.liednet import SIZES, LIEDNet


class LIEDNetTest(unittest.TestCase):
    def test_gives_back_the_size_it_was_given(self) -> None:
        network = LIEDNet(SIZES["live"]).eval()
        for height, width in ((144, 256), (8, 8), (17, 33), (100, 51)):
            with self.subTest(height=height, width=width), torch.no_grad():
                output = network(torch.rand(1, 3, height, width))
                self.assertEqual(output.shape, (1, 3, height, width))
                self.assertTrue(torch.isfinite(output).all())

    def test_trains_every_weight(self) -> None:
        network = LIEDNet(SIZES["live"])
        picture, side = network(torch.rand(2, 3, 40, 56), side=True)
        (picture.square().mean() + side.square().mean()).backward()
        for name, weight in network.named_parameters():
            self.assertIsNotNone(weight.grad, name)
            self.assertTrue(torch.isfinite(weight.grad).all(), name)

    def test_its_onnx_file_computes_the_same_at_any_size(self) -> None:
        torch.manual_seed(3)
        network = LIEDNet(SIZES["live"]).eval()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            export.export_onnx(network, path, 3)
            self.assertLess(export.parity(network, path, 3), 1e-3)
            operators = {node.op_type for node in onnx.load(str(path)).graph.node}
        # What runtimes other than the CPU's do not have.
        self.assertFalse(operators & {"Scan", "Loop", "If", "CumSum", "Einsum", "ScatterND"})


if __name__ == "__main__":
    unittest.main()
