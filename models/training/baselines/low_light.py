"""Published networks for low light and exposure, to compare with: built from their weights' files and their papers.

Each is a function of RGB in 0..1, [1, 3, height, width], to the same. Weights are not part of this repository.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor

from .iat import iat

Enhance = Callable[[Tensor], Tensor]
Weights = dict[str, Tensor]


def _read(path: Path) -> Weights:
    return torch.load(path, map_location="cpu", weights_only=True)


def _zero_dce(path: Path) -> Enhance:
    """Zero-DCE (CVPR 2020): eight steps along quadratic curves whose strength a network gives each pixel and step."""
    w = _read(path)

    def conv(number: int, x: Tensor) -> Tensor:
        return F.conv2d(x, w[f"e_conv{number}.weight"], w[f"e_conv{number}.bias"], padding=1)

    def enhance(picture: Tensor) -> Tensor:
        curves = _curve_network(conv, picture)
        for r in curves.split(3, 1):
            picture = picture + r * (picture * picture - picture)
        return picture

    return enhance


def _zero_dce_pp(path: Path) -> Enhance:
    """Zero-DCE++ (TPAMI 2021): one curve for all eight steps, found on a twelfth of the size."""
    w = _read(path)

    def conv(number: int, x: Tensor) -> Tensor:
        name = f"e_conv{number}"
        x = F.conv2d(x, w[f"{name}.depth_conv.weight"], w[f"{name}.depth_conv.bias"], padding=1, groups=x.shape[1])
        return F.conv2d(x, w[f"{name}.point_conv.weight"], w[f"{name}.point_conv.bias"])

    def enhance(picture: Tensor) -> Tensor:
        height, width = (side // 12 * 12 for side in picture.shape[2:])
        small = F.interpolate(picture[:, :, :height, :width], scale_factor=1 / 12, mode="bilinear")
        curve = F.interpolate(_curve_network(conv, small), size=picture.shape[2:], mode="bilinear", align_corners=True)
        for _ in range(8):
            picture = picture + curve * (picture * picture - picture)
        return picture

    return enhance


def _curve_network(conv: Callable[[int, Tensor], Tensor], x: Tensor) -> Tensor:
    x1 = F.relu(conv(1, x))
    x2 = F.relu(conv(2, x1))
    x3 = F.relu(conv(3, x2))
    x4 = F.relu(conv(4, x3))
    x5 = F.relu(conv(5, torch.cat((x3, x4), 1)))
    x6 = F.relu(conv(6, torch.cat((x2, x5), 1)))
    return torch.tanh(conv(7, torch.cat((x1, x6), 1)))


def _sci(path: Path) -> Enhance:
    """SCI (CVPR 2022): the picture divided by an illumination that one small block finds."""
    w = _read(path)

    def conv(name: str, x: Tensor) -> Tensor:
        return F.conv2d(x, w[f"enhance.{name}.weight"], w[f"enhance.{name}.bias"], padding=1)

    def enhance(picture: Tensor) -> Tensor:
        x = F.relu(conv("in_conv.0", picture))
        norm = (w[f"enhance.conv.1.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        x = x + F.relu(F.batch_norm(conv("conv.0", x), *norm))
        illumination = (torch.sigmoid(conv("out_conv.0", x)) + picture).clamp(1e-4, 1)
        return (picture / illumination).clamp(0, 1)

    return enhance


def _pairlie(path: Path) -> Enhance:
    """PairLIE (CVPR 2023): illumination to the power of 0.14, its authors' choice for these pictures, times reflectance."""
    w = _read(path)

    def network(name: str, x: Tensor) -> Tensor:
        for layer in (1, 4, 7, 10, 13):
            x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), w[f"{name}.{name}.{layer}.weight"], w[f"{name}.{name}.{layer}.bias"])
            x = F.relu(x) if layer < 13 else torch.sigmoid(x)
        return x

    def enhance(picture: Tensor) -> Tensor:
        clean = network("N_net", picture)
        return network("L_net", clean) ** 0.14 * network("R_net", clean)

    return enhance


def _onnx(path: Path, size: tuple[int, int], output: str, channels_last: bool, extra: dict[str, list[float]]) -> Enhance:
    """An ONNX file of one fixed size (height, width): the picture is resized to it and back."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = next(i.name for i in session.get_inputs() if i.name not in extra)

    def enhance(picture: Tensor) -> Tensor:
        small = F.interpolate(picture, size=size, mode="area")
        feeds = {name: small.numpy(), **{k: torch.tensor(v).numpy() for k, v in extra.items()}}
        x = torch.from_numpy(session.run([output], feeds)[0])
        x = x.permute(0, 3, 1, 2) if channels_last else x
        return F.interpolate(x.clamp(0, 1), size=picture.shape[2:], mode="bilinear", align_corners=False)

    return enhance


def low_light_baselines(folder: Path) -> dict[str, Enhance]:
    """By name, those that were never trained on LOL pairs first."""
    return {
        "Zero-DCE": _zero_dce(folder / "zero_dce.pth"),
        "Zero-DCE++": _zero_dce_pp(folder / "zero_dce_pp.pth"),
        "SCI medium": _sci(folder / "sci_medium.pt"),
        "SGLLIE (324x180)": _onnx(folder / "sgllie_180x324.onnx", (180, 324), "output", False, {}),
        "PairLIE*": _pairlie(folder / "pairlie.pth"),
        "TBEFN* (320x180)": _onnx(folder / "tbefn_fp32.onnx", (180, 320), "fusion/fusion_3/BiasAdd", True, {}),
        "URetinex* (320x180)": _onnx(
            folder / "uretinex_net_180x320.onnx", (180, 320), "output", False, {"exposure_ratio_3to5": [5.0]}
        ),
        "IAT*": iat(_read(folder / "iat_lol_v1.pth")),
    }


def exposure_baselines(folder: Path) -> dict[str, Enhance]:
    """By name."""
    return {"IAT (exposure)": iat(_read(folder / "iat_exposure.pth"))}
