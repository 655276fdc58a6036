"""The text-driven term, with an encoder that sees nothing but brightness, and with files that are wrong."""

from __future__ import annotations

import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from data.packs import PackError
from losses.text_driven import TextDriven


class _Brightness(nn.Module):
    """[batch, 2]: how bright and how dark a picture is."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, picture: Tensor) -> Tensor:
        mean = picture.mean(dim=(1, 2, 3)) * self.scale
        return torch.stack((mean, -mean), 1)


def _make(folder: str, low: tuple[float, ...] = (-1.0, 1.0), high: tuple[float, ...] = (1.0, -1.0)) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(_Brightness()), f"{folder}/encoder.pt")
    np.savez(f"{folder}/texts.npz", low=np.array(low), high=np.array(high))
    return Path(folder)


class TextDrivenTest(unittest.TestCase):
    def test_asks_for_what_the_text_says(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            term = TextDriven(_make(folder))
        dark, bright = torch.full((2, 3, 40, 30), 0.1), torch.full((2, 3, 40, 30), 0.9)
        self.assertLess(term(bright, light=True).item(), term(dark, light=True).item())
        self.assertLess(term(dark, light=False).item(), term(bright, light=False).item())

    def test_brightens_by_its_gradient_and_learns_nothing_itself(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            # Texts that are not quite opposites, so that the cosine has a slope.
            term = TextDriven(_make(folder, low=(0.0, 1.0), high=(1.0, 0.0)))
        self.assertEqual([p for p in term.parameters() if p.requires_grad], [])
        network = nn.Conv2d(3, 3, 1)
        term(network(torch.full((1, 3, 32, 32), 0.3)), light=True).backward()
        self.assertTrue(torch.isfinite(network.weight.grad).all())

    def test_says_what_is_wrong_with_the_files(self) -> None:
        def no_texts(folder: Path) -> None:
            (folder / "texts.npz").unlink()

        def no_encoder(folder: Path) -> None:
            (folder / "encoder.pt").unlink()

        def weights_alone(folder: Path) -> None:
            torch.save({"weight": torch.zeros(3)}, folder / "encoder.pt")

        def no_archive(folder: Path) -> None:
            (folder / "texts.npz").write_bytes(b"not an archive")

        def other_names(folder: Path) -> None:
            np.savez(folder / "texts.npz", dark=np.zeros(2), light=np.zeros(2))

        def other_length(folder: Path) -> None:
            np.savez(folder / "texts.npz", low=np.ones(5), high=np.ones(5))

        def unlike(folder: Path) -> None:
            np.savez(folder / "texts.npz", low=np.ones(2), high=np.ones(3))

        for spoil, said in (
            (no_texts, "texts.npz is missing: --clip must name a folder"),
            (no_encoder, "encoder.pt is missing: --clip must name a folder"),
            (weights_alone, "must be an image encoder saved by torch.jit.save"),
            (no_archive, "must hold two arrays of numbers"),
            (other_names, "must hold two arrays of numbers"),
            (other_length, "both must come from the same CLIP"),
            (unlike, "must be vectors of one length"),
        ):
            with self.subTest(spoil=spoil.__name__), tempfile.TemporaryDirectory() as folder:
                spoil(_make(folder))
                with self.assertRaisesRegex(PackError, said):
                    TextDriven(Path(folder))


if __name__ == "__main__":
    unittest.main()
