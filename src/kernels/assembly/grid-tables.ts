// From the affine maps of a bilateral grid to look-up tables, one pair of tables a spatial node.
//
// At a given place the map of luma is a function of one 8-bit number, so slicing needs no arithmetic along luma at all:
// each spatial node gets its whole curve as a table, and a pixel blends the tables of the nodes around it. Tables are
// built when the grid or the strength changes, which is at the network's rate and not at the frame rate.

/** Entries of a luma table: levels 0..256 (the last for interpolation), rounded up to whole vectors. */
export const LUMA_ENTRIES: i32 = 264;
/** Entries of a chroma table: one for every four levels of luma. */
export const CHROMA_ENTRIES: i32 = 64;
/** Fractional bits of luma values and of chroma biases. */
const VALUE_BITS: i32 = 6;
/** Fractional bits of chroma gains. */
const GAIN_BITS: i32 = 10;

/**
 * luma: f32 [nodes, bins, 2], chroma: f32 [nodes, bins, 4] as solveGrid leaves them, nodes = rows x columns.
 * lumaTables: i16 [nodes, LUMA_ENTRIES], the mapped level * 64. chromaTables: i16 [nodes, CHROMA_ENTRIES, 4], gain of
 * u * 1024, bias of u * 64, gain of v * 1024, bias of v * 64. strength 0..1 blends all of them towards identity.
 * positions: scratch, f32 [LUMA_ENTRIES].
 */
export function buildTables(
  luma: usize,
  chroma: usize,
  nodes: i32,
  bins: i32,
  black: f32,
  lumaScale: f32,
  strength: f32,
  lumaTables: usize,
  chromaTables: usize,
  positions: usize,
): void {
  const top = <f32>(bins - 1);
  for (let i = 0; i < LUMA_ENTRIES; i++) {
    const level = min(max((<f32>i - black) * lumaScale, 0), 1);
    store<f32>(positions + (i << 2), top * sqrt<f32>(level));
  }
  for (let n = 0; n < nodes; n++) {
    const maps = luma + ((<usize>n * bins) << 3);
    const table = lumaTables + ((<usize>n * LUMA_ENTRIES) << 1);
    for (let i = 0; i < LUMA_ENTRIES; i++) {
      const z = load<f32>(positions + (i << 2));
      const bin = min(<i32>z, max(bins - 2, 0));
      const f = z - <f32>bin;
      const over: usize = bin + 1 < bins ? 8 : 0;
      const low = maps + (<usize>bin << 3);
      const gain = mix(load<f32>(low), load<f32>(low + over), f);
      const bias = mix(load<f32>(low, 4), load<f32>(low + over, 4), f);
      const level = <f32>i;
      const mapped = level + strength * (gain * level + bias - level);
      store<i16>(table + (i << 1), toFixed(min(max(mapped, 0), 255), VALUE_BITS));
    }
    const chromaMaps = chroma + ((<usize>n * bins) << 4);
    const chromaTable = chromaTables + ((<usize>n * CHROMA_ENTRIES) << 3);
    for (let i = 0; i < CHROMA_ENTRIES; i++) {
      const z = load<f32>(positions + ((i * 4 + 2) << 2));
      const bin = min(<i32>z, max(bins - 2, 0));
      const f = z - <f32>bin;
      const over: usize = bin + 1 < bins ? 16 : 0;
      const low = chromaMaps + (<usize>bin << 4);
      for (let k: usize = 0; k < 16; k += 8) {
        const gain = mix(load<f32>(low + k), load<f32>(low + over + k), f);
        const bias = mix(load<f32>(low + k, 4), load<f32>(low + over + k, 4), f);
        const to = chromaTable + (i << 3) + (k >> 1);
        store<i16>(to, toFixed(1.0 + strength * (gain - 1.0), GAIN_BITS));
        store<i16>(to, toFixed(strength * bias, VALUE_BITS), 2);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function mix(a: f32, b: f32, f: f32): f32 {
  return a + (b - a) * f;
}

// @ts-ignore: decorator
@inline
function toFixed(value: f32, bits: i32): i16 {
  return <i16>min(max(nearest<f32>(value * <f32>(1 << bits)), -32767), 32767);
}

/**
 * Weights of the two nodes on either side of every pixel of a row, for the slice kernels.
 *
 * nodes: i32 [columns], ascending pixel positions; weights: i16 [width, 2, copies], the pair (left, right) of 256ths
 * repeated `copies` times a pixel.
 */
export function columnWeights(nodes: usize, columns: i32, width: i32, weights: usize, copies: i32): void {
  let at = weights;
  let segment = 0;
  for (let x = 0; x < width; x++) {
    while (segment < columns && x >= load<i32>(nodes + (<usize>segment << 2))) segment++;
    let right: i32 = 0;
    if (segment > 0 && segment < columns) {
      const start = load<i32>(nodes + ((<usize>segment - 1) << 2));
      const end = load<i32>(nodes + (<usize>segment << 2));
      right = ((x - start) * 512 + (end - start)) / (2 * (end - start));
    }
    for (let c = 0; c < copies; c++) {
      store<i16>(at, <i16>(256 - right));
      store<i16>(at, <i16>right, 2);
      at += 4;
    }
  }
}
