import { AfterglowError } from '../errors/afterglow-error.js';
import { colourCoefficients } from '../frames/picture-format.js';
import type { NetworkSession } from '../inference/network-session.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameColour } from './frame-view.js';

/** Addresses of planes of Y, U and V. */
export type Planes = readonly [y: number, u: number, v: number];

/**
 * Lets a network of any colour space but rgb+mask work on RGB pictures of the size that its session is open for.
 *
 * The picture lies in shared memory: f32 [3, height, width], gamma-encoded sRGB 0..1.
 */
export class NetworkAdapter {
  readonly #kernels: Kernels;
  readonly #session: NetworkSession;
  readonly #memory: WebAssembly.Memory;
  readonly #rgb: number;
  readonly #lab: number;

  /**
   * rgb: address of the picture; lab: address of scratch of the same size. Throws AfterglowError `pipeline-invalid` for
   * networks that fill holes, which have a stage of their own.
   */
  constructor(
    kernels: Kernels,
    session: NetworkSession,
    memory: WebAssembly.Memory,
    at: { readonly rgb: number; readonly lab: number },
  ) {
    const { card } = session.model;
    if (card.input.colourSpace === 'rgb+mask') {
      throw new AfterglowError('pipeline-invalid', `the model "${card.name}" fills holes and needs a mask`, {
        remedy: 'use it in a stage "repair" instead of "network"',
      });
    }
    this.#kernels = kernels;
    this.#session = session;
    this.#memory = memory;
    this.#rgb = at.rgb;
    this.#lab = at.lab;
  }

  /**
   * Gives the network a picture as planes of code values, f32 [height, width] each, and leaves its own in `target`, likewise.
   * Throws AfterglowError `model-broken`.
   */
  async answer(picture: Planes, target: Planes, colour: FrameColour): Promise<void> {
    const pixels = this.#session.width * this.#session.height;
    const c = colourCoefficients(colour.matrix, colour.range);
    this.#kernels.yuvToRgb(
      ...picture, this.#rgb, pixels, c.black, c.lumaScale, c.chromaScale,
      c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
    ); // prettier-ignore
    await this.run();
    this.#kernels.rgbToYuv(
      this.#rgb, ...target, pixels, c.black, c.lumaScale, c.chromaScale,
      c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
    ); // prettier-ignore
  }

  /** Replaces the picture by the network's. Throws AfterglowError `model-broken`. */
  async run(): Promise<void> {
    const pixels = this.#session.width * this.#session.height;
    const { buffer } = this.#memory;
    if (this.#session.model.card.input.colourSpace === 'rgb') {
      const rgb = new Float32Array(buffer, this.#rgb, 3 * pixels);
      this.#session.input.set(rgb);
      rgb.set(await this.#session.run());
      return;
    }
    const lab = new Float32Array(buffer, this.#lab, 3 * pixels);
    this.#kernels.rgbToLightness(this.#rgb, this.#lab, pixels);
    this.#session.input.set(lab.subarray(0, pixels));
    lab.set(await this.#session.run(), pixels);
    this.#kernels.labToRgb(this.#lab, this.#rgb, pixels);
  }
}
