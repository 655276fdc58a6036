"""The adversarial term: discriminators that learn to tell made pictures from real ones, while a network learns to pass."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_RATE = 2e-4

Rivals = dict[str, tuple[Tensor, Tensor]]
"""By discriminator: pictures that were made, and real ones of that kind, both [batch, 3, height, width]. What is real
need not show what was made, nor be of its size."""


class PatchDiscriminator(nn.Module):
    """Four convolutions give each patch of 46 pixels a score, the higher the more it looks real.

    Spectral norm bounds its slope: a discriminator that is sure of itself leaves nothing to learn from.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        layers: list[nn.Module] = []
        inside = 3
        for outside in (width, 2 * width, 4 * width):
            layers += [spectral_norm(nn.Conv2d(inside, outside, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
            inside = outside
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(inside, 1, 4, padding=1)))

    def forward(self, picture: Tensor) -> Tensor:
        return self.layers(picture * 2 - 1)


class Adversary:
    """Discriminators with an optimiser of their own, and the non-saturating logistic losses of both sides."""

    def __init__(self, names: tuple[str, ...], weight: float, start: int, device: torch.device):
        """names: of the discriminators; weight: of the term in the network's loss; start: the step that they enter at."""
        self.weight, self.start = weight, start
        self.discriminators = nn.ModuleDict({name: PatchDiscriminator() for name in names}).to(device)
        self.optimiser = torch.optim.Adam(self.discriminators.parameters(), _RATE, betas=(0.5, 0.99))

    def term(self, rivals: Rivals) -> Tensor:
        """What the network is to add to its loss: it falls as what it makes passes for real."""
        self.discriminators.requires_grad_(False)
        scores = (self.discriminators[name](made) for name, (made, _) in rivals.items())
        return self.weight * sum(F.softplus(-score).mean() for score in scores)

    def learn(self, rivals: Rivals) -> float:
        """One step of the discriminators; gives their mean loss, which is 2 log 2 for those that cannot tell."""
        self.discriminators.requires_grad_(True)
        loss = torch.zeros((), device=next(self.discriminators.parameters()).device)
        for name, (made, real) in rivals.items():
            judge = self.discriminators[name]
            loss = loss + F.softplus(judge(made.detach())).mean() + F.softplus(-judge(real)).mean()
        loss = loss / len(rivals)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        # A broken picture must not break its judges too.
        if torch.isfinite(loss):
            self.optimiser.step()
        return loss.item()

    def state_dict(self) -> dict[str, object]:
        """All that a resumed run needs to go on as if it had not been cut short."""
        return {"discriminators": self.discriminators.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Takes up what ``state_dict`` gave."""
        self.discriminators.load_state_dict(state["discriminators"])
        self.optimiser.load_state_dict(state["optimiser"])
