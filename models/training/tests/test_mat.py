"""MAT: what its attention may see, how its mask grows, and that known pixels stay."""

from __future__ import annotations

import unittest

import numpy as np
import torch

from data.holes import damage_mask, free_form_mask
from networks.mat import LIVE, MAT, ContextualAttention, TransformerBlock, from_windows, smooth_fill, windows_of


class MaskUpdate(unittest.TestCase):
    def test_a_window_with_one_known_token_is_known_as_a_whole(self) -> None:
        torch.manual_seed(1)
        attention = ContextualAttention(16, 4)
        known = torch.zeros(1, 1, 8, 12)
        known[0, 0, 1, 2] = 1
        _, after = attention(torch.rand(1, 16, 8, 12), known, 4)
        wanted = torch.zeros(1, 1, 8, 12)
        wanted[:, :, :4, :4] = 1
        self.assertTrue(torch.equal(after, wanted))

    def test_shifted_windows_carry_it_over(self) -> None:
        torch.manual_seed(1)
        known = torch.zeros(1, 1, 8, 8)
        known[0, 0, 3, 3] = 1
        _, after = TransformerBlock(16, 4, 4, shifted=True)(torch.rand(1, 16, 8, 8), known)
        wanted = torch.zeros(1, 1, 8, 8)
        wanted[:, :, 2:6, 2:6] = 1
        self.assertTrue(torch.equal(after, wanted))

    def test_unknown_tokens_are_not_attended_to(self) -> None:
        torch.manual_seed(2)
        attention = ContextualAttention(16, 4)
        x = torch.rand(1, 16, 4, 4)
        known = (torch.rand(1, 1, 4, 4) < 0.4).float()
        known[0, 0, 0, 0] = 1
        changed = torch.where(known > 0, x, torch.rand(1, 16, 4, 4))
        # Values and keys of unknown tokens must not matter to known ones.
        before, after = attention(x, known, 4)[0], attention(changed, known, 4)[0]
        self.assertLess(((before - after) * known).abs().max().item(), 1e-6)

    def test_windows_there_and_back(self) -> None:
        x = torch.rand(2, 5, 12, 8)
        self.assertTrue(torch.equal(from_windows(windows_of(x, 4), 4, x), x))


class Filling(unittest.TestCase):
    def test_known_pixels_stay_as_they_came(self) -> None:
        torch.manual_seed(3)
        picture, mask = torch.rand(1, 3, 45, 70), (torch.rand(1, 1, 45, 70) < 0.3).float()
        with torch.no_grad():
            filled = MAT(LIVE).eval()(torch.cat((picture * (1 - mask), mask), 1))
        self.assertLess(((filled - picture) * (1 - mask)).abs().max().item(), 1e-6)

    def test_smooth_fill_of_a_flat_picture_is_flat(self) -> None:
        mask = torch.zeros(1, 1, 50, 60)
        mask[:, :, 10:40, 5:55] = 1
        filled = smooth_fill(torch.full((1, 3, 50, 60), 0.3) * (1 - mask), mask)
        self.assertLess((filled - 0.3).abs().max().item(), 1e-4)

    def test_nothing_known_is_no_disaster(self) -> None:
        with torch.no_grad():
            filled = MAT(LIVE).eval()(torch.cat((torch.zeros(1, 3, 40, 40), torch.ones(1, 1, 40, 40)), 1))
        self.assertTrue(torch.isfinite(filled).all())


class Masks(unittest.TestCase):
    def test_damage_is_never_nothing_and_repeats_with_its_seed(self) -> None:
        stamp = np.zeros((40, 40), np.uint8)
        stamp[18:22, 5:35] = 255
        for seed in range(5):
            one, other = (damage_mask(np.random.default_rng(seed), 60, 80, [stamp]) for _ in range(2))
            self.assertTrue(np.array_equal(one, other))
            self.assertGreaterEqual(one.sum(), 12)
            self.assertEqual(set(np.unique(one)), {0.0, 1.0})

    def test_free_form_holes_leave_something_to_go_by(self) -> None:
        for seed in range(20):
            share = free_form_mask(np.random.default_rng(seed), 96, 128).mean()
            self.assertTrue(0.02 < share < 0.75)


if __name__ == "__main__":
    unittest.main()
