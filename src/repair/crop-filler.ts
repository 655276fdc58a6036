import type { FrameColour, FrameView } from '../enhance/frame-view.js';
import type { Size } from '../enhance/working-size.js';
import { colourCoefficients, type ColourCoefficients } from '../frames/picture-format.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { NetworkSession } from '../inference/network-session.js';
import { HoleState } from './hole-gatherer.js';
import { HoleFiller } from './hole-filler.js';
import { holeRegions, type HoleRegion } from './hole-regions.js';

/** A part of a picture, in pixels; its corner is even. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Fills large holes of I420 pictures by a network, over as much of the picture around it as the network sees. */
export class CropFiller {
  readonly #arena: SharedArena;
  readonly #filler: HoleFiller;
  readonly #coefficients: ColourCoefficients;

  /** The session must be open for crops. Throws AfterglowError `pipeline-invalid` for a model that fills no holes. */
  constructor(arena: SharedArena, session: NetworkSession, colour: FrameColour) {
    this.#arena = arena;
    this.#filler = new HoleFiller(session);
    this.#coefficients = colourCoefficients(colour.matrix, colour.range);
  }

  /**
   * Fills large holes in at most `most` crops, those with the most of them first. states: [height, width]; what is
   * filled is marked so.
   */
  async fill(picture: FrameView, states: Uint8Array, most: number): Promise<void> {
    const { width, height } = picture;
    const large = states.map((state) => (state === HoleState.large ? 1 : 0));
    const regions = holeRegions(large, width, height, this.#filler.crop)
      .map((region) => ({ region, pixels: countIn(states, width, region) }))
      .sort((a, b) => b.pixels - a.pixels);
    for (const { region } of regions.slice(0, most)) await this.#fillRegion(picture, states, region);
  }

  async #fillRegion(picture: FrameView, states: Uint8Array, region: HoleRegion): Promise<void> {
    const window = windowOf(region, this.#filler.seen(region), picture);
    const { left, top, width, height } = window;
    const mask = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (states[(top + y) * picture.width + left + x] === HoleState.large) mask[y * width + x] = 1;
      }
    }
    const rgb = this.#toRgb(picture, window);
    const holes = mask.slice();
    const inWindow = {
      left: region.left - left,
      top: region.top - top,
      right: region.right - left,
      bottom: region.bottom - top,
      side: region.side,
    };
    await this.#filler.fill(rgb, { width, height, channels: 3, depth: 8 }, mask, holes, inWindow);
    for (let i = 0; i < mask.length; i++) holes[i] = mask[i] === 1 && holes[i] === 0 ? 1 : 0;
    this.#fromRgb(rgb, holes, picture, window);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (holes[y * width + x] === 1) states[(top + y) * picture.width + left + x] = HoleState.filled;
      }
    }
  }

  #toRgb(picture: FrameView, { left, top, width, height }: Window): Uint8Array {
    const c = this.#coefficients;
    const memory = new Uint8Array(this.#arena.memory.buffer);
    const rgb = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      const luma = picture.y + (top + y) * picture.lumaStride + left;
      const chroma = ((top + y) >> 1) * picture.chromaStride + (left >> 1);
      for (let x = 0; x < width; x++) {
        const level = ((memory[luma + x] ?? 0) - c.black) * c.lumaScale;
        const u = ((memory[picture.u + chroma + (x >> 1)] ?? 128) - 128) * c.chromaScale;
        const v = ((memory[picture.v + chroma + (x >> 1)] ?? 128) - 128) * c.chromaScale;
        const at = (y * width + x) * 3;
        rgb[at] = toByte(level + c.redFromV * v);
        rgb[at + 1] = toByte(level + c.greenFromU * u + c.greenFromV * v);
        rgb[at + 2] = toByte(level + c.blueFromU * u);
      }
    }
    return rgb;
  }

  /** Puts back what was filled: chroma by pixels of 2x2, of which one was filled or more. */
  #fromRgb(rgb: Uint8Array, filled: Uint8Array, picture: FrameView, { left, top, width, height }: Window): void {
    const c = this.#coefficients;
    const memory = new Uint8Array(this.#arena.memory.buffer);
    const green = 1 - c.redWeight - c.blueWeight;
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        let [u, v, count] = [0, 0, 0];
        for (let dy = 0; dy < 2; dy++) {
          for (let dx = 0; dx < 2; dx++) {
            const i = (y + dy) * width + x + dx;
            if (filled[i] !== 1) continue;
            const [r, g, b] = [(rgb[i * 3] ?? 0) / 255, (rgb[i * 3 + 1] ?? 0) / 255, (rgb[i * 3 + 2] ?? 0) / 255];
            const level = c.redWeight * r + green * g + c.blueWeight * b;
            memory[picture.y + (top + y + dy) * picture.lumaStride + left + x + dx] = hold(
              c.black + level / c.lumaScale,
            );
            u += (b - level) / (c.blueFromU * c.chromaScale);
            v += (r - level) / (c.redFromV * c.chromaScale);
            count++;
          }
        }
        if (count === 0) continue;
        const at = ((top + y) >> 1) * picture.chromaStride + ((left + x) >> 1);
        memory[picture.u + at] = hold(128 + u / count);
        memory[picture.v + at] = hold(128 + v / count);
      }
    }
  }
}

/** The part of a picture that is seen around a region, and a little more so that its corner is even. */
function windowOf({ left, top, right, bottom }: HoleRegion, seen: Size, picture: Size): Window {
  const begin = (centre: number, length: number, whole: number): number =>
    Math.max(0, Math.min(Math.floor(centre - length / 2), whole - Math.ceil(length))) & ~1;
  const length = (from: number, wanted: number, whole: number): number =>
    Math.min(whole - from, (Math.ceil(wanted) + 3) & ~1);
  const x = begin((left + right) / 2, seen.width, picture.width);
  const y = begin((top + bottom) / 2, seen.height, picture.height);
  return {
    left: x,
    top: y,
    width: length(x, seen.width, picture.width),
    height: length(y, seen.height, picture.height),
  };
}

function countIn(states: Uint8Array, width: number, { left, top, right, bottom }: HoleRegion): number {
  let count = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if (states[y * width + x] === HoleState.large) count++;
  }
  return count;
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value * 255)));
}

function hold(level: number): number {
  return Math.min(255, Math.max(0, Math.round(level)));
}
