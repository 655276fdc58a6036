// Normal equations of a bilateral grid of affine maps, gathered from a working-size picture and its target.
//
// A grid has columns x rows spatial nodes and bins nodes along luma. Each pixel adds to the eight nodes around it with
// its trilinear weight. Node n along an axis of length L sits at (n + 0.5) * L / nodes - 0.5; beyond the outer nodes
// the weight is theirs alone. Along luma, z = (bins - 1) * sqrt((y - black) / (white - black)), which gives the dark
// levels, where low-light pictures live, most of the bins.
//
// Sixteen floats a node, sums over pixels of the weight w times:
//   0: 1      1: y       2: y y     3: t      (t: target luma)
//   4: y t    5: u       6: u u     7: s      (u: chroma - 128; s: target chroma - 128)
//   8: u s    9: v      10: v v    11: q
//  12: v q   13: t t    14: 0      15: 0

/** Bytes of one node's sums. */
const NODE: usize = 64;

/**
 * Adds a picture's pixels to the sums.
 *
 * y, u, v and targetY, targetU, targetV: f32 [height, width], code values; sums: f32 [rows, columns, bins, 16].
 * lumaScale is 1 / (white - black).
 */
export function fitGrid(
  y: usize,
  u: usize,
  v: usize,
  targetY: usize,
  targetU: usize,
  targetV: usize,
  width: i32,
  height: i32,
  sums: usize,
  columns: i32,
  rows: i32,
  bins: i32,
  black: f32,
  lumaScale: f32,
): void {
  const perColumn = <usize>bins * NODE;
  const perRow = <usize>columns * perColumn;
  const xScale = <f32>columns / <f32>width;
  const yScale = <f32>rows / <f32>height;
  const top = <f32>(bins - 1);
  for (let j = 0; j < height; j++) {
    const gy = min(max((<f32>j + 0.5) * yScale - 0.5, 0), <f32>(rows - 1));
    const row0 = min(<i32>gy, max(rows - 2, 0));
    const fy = gy - <f32>row0;
    const below = row0 + 1 < rows ? perRow : 0;
    const band = sums + <usize>row0 * perRow;
    let at = (<usize>j * width) << 2;
    for (let i = 0; i < width; i++, at += 4) {
      const gx = min(max((<f32>i + 0.5) * xScale - 0.5, 0), <f32>(columns - 1));
      const column0 = min(<i32>gx, max(columns - 2, 0));
      const fx = gx - <f32>column0;
      const right = column0 + 1 < columns ? perColumn : 0;

      const luma = load<f32>(y + at);
      const gz = top * sqrt<f32>(min(max((luma - black) * lumaScale, 0), 1));
      const bin0 = min(<i32>gz, max(bins - 2, 0));
      const fz = gz - <f32>bin0;
      const over = bin0 + 1 < bins ? NODE : 0;

      const t = load<f32>(targetY + at);
      const cu = load<f32>(u + at) - 128;
      const cs = load<f32>(targetU + at) - 128;
      const cv = load<f32>(v + at) - 128;
      const cq = load<f32>(targetV + at) - 128;
      const a = lanes(1, luma, luma * luma, t);
      const b = lanes(luma * t, cu, cu * cu, cs);
      const c = lanes(cu * cs, cv, cv * cv, cq);
      const d = lanes(cv * cq, t * t, 0, 0);

      const node = band + <usize>column0 * perColumn + <usize>bin0 * NODE;
      const nz: f32 = 1.0 - fz;
      const w00: f32 = (1.0 - fx) * (1.0 - fy);
      const w10: f32 = fx * (1.0 - fy);
      const w01: f32 = (1.0 - fx) * fy;
      const w11 = fx * fy;
      add(node, w00 * nz, a, b, c, d);
      add(node + over, w00 * fz, a, b, c, d);
      add(node + right, w10 * nz, a, b, c, d);
      add(node + right + over, w10 * fz, a, b, c, d);
      add(node + below, w01 * nz, a, b, c, d);
      add(node + below + over, w01 * fz, a, b, c, d);
      add(node + below + right, w11 * nz, a, b, c, d);
      add(node + below + right + over, w11 * fz, a, b, c, d);
    }
  }
}

// @ts-ignore: decorator
@inline
function lanes(a: f32, b: f32, c: f32, d: f32): v128 {
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(a), 1, b), 2, c), 3, d);
}

// @ts-ignore: decorator
@inline
function add(node: usize, weight: f32, a: v128, b: v128, c: v128, d: v128): void {
  const w = f32x4.splat(weight);
  v128.store(node, f32x4.add(v128.load(node), f32x4.mul(w, a)));
  v128.store(node, f32x4.add(v128.load(node, 16), f32x4.mul(w, b)), 16);
  v128.store(node, f32x4.add(v128.load(node, 32), f32x4.mul(w, c)), 32);
  v128.store(node, f32x4.add(v128.load(node, 48), f32x4.mul(w, d)), 48);
}

/** target = keep * target + fresh, over `count` floats (a multiple of 4): exponential forgetting of the sums. */
export function forgetAndAdd(target: usize, fresh: usize, count: i32, keep: f32): void {
  const factor = f32x4.splat(keep);
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(target + i, f32x4.add(f32x4.mul(factor, v128.load(target + i)), v128.load(fresh + i)));
  }
}
