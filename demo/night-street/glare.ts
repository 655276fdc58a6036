/** Pictures of the glare are made this many times smaller than the picture itself: it holds no fine detail. */
const SHRINK = 4;

/** Part of the light that the lens and the dirt on its window throw about, and how wide: radius in shrunken pixels. */
const HALOS = [
  { part: 0.02, radius: 2 },
  { part: 0.012, radius: 7 },
  { part: 0.01, radius: 24 },
] as const;

/** Adds the glare of bright lights to `picture` (RGB radiance) in place. Width and height are multiples of SHRINK. */
export function addGlare(picture: Float32Array, width: number, height: number): void {
  const columns = width / SHRINK;
  const rows = height / SHRINK;
  const small = shrink(picture, width, columns, rows);
  const sum = new Float32Array(small.length);
  for (const { part, radius } of HALOS) {
    const spread = small.slice();
    // Three box blurs on end come close to a bell curve.
    for (let pass = 0; pass < 3; pass++) {
      blurLines(spread, columns, rows, 3, columns * 3, radius);
      blurLines(spread, rows, columns, columns * 3, 3, radius);
    }
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + part * (spread[k] ?? 0);
  }
  enlarge(sum, columns, rows, picture, width, height);
}

function shrink(picture: Float32Array, width: number, columns: number, rows: number): Float32Array {
  const small = new Float32Array(columns * rows * 3);
  for (let y = 0; y < rows * SHRINK; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = (Math.floor(y / SHRINK) * columns + Math.floor(x / SHRINK)) * 3;
      for (let k = 0; k < 3; k++) small[to + k] = (small[to + k] ?? 0) + (picture[from + k] ?? 0) / (SHRINK * SHRINK);
    }
  }
  return small;
}

/** Averages each of `lines` lines of `count` RGB pixels over `radius` to both sides, dark beyond the ends. */
function blurLines(
  data: Float32Array,
  count: number,
  lines: number,
  step: number,
  lineStep: number,
  radius: number,
): void {
  const line = new Float32Array(count);
  const share = 1 / (2 * radius + 1);
  for (let index = 0; index < lines; index++) {
    for (let k = 0; k < 3; k++) {
      const start = index * lineStep + k;
      let sum = 0;
      for (let i = 0; i < count; i++) line[i] = data[start + i * step] ?? 0;
      for (let i = 0; i < Math.min(radius, count); i++) sum += line[i] ?? 0;
      for (let i = 0; i < count; i++) {
        sum += (line[i + radius] ?? 0) - (line[i - radius - 1] ?? 0);
        data[start + i * step] = sum * share;
      }
    }
  }
}

function enlarge(
  small: Float32Array,
  columns: number,
  rows: number,
  picture: Float32Array,
  width: number,
  height: number,
): void {
  for (let y = 0; y < height; y++) {
    const sy = Math.min(rows - 1.001, Math.max(0, (y + 0.5) / SHRINK - 0.5));
    const row = Math.floor(sy);
    const fy = sy - row;
    for (let x = 0; x < width; x++) {
      const sx = Math.min(columns - 1.001, Math.max(0, (x + 0.5) / SHRINK - 0.5));
      const column = Math.floor(sx);
      const fx = sx - column;
      const at = (row * columns + column) * 3;
      const to = (y * width + x) * 3;
      for (let k = 0; k < 3; k++) {
        const upper = (small[at + k] ?? 0) * (1 - fx) + (small[at + 3 + k] ?? 0) * fx;
        const below = at + columns * 3;
        const lower = (small[below + k] ?? 0) * (1 - fx) + (small[below + 3 + k] ?? 0) * fx;
        picture[to + k] = (picture[to + k] ?? 0) + upper * (1 - fy) + lower * fy;
      }
    }
  }
}
