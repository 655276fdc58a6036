"""Checkpoints of a training run: written whole or not at all, so that a run may be killed at any point."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import nn


class CheckpointError(Exception):
    """A checkpoint of another kind of run; the message says what to do."""


class Stateful(Protocol):
    """Part of a run: network, optimiser and so on."""

    def state_dict(self) -> dict[str, object]: ...

    def load_state_dict(self, state: dict[str, object]) -> object: ...


@dataclass
class Progress:
    """How far a run has come: steps done, and validation measures so far, by step."""

    step: int
    history: list[dict[str, float]]


def save(path: Path, parts: dict[str, Stateful], done: Progress) -> None:
    """Writes beside the target and renames, which replaces the old checkpoint in one step."""
    state = {name: part.state_dict() for name, part in parts.items()}
    temporary = path.with_suffix(".tmp")
    torch.save({**state, "step": done.step, "history": done.history}, temporary)
    os.replace(temporary, path)


def load(path: Path, parts: dict[str, Stateful]) -> Progress:
    """Restores a run's parts in place and says how far it had come."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    done = Progress(state.pop("step"), state.pop("history"))
    if state.keys() != parts.keys():
        raise CheckpointError(
            f"{path} holds {', '.join(state)}, this run has {', '.join(parts)}: resume with the options that it began with"
        )
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return done


def load_average(path: Path, network: nn.Module) -> int:
    """Loads the averaged weights, those that are evaluated and shipped; returns the step they are from."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    # Heads that exist in training only have no place in the network that is shipped.
    missing, _ = network.load_state_dict(state["average"], strict=False)
    if missing:
        raise CheckpointError(f"{path} is a checkpoint of another network or size: it lacks {missing[0]}")
    return state["step"]
