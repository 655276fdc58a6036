import type { Recipe } from '../src/config/recipe.js';
import { Enhancer, type EnhanceMode } from '../src/enhance/enhancer.js';
import { frameAt } from '../src/enhance/frame-view.js';
import { planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';

/** An enhancer with room for one picture in and one out. */
export class EnhancerBench {
  readonly enhancer: Enhancer;
  readonly #arena: SharedArena;
  readonly #format: PictureFormat;
  readonly #input: number;
  readonly #output: number;

  private constructor(enhancer: Enhancer, arena: SharedArena, format: PictureFormat, input: number, output: number) {
    this.enhancer = enhancer;
    this.#arena = arena;
    this.#format = format;
    this.#input = input;
    this.#output = output;
  }

  static async open(
    recipe: Recipe,
    format: PictureFormat,
    mode: EnhanceMode = 'exact',
    helpers = 0,
  ): Promise<EnhancerBench> {
    const { width, height } = format;
    const options = { recipe, picture: { width, height }, mode, helpers };
    const size = planeLayout(width, height).bytes + 64;
    const bytes = Enhancer.bytes(options);
    const arena = SharedArena.create(2 * size + bytes + 4096);
    const [input, output] = [arena.allocate(size), arena.allocate(size)];
    return new EnhancerBench(await Enhancer.open(options, arena.carve(bytes)), arena, format, input, output);
  }

  /** Enhances one picture, I420 without padding. time: seconds of the stream. */
  process(picture: Uint8Array, time: number, strength = 1): Uint8Array {
    const { width, height } = this.#format;
    this.#arena.bytes(this.#input, picture.length).set(picture);
    const [input, output] = [frameAt(this.#input, width, height), frameAt(this.#output, width, height)];
    this.enhancer.process(input, output, this.#format, time, strength);
    return Uint8Array.from(this.#arena.bytes(this.#output, picture.length));
  }

  close(): Promise<void> {
    return this.enhancer.close();
  }
}
