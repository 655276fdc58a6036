"""LIEDNet: shapes, and gradients everywhere."""

import unittest

import torch

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


if __name__ == "__main__":
    unittest.main()
