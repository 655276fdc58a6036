"""Synthetic degradations, each a function of a float32 RGB picture in 0..1 and a numpy Generator."""

from __future__ import annotations

import cv2
import numpy as np

from .packs import Picture


def add_sensor_noise(picture: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Adds noise as a camera leaves it in dark, gamma-encoded 8-bit pictures.

    ``strength`` 1 is what the dark LOL pictures show at full size (standard deviation of about 1.3 levels in green,
    1.6 in blue, 2.1 in red, growing from black to about level 8 and flat from there). Half of its variance is
    correlated over neighbouring pixels, as demosaicing leaves it.
    """
    shape = picture.shape
    white = rng.standard_normal(shape, dtype=np.float32)
    blotchy = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), 0.8)
    blotchy /= blotchy.std() + 1e-6
    deviation = np.array([2.1, 1.3, 1.6], np.float32) / 255 * strength
    by_level = np.clip(picture * 255 / 8, 0.35, 1.0) ** 0.5
    return picture + (white + blotchy) * np.float32(0.7071) * deviation * by_level


def darken(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A low-light exposure of a well-lit picture: linear light times a gain of 0.005 to 0.15, encoded again."""
    gain = np.float32(np.exp(rng.uniform(np.log(0.005), np.log(0.15))))
    linear = np.power(picture, np.float32(2.2)) * gain
    return np.power(linear, np.float32(1 / rng.uniform(2.0, 2.4)))


def change_exposure(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another exposure of a well-exposed picture: linear light times 2 to the power of -1.5 to 1.5, clipped at white."""
    linear = np.power(picture, np.float32(2.2)) * np.float32(2 ** rng.uniform(-1.5, 1.5))
    return np.power(np.minimum(linear, 1), np.float32(1 / 2.2))


def quantise(picture: np.ndarray) -> np.ndarray:
    """Rounds to 8 bits, as a camera file stores it."""
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.float32) / 255


def random_jpeg(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """JPEG compression at a quality of 60 to 95."""
    encoded = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    done, data = cv2.imencode(".jpg", encoded, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return cv2.imdecode(data, cv2.IMREAD_COLOR).astype(np.float32) / 255


def to_float(picture: Picture) -> np.ndarray:
    """uint8 0..255 to float32 0..1."""
    return picture.astype(np.float32) / 255
