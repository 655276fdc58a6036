/** The two histograms of sampled 16x8 blocks (temporal, spatial); the plain form of noiseHistograms. */
export function noiseHistograms(
  src: ArrayLike<number>,
  width: number,
  height: number,
  average: Int16Array,
  floor: number,
): { temporal: Uint32Array; spatial: Uint32Array } {
  const temporal = new Uint32Array(256);
  const spatial = new Uint32Array(256);
  const pixel = (x: number, y: number): number => src[y * width + x] ?? 0;
  const count = (bins: Uint32Array, bin: number): void => {
    const index = Math.min(255, Math.trunc(bin));
    bins[index] = (bins[index] ?? 0) + 1;
  };
  for (let top = 0; top + 8 <= height; top += 24) {
    for (let left = 0; left + 16 <= width; left += 48) {
      let changed = 0;
      let rough = 0;
      let level = 0;
      for (let y = top; y < top + 8; y++) {
        for (let x = left; x < left + 16; x++) {
          changed += Math.abs((pixel(x, y) << 6) - (average[y * width + x] ?? 0));
          level += pixel(x, y);
          if (y > top && y < top + 7) rough += Math.abs(pixel(x, y - 1) - 2 * pixel(x, y) + pixel(x, y + 1));
        }
      }
      if (level <= floor * 128) continue;
      count(temporal, changed / 512);
      count(spatial, (rough * 16) / (96 * 2.449));
    }
  }
  return { temporal, spatial };
}
