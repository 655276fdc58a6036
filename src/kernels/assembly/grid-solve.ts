// From the sums of a bilateral grid (see grid-fit) to its affine maps.

const NODE: usize = 64;

/**
 * Adds to every node a share of its neighbourhood, of its luma bin over the whole picture and of all bins, so that
 * nodes with few pixels or none take their maps from what is nearest to them.
 *
 * sums: f32 [rows, columns, bins, 16]; spread, scratch: the same size and one node more, overwritten; the result is in
 * spread. Shares are of the mean node of each level.
 */
export function spreadSums(
  sums: usize,
  spread: usize,
  scratch: usize,
  columns: i32,
  rows: i32,
  bins: i32,
  nearShare: f32,
  binShare: f32,
  allShare: f32,
): void {
  const nodes = columns * rows;
  const perNode = <usize>bins * NODE;
  const perRow = <usize>columns * perNode;
  const total = <usize>nodes * perNode;

  // Neighbourhood: [1 2 1] / 4 along x, y and z in turn.
  blur(sums, scratch, nodes, bins, NODE, perNode, NODE);
  blurAlong(scratch, spread, rows, columns, perRow, perNode, perNode);
  blurAlong(spread, scratch, columns, rows, perNode, perRow, perNode);

  // Mean node of each bin, and of all, in the first part of spread.
  const bin = spread;
  memory.fill(bin, 0, perNode + NODE);
  for (let n: usize = 0; n < total; n += perNode) {
    for (let i: usize = 0; i < perNode; i += 16) v128.store(bin + i, f32x4.add(v128.load(bin + i), v128.load(sums + n + i)));
  }
  const all = bin + perNode;
  for (let i: usize = 0; i < perNode; i += NODE) {
    for (let k: usize = 0; k < NODE; k += 16) v128.store(all + k, f32x4.add(v128.load(all + k), v128.load(bin + i + k)));
  }
  const near = f32x4.splat(nearShare);
  const ofBin = f32x4.splat(binShare / <f32>nodes);
  const ofAll = f32x4.splat(allShare / <f32>(nodes * bins));
  for (let n: usize = 0; n < total; n += perNode) {
    for (let i: usize = 0; i < perNode; i += 16) {
      const own = f32x4.add(v128.load(sums + n + i), f32x4.mul(near, v128.load(scratch + n + i)));
      const wide = f32x4.add(
        f32x4.mul(ofBin, v128.load(bin + i)),
        f32x4.mul(ofAll, v128.load(all + (i & (NODE - 1)))),
      );
      v128.store(scratch + n + i, f32x4.add(own, wide));
    }
  }
  memory.copy(spread, scratch, total);
}

// [1 2 1] / 4 along luma within each of `nodes` columns of bins; edges repeat.
function blur(from: usize, to: usize, nodes: i32, bins: i32, step: usize, perNode: usize, size: usize): void {
  for (let n = 0; n < nodes; n++) {
    const base = <usize>n * perNode;
    for (let z = 0; z < bins; z++) {
      const at = base + <usize>z * step;
      tap(from, to, at, z > 0 ? at - step : at, z + 1 < bins ? at + step : at, size);
    }
  }
}

// [1 2 1] / 4 along an axis of `count` steps, for each of `lines` lines; `size` bytes at each place.
function blurAlong(from: usize, to: usize, count: i32, lines: i32, step: usize, perLine: usize, size: usize): void {
  for (let l = 0; l < lines; l++) {
    for (let i = 0; i < count; i++) {
      const at = <usize>l * perLine + <usize>i * step;
      tap(from, to, at, i > 0 ? at - step : at, i + 1 < count ? at + step : at, size);
    }
  }
}

// @ts-ignore: decorator
@inline
function tap(from: usize, to: usize, at: usize, before: usize, after: usize, size: usize): void {
  const half = f32x4.splat(0.5);
  const quarter = f32x4.splat(0.25);
  for (let k: usize = 0; k < size; k += 16) {
    const sides = f32x4.add(v128.load(from + before + k), v128.load(from + after + k));
    v128.store(to + at + k, f32x4.add(f32x4.mul(half, v128.load(from + at + k)), f32x4.mul(quarter, sides)));
  }
}

/**
 * Solves each node's three weighted least-squares lines: target luma from luma, and each target chroma from its
 * chroma. Where the pixels of a node hardly differ, their slope is noise: a ridge pulls the gain towards the ratio of
 * mean target luma to mean luma, which is what a change of illumination does.
 *
 * sums: f32 [rows, columns, bins, 16]; luma: f32 [nodes, 2] gain and bias of code values; chroma: f32 [nodes, 4]
 * gain and bias of u - 128, then of v - 128; nodes counts rows x columns x bins. ridge is in squared levels;
 * anchor is the weight of an imagined pixel at (white, white) in every node, which keeps levels that no pixel has
 * from being carried past white; gains stay in 0..maxGain.
 */
export function solveGrid(
  sums: usize,
  nodes: i32,
  luma: usize,
  chroma: usize,
  ridge: f32,
  anchor: f32,
  black: f32,
  white: f32,
  maxGain: f32,
): void {
  for (let n = 0; n < nodes; n++) {
    const s = sums + <usize>n * NODE;
    const weight = load<f32>(s) + anchor + 1e-12;
    const meanY = (load<f32>(s, 4) + anchor * white) / weight;
    const meanT = (load<f32>(s, 12) + anchor * white) / weight;
    const varY = max((load<f32>(s, 8) + anchor * white * white) / weight - meanY * meanY, 0);
    const covariance = (load<f32>(s, 16) + anchor * white * white) / weight - meanY * meanT;
    const ratio = min(max((meanT - black) / max(meanY - black, 0.5), 0), maxGain);
    const gain = min(max((covariance + ridge * ratio) / (varY + ridge), 0), maxGain);
    store<f32>(luma + (<usize>n << 3), gain);
    store<f32>(luma + (<usize>n << 3), meanT - gain * meanY, 4);

    const chromaWeight = load<f32>(s) + 1e-12;
    const prior = load<f32>(s) > 1e-9 ? ratio : <f32>1;
    line(s, 20, chromaWeight, ridge, prior, maxGain, chroma + (<usize>n << 4));
    line(s, 36, chromaWeight, ridge, prior, maxGain, chroma + (<usize>n << 4) + 8);
  }
}

// Sums at `s + at`: c, c c, target, c target. Writes gain and bias.
// @ts-ignore: decorator
@inline
function line(s: usize, at: usize, weight: f32, ridge: f32, prior: f32, maxGain: f32, to: usize): void {
  const mean = load<f32>(s + at) / weight;
  const meanTarget = load<f32>(s + at, 8) / weight;
  const variance = max(load<f32>(s + at, 4) / weight - mean * mean, 0);
  const covariance = load<f32>(s + at, 12) / weight - mean * meanTarget;
  const gain = min(max((covariance + ridge * prior) / (variance + ridge), 0), maxGain);
  store<f32>(to, gain);
  store<f32>(to, meanTarget - gain * mean, 4);
}
