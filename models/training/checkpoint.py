"""Checkpoints of a training run: written whole or not at all, so that a run may be killed at any point."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn


@dataclass
class Progress:
    """How far a run has come: steps done, and validation measures so far, by step."""

    step: int
    history: list[dict[str, float]]


def save(path: Path, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, done: Progress) -> None:
    """Writes beside the target and renames, which replaces the old checkpoint in one step."""
    state = {
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": done.step,
        "history": done.history,
    }
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def load(path: Path, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> Progress:
    """Restores a run's state in place and says how far it had come."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict(state["network"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return Progress(state["step"], state["history"])


def load_average(path: Path, network: nn.Module) -> int:
    """Loads the averaged weights, those that are evaluated and shipped; returns the step they are from."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    # Heads that exist in training only have no place in the network that is shipped.
    missing, _ = network.load_state_dict(state["average"], strict=False)
    if missing:
        raise ValueError(f"{path} is a checkpoint of another network or size: it lacks {missing[0]}")
    return state["step"]
