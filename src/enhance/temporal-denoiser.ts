import { lumaLimits } from '../frames/picture-format.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { KernelCrew } from '../kernels/kernel-crew.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameColour, FrameView } from './frame-view.js';
import type { Size } from './working-size.js';

/** A picture without its noise, i16 planes of level * 64 without padding, by address. */
export interface DenoisedFrame {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** Frames over which full strength averages a still pixel. */
const LONGEST_AVERAGE = 30;
/** Mean differences, in standard deviations of the noise, up to which a neighbourhood counts as still ... */
const STILL_UP_TO = 0.6;
/** ... and over how much more its rate rises to that of motion. */
const RAMP = 0.8;
/** Bounds of the estimated standard deviation, in levels: no camera is cleaner, and beyond the upper it is motion. */
const NOISE_BOUNDS = [0.4, 6] as const;
/** Share of the old estimate that each frame keeps. */
const NOISE_MEMORY = 0.9;
/** The kernel's sums are of 25 pixels in quarter levels. */
const SUM_PER_LEVEL = 100;
const LARGEST_SUM = 25500;
/** A mean absolute difference times this is a standard deviation, for Gaussian noise. */
const TO_DEVIATION = 1.2533;
/** Distances of the taps of the passes that smooth averaged chroma: coarse first, as encoders' blotches are wide. */
const CHROMA_STEPS = [4, 2] as const;
/** Differences that chroma smoothing takes for noise: this many standard deviations, and the coarse steps of coded chroma. */
const CHROMA_DEVIATIONS = 1;
const CHROMA_STEP = 2;
/** A level in the units of the averages. */
const LEVEL = 64;

/**
 * Motion-adaptive temporal noise filter for a stream of I420 pictures.
 *
 * Keeps a running average of every pixel; where something moves it follows at once. It measures the noise itself. What
 * is then left in chroma, blotches of coarsely quantised dark colour, is smoothed across the picture between edges.
 */
export class TemporalDenoiser {
  readonly #crew: KernelCrew;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #size: Size;
  readonly #bins: number;
  readonly frame: DenoisedFrame;
  /** Running averages of the chroma planes, before they are smoothed. */
  readonly #u: number;
  readonly #v: number;
  /** Chroma between the two passes that smooth it. */
  readonly #betweenU: number;
  readonly #betweenV: number;
  /** Scratch of each plane's filter: all three may be in work at a time. */
  readonly #scratch: readonly [number, number, number];
  #frames = 0;
  #lumaNoise: number | null = null;
  #chromaNoise: number | null = null;

  /** crew: over the arena's memory. */
  constructor(crew: KernelCrew, arena: SharedArena, size: Size) {
    const { kernels } = crew;
    this.#crew = crew;
    this.#kernels = kernels;
    this.#arena = arena;
    this.#size = size;
    const pixels = size.width * size.height;
    this.frame = {
      y: arena.allocate(pixels * 2 + 64),
      u: arena.allocate(pixels / 2 + 64),
      v: arena.allocate(pixels / 2 + 64),
    };
    this.#u = arena.allocate(pixels / 2 + 64);
    this.#v = arena.allocate(pixels / 2 + 64);
    this.#betweenU = arena.allocate(pixels / 2 + 64);
    this.#betweenV = arena.allocate(pixels / 2 + 64);
    const scratch = (): number =>
      arena.allocate(Math.max(kernels.denoiseScratchBytes(size.width), kernels.smoothScratchBytes(size.width / 2)));
    this.#scratch = [scratch(), scratch(), scratch()];
    this.#bins = arena.allocate(2048);
  }

  /** Bytes of an arena that a filter takes. */
  static bytes(size: Size): number {
    return size.width * size.height * 5 + size.width * 48 + 8192;
  }

  /** Estimated standard deviation of the luma noise, in levels; null before the second frame. */
  get noise(): number | null {
    return this.#lumaNoise;
  }

  /** Forgets the average; the next frame starts it anew. What is known of the camera's noise is kept. */
  reset(): void {
    this.#frames = 0;
  }

  /** Forgets everything, as if the filter were new. */
  forget(): void {
    this.reset();
    this.#lumaNoise = null;
    this.#chromaNoise = null;
  }

