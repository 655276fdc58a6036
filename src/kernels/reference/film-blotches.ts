/** Planes of one size without padding. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly cur: Uint8Array;
  readonly prev: Uint8Array;
  readonly next: Uint8Array;
}

const hold = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Sum over a block of a value by place. */
function over(column: number, row: number, size: number, width: number, value: (i: number) => number): number {
  let sum = 0;
  for (let y = row * size; y < (row + 1) * size; y++) {
    for (let x = column * size; x < (column + 1) * size; x++) sum += value(y * width + x);
  }
  return sum;
}

/** The plain form of lightSums, of cur and prev. */
export function lightSums({ width, height, cur, prev }: Planes): Int32Array {
  const columns = width / 32;
  return Int32Array.from({ length: columns * (height / 32) }, (_, block) =>
    over(block % columns, Math.floor(block / columns), 32, width, (i) => hold((cur[i] ?? 0) - (prev[i] ?? 0), -24, 24)),
  );
}

/** The plain form of fitSums. */
export function fitSums({ width, height, cur, prev, next }: Planes): Uint16Array {
  const columns = width / 16;
  const pairs = [[cur, prev], [cur, next], [prev, next]] as const; // prettier-ignore
  return Uint16Array.from({ length: columns * (height / 16) * 4 }, (_, n) => {
    const block = n >> 2;
    const pair = pairs[n & 3];
    if (!pair) return 0;
    return over(block % columns, Math.floor(block / columns), 16, width, (i) =>
      Math.min(31, Math.abs((pair[0][i] ?? 0) - (pair[1][i] ?? 0))),
    );
  });
}

/** The plain form of markBlotches; the planes' edges repeat. */
export function markBlotches(planes: Planes, thresholds: Uint8Array, weak: number): Uint8Array {
  const { width, height, cur, prev, next } = planes;
  const columns = width / 16;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [own, before, after] = [cur[i] ?? 0, prev[i] ?? 0, next[i] ?? 0];
    const limit = thresholds[(y >> 4) * columns + (x >> 4)] ?? 0;
    const off = Math.max(0, own - Math.max(before, after), Math.min(before, after) - own);
    if (off <= (limit * weak) >> 4) return 0;
    const gap = Math.abs(before - after);
    let [high, low] = [0, 255];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const near = hold(y + dy, 0, height - 1) * width + hold(x + dx, 0, width - 1);
        high = Math.max(high, prev[near] ?? 0, next[near] ?? 0);
        low = Math.min(low, prev[near] ?? 0, next[near] ?? 0);
      }
    }
    const outside = Math.max(0, own - high, low - own);
    const isStrong = outside > limit && Math.min(255, 2 * gap) <= off;
    return (gap <= off ? 1 : 0) + (isStrong ? 1 : 0);
  });
}
