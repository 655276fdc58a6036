import { colourCoefficients, lumaLimits } from '../frames/picture-format.js';
import type { SharedArena } from '../frames/shared-arena.js';
import { partsFor, type KernelCrew } from '../kernels/kernel-crew.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { GridGeometry } from './grid-geometry.js';
import { fitScratchBytes, gridFloats, solveMaps, type SolverAddresses } from './grid-solver.js';
import type { Size } from './working-size.js';

/** Shape of a photograph's samples. */
export interface PhotoShape extends Size {
  /** 3 for RGB, 4 for RGB and alpha, interleaved. */
  readonly channels: 3 | 4;
  /** Bits of a sample. */
  readonly depth: 8 | 16;
}

/** Samples of a photograph: [height, width, channels], of 8 or of 16 bits. */
export type PhotoPixels = Uint8Array | Uint16Array;

/** Photographs are brought through shared memory in strips of about this many bytes. */
const STRIP_BYTES = 1 << 19;
/** Room for the table of sliceRgb8, see SLICE_RGB_TABLE. */
const TABLE_BYTES = 1 << 15;

/** A place for rows on their way through. */
interface Strip {
  /** As the photograph has them, and as they are mapped; by address. */
  readonly given: number;
  readonly mapped: number;
  /** Scratch of sliceRgb. */
  readonly cells: number;
}

/**
 * A bilateral grid for one photograph, which stays outside of shared memory and passes through it in strips.
 *
 * In turn: `downsample` makes the working picture, the network changes it in place, `learn` finds the grid between what
 * it was and what it is, `slice` maps the photograph.
 */
export class PhotoGrid {
  /** Working picture: f32 [3, height, width], R, G, B in 0..1, by address. */
  readonly rgb: number;
  /** Scratch of the same size. */
  readonly lab: number;
  readonly #crew: KernelCrew;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #geometry: GridGeometry;
  readonly #shape: PhotoShape;
  readonly #working: Size;
  readonly #planes: readonly [number, number, number];
  readonly #targets: readonly [number, number, number];
  readonly #at: SolverAddresses;
  readonly #fitScratch: number;
  readonly #maps: number;
  readonly #boxes: number;
  readonly #strips: readonly Strip[];
  readonly #rowsPerStrip: number;

