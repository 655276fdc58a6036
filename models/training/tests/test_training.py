"""A training run on a pack of a few made-up pictures: killed in the middle and taken up again, it ends the same."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import torch

from .made_up_pack import make_pack

ROOT = Path(__file__).parent.parent
STEPS = 4


def _train(pack: Path, out: Path, network: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "train.py", network, "--pack", str(pack), "--out", str(out), "--steps", str(STEPS)]
    size = ["--batch", "1", "--crop", "32", "--validate-every", "2", "--validate-on", "1", "--checkpoint-seconds", "0"]
    return subprocess.run([*command, *size, *more], cwd=ROOT, capture_output=True, text=True, check=False)


def _tensors(state: object, name: str = "") -> dict[str, torch.Tensor]:
    """All tensors of a checkpoint, by where they are in it."""
    if isinstance(state, torch.Tensor):
        return {name: state}
    entries = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, list) else ()
    return {k: tensor for key, part in entries for k, tensor in _tensors(part, f"{name}/{key}").items()}


class TrainingTest(unittest.TestCase):
    def test_a_run_that_was_cut_short_ends_as_one_that_was_not(self) -> None:
        # The second: discriminators enter in the middle, and there is a second generator.
        loop = ("--unpaired", "--adversarial", "0.1", "--adversarial-share", "0.5")
        for network, more, parts in (
            ("liednet", (), {"network", "average", "optimiser"}),
            ("nerco", loop, {"network", "average", "optimiser", "adversary"}),
        ):
            with self.subTest(network=network), tempfile.TemporaryDirectory() as folder:
                self._compare(make_pack(Path(folder)), network, more, parts)

    def _compare(self, pack: Path, network: str, more: tuple[str, ...], parts: set[str]) -> None:
        whole, pieces = pack / "whole", pack / "pieces"
        result = _train(pack, whole, network, *more)
        self.assertEqual(result.returncode, 0, result.stderr)
        # Time for no more than one step each: every step is a run of its own.
        for _ in range(STEPS):
            result = _train(pack, pieces, network, *more, "--resume", "--minutes", "0")
            self.assertEqual(result.returncode, 0, result.stderr)
        states = [torch.load(out / "checkpoint.pt", weights_only=True) for out in (whole, pieces)]
        self.assertEqual(states[0].keys(), {*parts, "step", "history"})
        wanted, got = (_tensors(state) for state in states)
        self.assertEqual(wanted.keys(), got.keys())
        self.assertEqual({name.split("/")[1] for name in wanted}, parts)
        for name, tensor in wanted.items():
            self.assertTrue(torch.equal(tensor, got[name]), name)
        self.assertTrue((whole / "log.png").is_file())
        self.assertGreaterEqual(len((whole / "log.csv").read_text().splitlines()), 3)

    def test_says_what_is_missing(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            result = _train(Path(folder), Path(folder) / "out", "liednet")
            self.assertNotEqual(result.returncode, 0)
            self.assertRegex(result.stderr, r"error: .*train\.txt is missing")
            self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main()
