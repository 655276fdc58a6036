/** What tells where one surface of the picture ends and another begins. */
export interface Guide {
  readonly width: number;
  readonly height: number;
  readonly distance: Float32Array;
  readonly position: Float32Array;
  readonly normal: Float32Array;
}

const KERNEL = [1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16] as const;

/**
 * Smooths a picture of `parts` numbers a pixel in place, within surfaces only: `rounds` passes of a small kernel whose
 * taps move apart twice as far each time. Where `keep` (per pixel, 0..1) is low, nothing is smoothed.
 */
export function smoothPlane(
  guide: Guide,
  picture: Float32Array,
  parts: 1 | 3,
  rounds: number,
  keep: Float32Array | undefined,
): void {
  const { width, height, distance, position, normal } = guide;
  const next = new Float32Array(picture.length);
  for (let round = 0; round < rounds; round++) {
    const apart = 1 << round;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const pixel = row * width + column;
        const p = pixel * 3;
        const far = distance[pixel] ?? 0;
        const nx = normal[p] ?? 0;
        const ny = normal[p + 1] ?? 0;
        const nz = normal[p + 2] ?? 0;
        // Two pixels belong together when they face alike and lie in one plane, within a pixel's width or so.
        const slack = 1 / (0.02 + 0.004 * far * apart);
        const strength = keep === undefined ? 1 : Math.min(1, (keep[pixel] ?? 0) * 4);
        let total = 0;
        let sum0 = 0;
        let sum1 = 0;
        let sum2 = 0;
        if (far !== Infinity && strength > 0.3) {
          for (let ty = -2; ty <= 2; ty++) {
            const y = row + ty * apart;
            if (y < 0 || y >= height) continue;
            for (let tx = -2; tx <= 2; tx++) {
              const x = column + tx * apart;
              if (x < 0 || x >= width) continue;
              const other = y * width + x;
              const q = other * 3;
              const alike = nx * (normal[q] ?? 0) + ny * (normal[q + 1] ?? 0) + nz * (normal[q + 2] ?? 0);
              if (alike < 0.85 || distance[other] === Infinity) continue;
              const off =
                ((position[q] ?? 0) - (position[p] ?? 0)) * nx +
                ((position[q + 1] ?? 0) - (position[p + 1] ?? 0)) * ny +
                ((position[q + 2] ?? 0) - (position[p + 2] ?? 0)) * nz;
              const apartness = off * slack;
              const weight = (KERNEL[tx + 2] ?? 0) * (KERNEL[ty + 2] ?? 0) * Math.max(0, 1 - apartness * apartness);
              total += weight;
              sum0 += weight * (picture[other * parts] ?? 0);
              if (parts === 3) {
                sum1 += weight * (picture[other * 3 + 1] ?? 0);
                sum2 += weight * (picture[other * 3 + 2] ?? 0);
              }
            }
          }
        }
        const at = pixel * parts;
        const whole = total > 0 ? 1 / total : 0;
        next[at] = whole > 0 ? sum0 * whole : (picture[at] ?? 0);
        if (parts === 3) {
          next[at + 1] = whole > 0 ? sum1 * whole : (picture[at + 1] ?? 0);
          next[at + 2] = whole > 0 ? sum2 * whole : (picture[at + 2] ?? 0);
        }
      }
    }
    picture.set(next);
  }
}
