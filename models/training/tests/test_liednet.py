"""LIEDNet: shapes, and gradients everywhere."""

import unittest

import torch

from networks.liednet import SIZES, LIEDNet
from networks.liednet_inference import LIEDNetInference


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

    def test_computes_the_same_as_it_is_exported(self) -> None:
        torch.manual_seed(1)
        trained = LIEDNet(SIZES["live"]).eval()
        with torch.no_grad():
            # Away from what norms, gates and heads begin with.
            for weight in trained.parameters():
                weight.add_(0.05 * torch.randn_like(weight))
        exported = LIEDNetInference(trained).eval()
        for height, width in ((40, 56), (17, 33)):
            with self.subTest(height=height, width=width), torch.no_grad():
                picture = torch.rand(1, 3, height, width)
                difference = (trained(picture) - exported(picture)).abs()
                self.assertEqual(exported(picture).shape, picture.shape)
                # The outermost pixels of the padded picture are other ones, see head_product.
                self.assertLess(difference[:, :, 1:height - 1, 1:width - 1].max().item(), 2e-5)


if __name__ == "__main__":
    unittest.main()
