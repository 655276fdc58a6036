"""sRGB, CIE Lab (D65, 2 degree observer) and the difference of colours. Tensors are [batch, 3, height, width]."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# IEC 61966-2-1, and the white that its matrix gives.
_RGB_TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_WHITE = (0.95047, 1.0, 1.08883)
_EDGE = 6 / 29


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB in 0..1, gamma-encoded, to L in 0..100 and a, b."""
    linear = torch.where(rgb > 0.04045, ((rgb.clamp_min(0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    matrix = torch.tensor(_RGB_TO_XYZ, dtype=rgb.dtype, device=rgb.device)
    white = torch.tensor(_WHITE, dtype=rgb.dtype, device=rgb.device).view(1, 3, 1, 1)
    xyz = torch.einsum("ij,bjhw->bihw", matrix, linear) / white
    f = torch.where(xyz > _EDGE**3, xyz.clamp_min(1e-9) ** (1 / 3), xyz / (3 * _EDGE**2) + 4 / 29)
    x, y, z = f.unbind(1)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), 1)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """The inverse; colours outside sRGB leave 0..1."""
    y = (lab[:, 0] + 16) / 116
    f = torch.stack((y + lab[:, 1] / 500, y, y - lab[:, 2] / 200), 1)
    white = torch.tensor(_WHITE, dtype=lab.dtype, device=lab.device).view(1, 3, 1, 1)
    xyz = torch.where(f > _EDGE, f**3, 3 * _EDGE**2 * (f - 4 / 29)) * white
    matrix = torch.linalg.inv(torch.tensor(_RGB_TO_XYZ, dtype=torch.float64)).to(lab)
    linear = torch.einsum("ij,bjhw->bihw", matrix, xyz)
    return torch.where(linear > 0.0031308, 1.055 * linear.clamp_min(1e-9) ** (1 / 2.4) - 0.055, linear * 12.92)


def ciede2000(one: Tensor, other: Tensor) -> Tensor:
    """Difference of two Lab pictures at each pixel, [batch, height, width] (Sharma, Wu & Dalal 2005)."""
    l1, a1, b1 = one.unbind(1)
    l2, a2, b2 = other.unbind(1)

    def length(a: Tensor, b: Tensor) -> Tensor:
        # Never quite 0, where roots have no gradient.
        return torch.sqrt(a * a + b * b + 1e-12)

    mean_chroma7 = ((length(a1, b1) + length(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - torch.sqrt(mean_chroma7 / (mean_chroma7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = length(a1, b1), length(a2, b2)
    h1, h2 = (torch.rad2deg(torch.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 < 1e-9
    turn = h2 - h1
    turn = torch.where(turn > 180, turn - 360, torch.where(turn < -180, turn + 360, turn))
    turn = torch.where(grey, torch.zeros_like(turn), turn)
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * torch.sqrt(c1 * c2) * torch.sin(torch.deg2rad(turn) / 2)
    l, c, total = (l1 + l2) / 2, (c1 + c2) / 2, h1 + h2
    h = torch.where((h1 - h2).abs() <= 180, total / 2, torch.where(total < 360, total / 2 + 180, total / 2 - 180))
    h = torch.where(grey, total, h)

    def cosine(degrees: Tensor) -> Tensor:
        return torch.cos(torch.deg2rad(degrees))

    t = 1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) - 0.20 * cosine(4 * h - 63)
    sl = 1 + 0.015 * (l - 50) ** 2 / torch.sqrt(20 + (l - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rc = 2 * torch.sqrt(c**7 / (c**7 + 25.0**7))
    rotation = -torch.sin(2 * math.pi / 180 * 30 * torch.exp(-(((h - 275) / 25) ** 2))) * rc
    dl, dc, dh = dl / sl, dc / sc, dh / sh
    return torch.sqrt((dl**2 + dc**2 + dh**2 + rotation * dc * dh).clamp_min(1e-9))


def colourfulness(rgb: Tensor) -> Tensor:
    """[batch], of sRGB in 0..1 (Hasler & Suesstrunk 2003, on their scale of 0..255)."""
    red, green, blue = (255 * rgb).flatten(2).unbind(1)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = torch.sqrt(rg.var(1, correction=0) + yb.var(1, correction=0) + 1e-9)
    return spread + 0.3 * torch.sqrt(rg.mean(1) ** 2 + yb.mean(1) ** 2 + 1e-9)