  /** Takes in a frame. strength: 0 makes the average the frame itself, 1 averages still pixels over thirty frames. */
  add(input: FrameView, colour: FrameColour, strength: number): void {
    const { width, height } = this.#size;
    const [chromaWidth, chromaHeight] = [width / 2, height / 2];
    const k = this.#kernels;
    const [lumaScratch, uScratch, vScratch] = this.#scratch;
    if (this.#frames === 0) {
      k.resetAverage(input.y, input.lumaStride, width, height, this.frame.y);
      k.resetAverage(input.u, input.chromaStride, chromaWidth, chromaHeight, this.#u);
      k.resetAverage(input.v, input.chromaStride, chromaWidth, chromaHeight, this.#v);
      this.#frames = 1;
      this.#smoothChroma(strength);
      return;
    }
    this.#measure(input, colour);
    this.#frames = Math.min(this.#frames + 1, LONGEST_AVERAGE);
    const length = 1 + (LONGEST_AVERAGE - 1) * strength * strength;
    // A young average is the plain mean of its frames.
    const still = Math.round(32767 / Math.min(this.#frames, length));
    this.#filter(input.y, input.lumaStride, width, height, this.frame.y, lumaScratch, still, this.#lumaNoise ?? 1);
    const chromaNoise = this.#chromaNoise ?? 1;
    this.#filter(input.u, input.chromaStride, chromaWidth, chromaHeight, this.#u, uScratch, still, chromaNoise);
    this.#filter(input.v, input.chromaStride, chromaWidth, chromaHeight, this.#v, vScratch, still, chromaNoise);
    this.#crew.run();
    this.#smoothChroma(strength);
  }

  #smoothChroma(strength: number): void {
    const [width, height] = [this.#size.width / 2, this.#size.height / 2];
    const threshold = Math.round(
      strength * LEVEL * (CHROMA_STEP + CHROMA_DEVIATIONS * (this.#chromaNoise ?? NOISE_BOUNDS[0])),
    );
    const [coarse, fine] = CHROMA_STEPS;
    const { u, v } = this.frame;
    const [, uScratch, vScratch] = this.#scratch;
    const crew = this.#crew;
    crew.add('smoothPlane', this.#u, this.#betweenU, width, height, coarse, threshold, uScratch);
    crew.add('smoothPlane', this.#v, this.#betweenV, width, height, coarse, threshold, vScratch);
    crew.run();
    crew.add('smoothPlane', this.#betweenU, u, width, height, fine, threshold, uScratch);
    crew.add('smoothPlane', this.#betweenV, v, width, height, fine, threshold, vScratch);
    crew.run();
  }

  #filter(
    src: number,
    stride: number,
    width: number,
    height: number,
    average: number,
    scratch: number,
    still: number,
    noise: number,
  ): void {
    const threshold = Math.min(LARGEST_SUM, Math.round(STILL_UP_TO * noise * SUM_PER_LEVEL));
    const span = Math.max(1, Math.round(RAMP * noise * SUM_PER_LEVEL));
    this.#crew.add('denoisePlane', src, stride, width, height, average, scratch, still, threshold, span);
  }

  #measure(input: FrameView, colour: FrameColour): void {
    const { width, height } = this.#size;
    const { black } = lumaLimits(colour.range);
    const k = this.#kernels;
    k.noiseHistograms(input.y, input.lumaStride, width, height, this.frame.y, this.#bins, black + 1);
    this.#lumaNoise = this.#blend(this.#lumaNoise);
    k.noiseHistograms(input.u, input.chromaStride, width / 2, height / 2, this.#u, this.#bins, 0);
    this.#chromaNoise = this.#blend(this.#chromaNoise);
  }

  #blend(old: number | null): number | null {
    const bins = new Uint32Array(this.#arena.memory.buffer, this.#bins, 512);
    const temporal = percentile(bins.subarray(0, 256), 0.3);
    const spatial = percentile(bins.subarray(256), 0.2);
    if (temporal === null || spatial === null) return old;
    // The spatial measure sees only what differs from row to row, which misses about half of a camera's blotchy noise.
    const deviation = Math.min(temporal, 2 * spatial) * TO_DEVIATION;
    const fresh = Math.min(NOISE_BOUNDS[1], Math.max(NOISE_BOUNDS[0], deviation));
    return old === null ? fresh : NOISE_MEMORY * old + (1 - NOISE_MEMORY) * fresh;
  }
}

/** Level below which a share of the counted blocks lie, from bins of 1/16 level; null if nothing was counted. */
function percentile(bins: Uint32Array, share: number): number | null {
  let total = 0;
  for (const count of bins) total += count;
  if (total === 0) return null;
  let sum = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    sum += bins[bin] ?? 0;
    if (sum >= share * total) return (bin + 0.5) / 16;
  }
  return null;
}
