/** One step of the temporal noise filter on a plane without padding; the plain form of denoisePlane. Changes `average`. */
export function denoisePlane(
  src: ArrayLike<number>,
  width: number,
  height: number,
  average: Int16Array,
  still: number,
  threshold: number,
  span: number,
): void {
  const difference = (x: number, y: number): number => {
    if (x < 0 || y < 0 || x >= width || y >= height) return 0;
    return (((src[y * width + x] ?? 0) << 6) - (average[y * width + x] ?? 0)) >> 4;
  };
  const slope = Math.trunc((32767 - still) / span);
  const result = new Int16Array(average.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) sum += difference(x + dx, y + dy);
      const excess = Math.min(Math.max(Math.abs(sum) - threshold, 0), span);
      const rate = excess === span ? 32767 : still + excess * slope;
      const old = average[y * width + x] ?? 0;
      const now = (src[y * width + x] ?? 0) << 6;
      result[y * width + x] = old + (((now - old) * rate + 0x4000) >> 15);
    }
  }
  average.set(result);
}
