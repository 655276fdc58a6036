"""Training batches for low-light networks: random crops of pairs at random scales, with noise put back.

The pairs are halved copies of their originals, and halving averages the sensor's noise away, while a camera's
pictures have it. So crops are enlarged at random up to the original size and noise is added to the dark side.
"""

from __future__ import annotations

import numpy as np

from .crops import crop_together, turn
from .degradations import add_sensor_noise, darken, quantise, random_jpeg
from .mixed import MixedBatches
from .packs import Pair

# Share of crops enlarged nearly to the size that the pictures had before they were halved, with the noise they had.
_NEAR_FULL_SIZE = 0.5
# How much of the dark picture's brightness is drawn anew, natural logarithm each way. In these pairs it tells next to
# nothing of the truth's brightness (correlation 0.16), but four hundred pictures can be learnt by heart by it.
_BRIGHTNESS = 0.35


class LowLightBatches(MixedBatches[Pair]):
    """Dark crops and well-lit ones."""

    def _real(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        pair = self.real[rng.integers(len(self.real))]
        # 300x200 shrunk to 0.64 at the least (the size of a live network's input), enlarged to 2 at the most.
        smallest = 1.3 if rng.random() < _NEAR_FULL_SIZE else 0.64
        scale = float(np.exp(rng.uniform(np.log(smallest), np.log(2.0))))
        low, high = crop_together(rng, self.size, scale, pair.low, pair.high)
        low = low * np.float32(np.exp(rng.uniform(-_BRIGHTNESS, _BRIGHTNESS)))
        low = add_sensor_noise(low, rng, rng.uniform(0, 1.2) * min(1.0, scale / 2 + 0.25))
        return turn(rng, quantise(low), high)

    def _synthetic(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        picture = self.clean[rng.integers(len(self.clean))]
        (high,) = crop_together(rng, self.size, float(rng.uniform(0.75, 1.25)), picture)
        low = add_sensor_noise(darken(high, rng), rng, rng.uniform(0.2, 1.5))
        low = random_jpeg(low, rng) if rng.random() < 0.3 else quantise(low)
        return turn(rng, low, high)
