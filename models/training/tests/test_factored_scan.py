"""The scan as it is exported against the one that is trained, and weights that are exported anew."""

import tempfile
import unittest
from pathlib import Path

import torch
from torch import Tensor

import export
from networks.factored_scan import CHUNK, GROUP, MapSize, decay_rates, four_way_scan
from networks.liednet import SIZES, LIEDNet, SelectiveScan2d
from networks.liednet_inference import LIEDNetInference

HEADS, STATE, CHANNELS = 2, 4, 6


def _both(height: int, width: int, rate: float, step: float) -> tuple[Tensor, Tensor]:
    """The trained scan's result and the exported one's. rate: of decay; step: added to dt before its softplus."""
    generator = torch.Generator().manual_seed(height * 1000 + width)
    scan = SelectiveScan2d(CHANNELS, HEADS, STATE)
    x = torch.randn(1, CHANNELS, height, width, generator=generator)
    scanned = torch.randn(1, 4 * (HEADS + 2 * STATE), height, width, generator=generator)
    with torch.no_grad():
        scan.log_rate.copy_(torch.randn(4, HEADS, generator=generator) * 0.5 + torch.log(torch.tensor(rate)))
        scanned.view(4, HEADS + 2 * STATE, height, width)[:, :HEADS] += step
        wanted = scan._scan(x, scanned)
        got = four_way_scan(x, scanned, decay_rates(scan.log_rate), STATE, MapSize.of(height, width))
    return wanted, got


class FactoredScanTest(unittest.TestCase):
    def test_equals_the_trained_scan_at_any_size(self) -> None:
        # Below, at and above whole chunks and whole groups of them.
        for height, width in ((1, 1), (3, 5), (4, CHUNK), (GROUP, CHUNK), (17, 33), (36, 64)):
            with self.subTest(height=height, width=width):
                wanted, got = _both(height, width, rate=1.0, step=-2.0)
                self.assertEqual(got.shape, wanted.shape)
                self.assertLess((got - wanted).abs().max().item(), 1e-4)

    def test_slow_decay_is_exact_over_thousands_of_tokens(self) -> None:
        wanted, got = _both(48, 70, rate=1e-3, step=-2.0)
        self.assertLess((got - wanted).abs().max().item() / wanted.abs().max().item(), 1e-4)

    def test_the_strongest_decay_stays_finite_and_near(self) -> None:
        wanted, got = _both(40, 40, rate=30.0, step=2.0)
        self.assertTrue(torch.isfinite(got).all())
        # What should be gone at once may stay for a token, as a 150th.
        self.assertLess((got - wanted).abs().max().item() / wanted.abs().max().item(), 0.05)


class ExportTest(unittest.TestCase):
    def test_weights_are_exported_anew_from_a_file(self) -> None:
        torch.manual_seed(3)
        trained = LIEDNet(SIZES["live"])
        with torch.no_grad():
            for weight in trained.parameters():
                weight.add_(0.02 * torch.randn_like(weight))
        network = LIEDNetInference(trained).eval()
        export.round_weights(network, 5000)
        other = LIEDNetInference(LIEDNet(SIZES["live"])).eval()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            export.export_onnx(network, path, 3, 5000)
            export.load_weights(other, path)
        picture = torch.rand(1, 3, 40, 56)
        with torch.no_grad():
            self.assertLess((network(picture) - other(picture)).abs().max().item(), 1e-5)


if __name__ == "__main__":
    unittest.main()
