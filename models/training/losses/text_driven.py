"""The text-driven term: pictures are to be nearer to one text than to another in the eyes of CLIP (Radford et al. 2021)."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.packs import PackError

# CLIP's input: side in pixels, and mean and deviation of R, G, B.
_SIDE = 224
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
# What CLIP multiplies cosines with.
_SHARPNESS = 100.0
_TEXTS = ("low", "high")


class TextDriven(nn.Module):
    """Cross entropy of a picture's likeness to the texts "low light image" and "high light image". Frozen.

    folder: holds ``encoder.pt``, CLIP's image encoder as TorchScript, [batch, 3, 224, 224] to [batch, n], and
    ``texts.npz`` with CLIP's embeddings of both texts as ``low`` and ``high``, [n] each. Raises PackError.
    """

    def __init__(self, folder: Path):
        super().__init__()
        self.encoder = _read_encoder(folder / "encoder.pt")
        texts = _read_texts(folder / "texts.npz")
        self.register_buffer("texts", F.normalize(texts, dim=1))
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1))
        try:
            with torch.no_grad():
                shape = tuple(self.encoder(torch.zeros(1, 3, _SIDE, _SIDE)).shape)
        except (RuntimeError, AttributeError) as error:
            raise PackError(f"{folder / 'encoder.pt'} does not take pictures of {_SIDE}x{_SIDE}: {error}") from error
        if shape != (1, texts.shape[1]):
            raise PackError(
                f"{folder}: the encoder gives {list(shape)} for a picture, its texts have {texts.shape[1]} numbers: "
                "both must come from the same CLIP"
            )

    def forward(self, picture: Tensor, light: bool) -> Tensor:
        """RGB in 0..1, [batch, 3, height, width]; light: whether it is to be light, or dark."""
        small = F.interpolate(picture.clamp(0, 1), size=(_SIDE, _SIDE), mode="bilinear", antialias=True)
        seen = F.normalize(self.encoder((small - self.mean) / self.deviation), dim=1)
        wanted = torch.full((len(picture),), _TEXTS.index("high" if light else "low"), device=picture.device)
        return F.cross_entropy(_SHARPNESS * seen @ self.texts.T, wanted)


def _read_encoder(path: Path) -> nn.Module:
    if not path.is_file():
        raise PackError(f"{path} is missing: --clip must name a folder with encoder.pt and texts.npz in it")
    try:
        with warnings.catch_warnings():
            # TorchScript is on its way out, but it is what CLIP is published as, and it needs none of CLIP's code.
            warnings.simplefilter("ignore", DeprecationWarning)
            encoder = torch.jit.load(str(path), map_location="cpu")
    except RuntimeError as error:
        raise PackError(f"cannot read {path}: it must be an image encoder saved by torch.jit.save") from error
    for weight in encoder.parameters():
        weight.requires_grad_(False)
    return encoder.eval().float()


def _read_texts(path: Path) -> Tensor:
    """[2, n]: of the texts for dark and for light."""
    if not path.is_file():
        raise PackError(f"{path} is missing: --clip must name a folder with encoder.pt and texts.npz in it")
    try:
        with np.load(path) as file:
            texts = [np.asarray(file[name], np.float32) for name in _TEXTS]
    except (OSError, ValueError, KeyError) as error:
        raise PackError(f"{path} must hold two arrays of numbers, low and high: {error}") from error
    if texts[0].ndim != 1 or texts[0].shape != texts[1].shape:
        raise PackError(f"{path}: low and high must be vectors of one length, not {texts[0].shape} and {texts[1].shape}")
    return torch.from_numpy(np.stack(texts))