  /** crew: over the arena's memory. */
  constructor(crew: KernelCrew, arena: SharedArena, geometry: GridGeometry, shape: PhotoShape, working: Size) {
    const { kernels } = crew;
    this.#crew = crew;
    this.#kernels = kernels;
    this.#arena = arena;
    this.#geometry = geometry;
    this.#shape = shape;
    this.#working = working;
    const plane = working.width * working.height * 4;
    this.rgb = arena.allocate(3 * plane);
    this.lab = arena.allocate(3 * plane);
    const planes = (): [number, number, number] => [
      arena.allocate(plane),
      arena.allocate(plane),
      arena.allocate(plane),
    ];
    this.#planes = planes();
    this.#targets = planes();
    const nodes = geometry.columns * geometry.rows * geometry.bins;
    const sums = gridFloats(geometry) * 4;
    this.#at = {
      sums: arena.allocate(sums),
      spread: arena.allocate(sums + 64),
      scratch: arena.allocate(sums + 64),
      luma: arena.allocate(nodes * 8),
      chroma: arena.allocate(nodes * 16),
    };
    this.#fitScratch = arena.allocate(fitScratchBytes(geometry));
    this.#maps = arena.allocate(nodes * 32);
    this.#boxes = arena.allocate(working.width * 16);
    this.#rowsPerStrip = rowsPerStrip(shape);
    const room = this.#rowsPerStrip * rowBytes(shape) + 64;
    this.#strips = Array.from({ length: partsFor(crew.size) }, () => ({
      given: arena.allocate(room),
      mapped: arena.allocate(room),
      cells: arena.allocate(kernels.SLICE_RGB_TABLE.value + geometry.columns * geometry.bins * 160),
    }));
  }

  /** Bytes of an arena that a grid takes. threads: the crew's size. */
  static bytes(geometry: GridGeometry, shape: PhotoShape, working: Size, threads: number): number {
    const nodes = geometry.columns * geometry.rows * geometry.bins;
    const strip =
      TABLE_BYTES + geometry.columns * geometry.bins * 160 + 2 * rowsPerStrip(shape) * rowBytes(shape) + 256;
    return (
      working.width * working.height * 48 +
      nodes * (3 * 64 + 24 + 32) +
      fitScratchBytes(geometry) +
      working.width * 16 +
      partsFor(threads) * strip +
      4096
    );
  }

  /** Averages the photograph down to the working picture. */
  downsample(pixels: PhotoPixels): void {
    const { width, height, channels, depth } = this.#shape;
    const { width: boxes, height: lines } = this.#working;
    const white = depth === 8 ? 255 : 65535;
    const add = depth === 8 ? this.#kernels.sumRows8 : this.#kernels.sumRows16;
    const sums = this.#arena.float32(this.#boxes, boxes * 4);
    const rgb = this.#arena.float32(this.rgb, 3 * boxes * lines);
    for (let line = 0; line < lines; line++) {
      const top = Math.floor((line * height) / lines);
      const bottom = Math.max(top + 1, Math.floor(((line + 1) * height) / lines));
      sums.fill(0);
      for (let y = top; y < bottom; y += this.#rowsPerStrip) {
        const rows = Math.min(this.#rowsPerStrip, bottom - y);
        add(this.#load(pixels, y, rows, 0), width, rows, channels, this.#boxes, boxes);
      }
      for (let box = 0; box < boxes; box++) {
        const left = Math.floor((box * width) / boxes);
        const right = Math.max(left + 1, Math.floor(((box + 1) * width) / boxes));
        const scale = 1 / ((right - left) * (bottom - top) * white);
        for (let k = 0; k < 3; k++) rgb[(k * lines + line) * boxes + box] = (sums[box * 4 + k] ?? 0) * scale;
      }
    }
    this.#toPlanes(this.#planes);
  }

  /** Finds the grid from the working picture as `downsample` made it to what it is now. strength: 0 nothing, 1 fully. */
  learn(strength: number, keepLuma: boolean): void {
    const { columns, rows, bins } = this.#geometry;
    const { width, height } = this.#working;
    this.#toPlanes(this.#targets);
    if (keepLuma) {
      // Not done by solveMaps: the ratio of target luma to luma is where the gains of flat chroma are pulled to.
      const plane = width * height * 4;
      this.#arena.bytes(this.#targets[0], plane).set(this.#arena.bytes(this.#planes[0], plane));
    }
    const { black, white } = lumaLimits('full');
    this.#arena.bytes(this.#at.sums, gridFloats(this.#geometry) * 4).fill(0);
    this.#kernels.fitGrid(
      ...this.#planes, ...this.#targets, width, height, this.#at.sums, columns, rows, bins, black, 1 / (white - black),
      this.#fitScratch,
    ); // prettier-ignore
    solveMaps(this.#kernels, this.#arena.memory, this.#geometry, this.#at, this.#working, { black, white }, keepLuma);
    this.#layMaps(strength);
  }

  /** Maps the photograph, in place. */
  slice(pixels: PhotoPixels): void {
    this.sliceRows(pixels, 0, this.#shape.height, pixels);
  }

  /** Maps rows `top` to `top + rows` of the photograph into the first rows of `into`; both may be the same from row 0 on. */
  sliceRows(pixels: PhotoPixels, top: number, rows: number, into: PhotoPixels): void {
    const { width, height, channels, depth } = this.#shape;
    const { columns, rows: gridRows, bins } = this.#geometry;
    const row = rowBytes(this.#shape);
    const end = top + rows;
    const atOnce = this.#strips.length * this.#rowsPerStrip;
    for (let batch = top; batch < end; batch += atOnce) {
      const batchEnd = Math.min(batch + atOnce, end);
      this.#strips.forEach(({ mapped, cells }, i) => {
        const y = batch + i * this.#rowsPerStrip;
        const count = Math.min(this.#rowsPerStrip, batchEnd - y);
        if (count <= 0) return;
        const given = this.#load(pixels, y, count, i);
        this.#crew.add(
          depth === 8 ? 'sliceRgb8' : 'sliceRgb16',
          given, mapped, width, count, channels, y, height, this.#maps, columns, gridRows, bins, cells,
        ); // prettier-ignore
      });
      this.#crew.run();
      this.#strips.forEach(({ mapped }, i) => {
        const y = batch + i * this.#rowsPerStrip;
        const count = Math.min(this.#rowsPerStrip, batchEnd - y);
        if (count <= 0) return;
        const to = new Uint8Array(into.buffer, into.byteOffset + (y - top) * row, count * row);
        to.set(this.#arena.bytes(mapped, to.length));
      });
    }
  }

  /** Copies rows into a strip, and returns where they lie. */
  #load(pixels: PhotoPixels, top: number, rows: number, strip: number): number {
    const row = rowBytes(this.#shape);
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset + top * row, rows * row);
    const { given } = this.#strips[strip] as Strip;
    this.#arena.bytes(given, bytes.length).set(bytes);
    return given;
  }

  #toPlanes(planes: readonly [number, number, number]): void {
    const c = colourCoefficients('bt709', 'full');
    this.#kernels.rgbToYuv(
      this.rgb, ...planes, this.#working.width * this.#working.height, c.black, c.lumaScale, c.chromaScale,
      c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
    ); // prettier-ignore
  }

  /** Puts gains and biases in the order that sliceRgb takes, blended towards identity. */
  #layMaps(strength: number): void {
    const { columns, rows, bins } = this.#geometry;
    const nodes = columns * rows * bins;
    const luma = this.#arena.float32(this.#at.luma, nodes * 2);
    const chroma = this.#arena.float32(this.#at.chroma, nodes * 4);
    const maps = this.#arena.float32(this.#maps, nodes * 8);
    const gain = (value: number | undefined): number => 1 + strength * ((value ?? 1) - 1);
    const bias = (value: number | undefined): number => strength * (value ?? 0);
    for (let n = 0; n < nodes; n++) {
      maps[n * 8] = gain(luma[n * 2]);
      maps[n * 8 + 1] = gain(chroma[n * 4]);
      maps[n * 8 + 2] = gain(chroma[n * 4 + 2]);
      maps[n * 8 + 4] = bias(luma[n * 2 + 1]);
      maps[n * 8 + 5] = bias(chroma[n * 4 + 1]);
      maps[n * 8 + 6] = bias(chroma[n * 4 + 3]);
    }
  }
}

function rowBytes({ width, channels, depth }: PhotoShape): number {
  return (width * channels * depth) / 8;
}

function rowsPerStrip(shape: PhotoShape): number {
  return Math.max(1, Math.min(shape.height, Math.floor(STRIP_BYTES / rowBytes(shape))));
}
