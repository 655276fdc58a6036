"""Losses and measures of agreement between pictures, RGB in 0..1, [batch, 3, height, width]."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def _gaussian_window(device: torch.device, dtype: torch.dtype) -> Tensor:
    x = torch.arange(11, device=device, dtype=dtype) - 5
    g = torch.exp(-(x * x) / (2 * 1.5 * 1.5))
    return g / g.sum()


def _blur(x: Tensor, window: Tensor) -> Tensor:
    channels = x.shape[1]
    rows = window.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    columns = window.view(1, 1, -1, 1).expand(channels, 1, -1, 1)
    return F.conv2d(F.conv2d(x, rows, groups=channels), columns, groups=channels)


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity (Wang et al. 2004): 11x11 Gaussian window, sigma 1.5, mean over channels and pixels; [batch]."""
    window = _gaussian_window(a.device, a.dtype)
    mean_a, mean_b = _blur(a, window), _blur(b, window)
    var_a = _blur(a * a, window) - mean_a * mean_a
    var_b = _blur(b * b, window) - mean_b * mean_b
    covariance = _blur(a * b, window) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    score = ((2 * mean_a * mean_b + c1) * (2 * covariance + c2)) / (
        (mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2)
    )
    return score.mean((1, 2, 3))


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of pictures in 0..1; [batch]."""
    return -10 * torch.log10(((a - b) ** 2).mean((1, 2, 3)).clamp_min(1e-10))


def edges(picture: Tensor) -> Tensor:
    """Sobel's gradient of each channel, its length: 1 along a full step."""
    channels = picture.shape[1]
    across = torch.tensor(((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0)), device=picture.device) / 4
    kernels = torch.stack((across, across.T)).repeat(channels, 1, 1)[:, None]
    slopes = F.conv2d(F.pad(picture, (1, 1, 1, 1), mode="replicate"), kernels, groups=channels)
    dx, dy = slopes.unflatten(1, (channels, 2)).unbind(2)
    # Never quite 0, where the root has no gradient.
    return torch.sqrt(dx * dx + dy * dy + 1e-6)


def scaled_to_mean(picture: Tensor, truth: Tensor) -> Tensor:
    """The picture times the ratio of mean brightness, clipped: takes the guess at overall brightness out of a score."""
    ratio = truth.mean((1, 2, 3), keepdim=True) / picture.mean((1, 2, 3), keepdim=True).clamp_min(1e-6)
    return (picture * ratio).clamp(0, 1)


def likeness(picture: Tensor, truth: Tensor) -> dict[str, float]:
    """How like a picture is to the truth, each [1, 3, height, width] in 0..1: psnr, psnr_at_mean (dB) and ssim."""
    return {
        "psnr": psnr(picture, truth).item(),
        "psnr_at_mean": psnr(scaled_to_mean(picture, truth), truth).item(),
        "ssim": ssim(picture, truth).item(),
    }


def mean_of(scores: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each figure over pictures."""
    return {name: sum(score[name] for score in scores) / len(scores) for name in scores[0]}
