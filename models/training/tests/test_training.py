"""A training run on a pack of a few made-up pictures: killed in the middle and taken up again, it ends the same."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np
import torch

ROOT = Path(__file__).parent.parent


def _make_pack(folder: Path) -> Path:
    """A low-light pack: bright pictures of smooth colour, and the same ones dark."""
    rng = np.random.default_rng(5)
    for split in ("train", "val"):
        names = [f"{split}{number}" for number in range(3)]
        for name in names:
            bright = cv2.resize((rng.random((4, 6, 3)) * 255).astype(np.uint8), (96, 64), interpolation=cv2.INTER_CUBIC)
            for root in (folder, folder / "full"):
                for kind, picture in (("high/*.jpg", bright), ("low/*.webp", bright // 10)):
                    path = root / kind.replace("*", name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(path), picture)
        (folder / f"{split}.txt").write_text("\n".join(names) + "\n")
    return folder


def _train(pack: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "train.py", "liednet", "--pack", str(pack), "--out", str(out), "--steps", "8"]
    size = ["--batch", "1", "--crop", "32", "--validate-every", "4", "--validate-on", "1", "--checkpoint-seconds", "0"]
    return subprocess.run([*command, *size, *more], cwd=ROOT, capture_output=True, text=True, check=False)


class TrainingTest(unittest.TestCase):
    def test_a_run_that_was_cut_short_ends_as_one_that_was_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            pack = _make_pack(Path(folder))
            whole, parts = Path(folder) / "whole", Path(folder) / "parts"
            result = _train(pack, whole)
            self.assertEqual(result.returncode, 0, result.stderr)
            # Time for no more than one step each: every step is a run of its own.
            for _ in range(8):
                result = _train(pack, parts, "--resume", "--minutes", "0")
                self.assertEqual(result.returncode, 0, result.stderr)
            states = [torch.load(out / "checkpoint.pt", weights_only=False) for out in (whole, parts)]
            self.assertEqual(states[0].keys(), states[1].keys())
            for part in ("network", "average"):
                for name, weight in states[0][part].items():
                    self.assertTrue(torch.equal(weight, states[1][part][name]), f"{part} {name}")
            self.assertTrue((whole / "log.png").is_file())
            self.assertGreaterEqual(len((whole / "log.csv").read_text().splitlines()), 3)

    def test_says_what_is_missing(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            result = _train(Path(folder), Path(folder) / "out")
            self.assertNotEqual(result.returncode, 0)
            self.assertRegex(result.stderr, r"error: .*train\.txt is missing")
            self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main()
