"""Colour conversion against OpenCV and CIEDE2000 against the published test data."""

from __future__ import annotations

import unittest

import cv2
import numpy as np
import torch

from colour_space import ciede2000, colourfulness, lab_to_rgb, rgb_to_lab

# From Sharma, Wu & Dalal 2005, table 1: two Lab colours and their difference.
PUBLISHED = (
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
)


class ColourSpace(unittest.TestCase):
    def test_lab_is_opencvs(self) -> None:
        rgb = np.random.default_rng(1).random((37, 41, 3), dtype=np.float32)
        wanted = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)
        got = rgb_to_lab(torch.from_numpy(rgb).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
        # OpenCV interpolates its curves, coarsely.
        self.assertLess(np.abs(got - wanted).max(), 0.5)

    def test_lab_is_scikit_images(self) -> None:
        try:
            from skimage.color import rgb2lab
        except ImportError:
            self.skipTest("scikit-image is not installed")
        rgb = np.random.default_rng(2).random((37, 41, 3))
        got = rgb_to_lab(torch.from_numpy(rgb).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
        self.assertLess(np.abs(got - rgb2lab(rgb)).max(), 1e-2)

    def test_there_and_back(self) -> None:
        rgb = torch.rand(2, 3, 15, 17, generator=torch.Generator().manual_seed(3))
        self.assertLess((lab_to_rgb(rgb_to_lab(rgb)) - rgb).abs().max().item(), 1e-4)

    def test_known_colours(self) -> None:
        for rgb, lab in (((1, 1, 1), (100, 0, 0)), ((1, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 1), (32.30, 79.19, -107.86))):
            got = rgb_to_lab(torch.tensor(rgb, dtype=torch.float32).view(1, 3, 1, 1)).flatten()
            self.assertLess((got - torch.tensor(lab)).abs().max().item(), 0.05)

    def test_difference_is_the_published_one(self) -> None:
        for one, other, wanted in PUBLISHED:
            pair = (torch.tensor(c, dtype=torch.float64).view(1, 3, 1, 1) for c in (one, other))
            self.assertAlmostEqual(ciede2000(*pair).item(), wanted, places=4)

    def test_grey_has_no_colourfulness(self) -> None:
        self.assertLess(colourfulness(torch.rand(1, 1, 9, 9).expand(1, 3, 9, 9)).item(), 1e-3)


if __name__ == "__main__":
    unittest.main()
