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
/** Bytes of the sums of a bin's both sides. */
const PAIR: usize = 128;

/**
 * Adds a picture's pixels to the sums.
 *
 * y, u, v and targetY, targetU, targetV: f32 [height, width], code values; sums: f32 [rows, columns, bins, 16].
 * lumaScale is 1 / (white - black). scratch: f32 [bins, 2, 16], zeros; they are zeros again at the end.
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
  scratch: usize,
): void {
  const perColumn = <usize>bins * NODE;
  const perRow = <usize>columns * perColumn;
  const xScale = <f32>columns / <f32>width;
  const yScale = <f32>rows / <f32>height;
  const zScale = <f32>(bins - 1);
  const lastBin = max(bins - 2, 0);
  const above: usize = bins > 1 ? PAIR : 0;
  for (let j = 0; j < height; j++) {
    const gy = min(max((<f32>j + 0.5) * yScale - 0.5, 0), <f32>(rows - 1));
    const row0 = min(<i32>gy, max(rows - 2, 0));
    const fy = gy - <f32>row0;
    const below = row0 + 1 < rows ? perRow : 0;
    // From one column of nodes to the next, a row's pixels add to both sides of every bin in scratch, which goes to four
    // nodes a bin at once. Before the first and behind the last column, one side has all the weight.
    let i = 0;
    for (let segment = 0; segment <= columns; segment++) {
      const end = segment < columns ? <i32>ceil<f64>(((<f64>segment + 0.5) * width) / columns - 0.5) : width;
      const isInside = segment > 0 && segment < columns;
      const column = max(segment - 1, 0);
      let lowest = bins;
      let highest = -1;
      for (; i < end; i++) {
        const at = (<usize>j * width + i) << 2;
        const fx = isInside ? (<f32>i + 0.5) * xScale - 0.5 - <f32>column : 0;
        const luma = load<f32>(y + at);
        const gz = zScale * sqrt<f32>(min(max((luma - black) * lumaScale, 0), 1));
        const bin0 = min(<i32>gz, lastBin);
        const fz = gz - <f32>bin0;
        lowest = min(lowest, bin0);
        highest = max(highest, bin0);

        const t = load<f32>(targetY + at);
        const cu = load<f32>(u + at) - 128;
        const cs = load<f32>(targetU + at) - 128;
        const cv = load<f32>(v + at) - 128;
        const cq = load<f32>(targetV + at) - 128;
        const a = lanes(1, luma, luma * luma, t);
        const b = lanes(luma * t, cu, cu * cu, cs);
        const c = lanes(cu * cs, cv, cv * cv, cq);
        const d = lanes(cv * cq, t * t, 0, 0);

        const node = scratch + <usize>bin0 * PAIR;
        const far = fx * fz;
        add(node, 1 - fx - fz + far, a, b, c, d);
        add(node + above, fz - far, a, b, c, d);
        if (isInside) {
          add(node + NODE, fx - far, a, b, c, d);
          add(node + above + NODE, far, a, b, c, d);
        }
      }
      if (highest < 0) continue;
      const corner = sums + <usize>row0 * perRow + <usize>column * perColumn;
      const last = min(highest + 1, bins - 1);
      for (let bin = lowest; bin <= last; bin++) {
        const from = scratch + <usize>bin * PAIR;
        const to = corner + <usize>bin * NODE;
        spend(from, to, below, 1 - fy, fy);
        if (isInside) spend(from + NODE, to + perColumn, below, 1 - fy, fy);
      }
    }
  }
}

// Adds sums to a node and, by the other weight, to the one below it, and leaves zeros.
// @ts-ignore: decorator
@inline
function spend(from: usize, to: usize, below: usize, upper: f32, lower: f32): void {
  const w = f32x4.splat(upper);
  const v = f32x4.splat(lower);
  for (let k: usize = 0; k < NODE; k += 16) {
    const sum = v128.load(from + k);
    v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(w, sum)));
    v128.store(to + below + k, f32x4.add(v128.load(to + below + k), f32x4.mul(v, sum)));
    v128.store(from + k, f32x4.splat(0));
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
