"""Synthetic darkness: repeatable, in range, and as noisy as it says."""

import unittest

import numpy as np

from data.degradations import add_sensor_noise, darken, quantise, random_jpeg


class DegradationsTest(unittest.TestCase):
    def test_noise_has_the_measured_deviation_per_channel(self) -> None:
        rng = np.random.default_rng(1)
        grey = np.full((256, 256, 3), 20 / 255, np.float32)
        deviation = (add_sensor_noise(grey, rng, 1.0) - grey).std(axis=(0, 1)) * 255
        np.testing.assert_allclose(deviation, [2.1, 1.3, 1.6], rtol=0.05)

    def test_darkness_is_dark_and_keeps_the_order_of_levels(self) -> None:
        rng = np.random.default_rng(2)
        ramp = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], 3, axis=2)
        for _ in range(20):
            dark = darken(ramp, rng)
            self.assertLess(dark.max(), 0.5)
            self.assertTrue((np.diff(dark[0, :, 0]) >= 0).all())

    def test_is_the_same_with_the_same_seed(self) -> None:
        picture = np.random.default_rng(3).random((32, 32, 3), np.float32)
        for degrade in (lambda p, r: add_sensor_noise(p, r, 1.0), darken, random_jpeg):
            first, again = (degrade(picture, np.random.default_rng(4)) for _ in range(2))
            np.testing.assert_array_equal(first, again)

    def test_quantising_leaves_levels_of_a_byte(self) -> None:
        levels = quantise(np.linspace(-0.2, 1.2, 1000, dtype=np.float32)) * 255
        np.testing.assert_allclose(levels, np.round(levels), atol=1e-4)
        self.assertEqual((levels.min(), levels.max()), (0, 255))


if __name__ == "__main__":
    unittest.main()
