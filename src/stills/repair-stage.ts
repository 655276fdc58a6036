import type { RepairStage as Stage } from '../config/recipe.js';
import type { StageClock } from '../enhance/stage-clock.js';
import type { NetworkSession } from '../inference/network-session.js';
import { findDamage } from '../repair/damage-detector.js';
import { HoleFiller } from '../repair/hole-filler.js';
import { readMask } from '../repair/hole-mask.js';
import { holeRegions } from '../repair/hole-regions.js';
import type { Picture } from './picture-file.js';
import type { PictureStage, PictureStep } from './picture-stage.js';

/** Fills holes of pictures: those of a mask, or damage that it finds itself. What is no hole stays bit for bit. */
export class RepairStage implements PictureStage {
  readonly #stage: Stage;
  readonly #filler: HoleFiller;
  readonly #maskFile: string | null;

  /** The session must be open for crops. Throws AfterglowError `pipeline-invalid` for a model that fills no holes. */
  constructor(stage: Stage, session: NetworkSession, maskFile: string | null) {
    this.#stage = stage;
    this.#filler = new HoleFiller(session);
    this.#maskFile = maskFile;
  }

  async apply(picture: Picture, strength: number, clock: StageClock<PictureStep>): Promise<void> {
    clock.start();
    const mask =
      this.#maskFile === null
        ? findDamage(picture.pixels, picture, this.#stage.damage)
        : await readMask(this.#maskFile, picture);
    const { width, height, pixels } = picture;
    const original = strength < 1 ? pixels.slice() : null;
    const holes = mask.slice();
    // What one region has filled, the next one knows.
    for (const region of holeRegions(mask, width, height, this.#filler.crop)) {
      await this.#filler.fill(pixels, picture, mask, holes, region);
    }
    if (original) blendBack(picture, original, mask, strength);
    clock.lap('repair');
  }
}

function blendBack(
  { pixels, channels }: Picture,
  original: Picture['pixels'],
  mask: Uint8Array,
  strength: number,
): void {
  mask.forEach((hole, i) => {
    if (hole !== 1) return;
    for (let at = i * channels; at < i * channels + 3; at++) {
      const before = original[at] ?? 0;
      pixels[at] = Math.round(before + strength * ((pixels[at] ?? 0) - before));
    }
  });
}
