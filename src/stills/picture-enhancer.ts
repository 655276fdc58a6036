import { nativeModelOf, networkOf, requireRepair, type Recipe } from '../config/recipe.js';
import { StageClock } from '../enhance/stage-clock.js';
import { CROP, type NetworkPlaces } from '../enhance/recipe-networks.js';
import { networkSize, type Size } from '../enhance/working-size.js';
import { findCard } from '../inference/model-library.js';
import { NetworkSession } from '../inference/network-session.js';
import { onCpu, type ProviderMove } from '../inference/placement.js';
import { GuidedStage } from './guided-stage.js';
import { NATIVE_TILE } from '../enhance/native-network.js';
import { NativeStage } from './native-stage.js';
import type { Picture } from './picture-file.js';
import { RepairStage } from './repair-stage.js';
import { StillDenoiseStage } from './still-denoise-stage.js';
import { PICTURE_STEPS, type PictureStage, type PictureStep } from './picture-stage.js';

/** How pictures are enhanced. */
export interface PictureEnhancerOptions {
  readonly recipe: Recipe;
  /** 0 leaves pictures as they are, 1 is the recipe's full effect. */
  readonly strength: number;
  /** Long side of the small copy that the network sees, instead of the recipe's. */
  readonly workingSize?: number;
  /** Side of the tiles in which the network sees the full picture, in pixels; absent: it sees a small copy alone. */
  readonly tile?: number;
  /** Picture of the holes to fill, white on black, for a stage that repairs; absent: it looks for damage itself. */
  readonly maskFile?: string;
  /** CPU threads, of a run of networks whose place is not said, and of what maps large pictures. */
  readonly threads: number;
  /** Where networks run. */
  readonly places?: NetworkPlaces;
  /** Called when one has to go on elsewhere. */
  readonly moved?: (move: ProviderMove) => void;
}

/** The stages of a recipe over single pictures. The noise filter, without frames before, works across the picture. */
export class PictureEnhancer {
  /** Time spent in each step. */
  readonly clock = new StageClock<PictureStep>(PICTURE_STEPS);
  readonly #strength: number;
  readonly #sessions: readonly NetworkSession[];
  readonly #guided: readonly GuidedStage[];
  readonly #stages: readonly PictureStage[];
  #last: Promise<void> = Promise.resolve();

  private constructor(
    strength: number,
    sessions: readonly NetworkSession[],
    guided: readonly GuidedStage[],
    stages: readonly PictureStage[],
  ) {
    this.#strength = strength;
    this.#sessions = sessions;
    this.#guided = guided;
    this.#stages = stages;
  }

  /** Loads the recipe's networks. Throws AfterglowError `model-missing`, `model-broken` or `pipeline-invalid`. */
  static async open(options: PictureEnhancerOptions): Promise<PictureEnhancer> {
    const sessions: NetworkSession[] = [];
    const guidedStages: GuidedStage[] = [];
    const stages: PictureStage[] = [];
    const { threads, maskFile, places = {}, moved = () => undefined } = options;
    const openNetwork = (model: string, size: Size): Promise<NetworkSession> =>
      NetworkSession.open(model, size, { placements: places[model] ?? [onCpu(threads)], moved });
    if (maskFile !== undefined) requireRepair(options.recipe);
    const tile = options.tile ?? (networkOf(options.recipe)?.native ? NATIVE_TILE : undefined);
    for (const stage of options.recipe.stages) {
      // One picture does not flicker.
      if (stage.stage === 'deflicker') continue;
      if (stage.stage === 'temporal-denoise') {
        // A network at full resolution has learnt to tell noise itself.
        if (tile === undefined) stages.push(new StillDenoiseStage(stage));
        continue;
      }
      if (stage.stage === 'repair') {
        const crop = networkSize({ width: CROP, height: CROP }, CROP, findCard(stage.model));
        const session = await openNetwork(stage.model, crop);
        sessions.push(session);
        stages.push(new RepairStage(stage, session, maskFile ?? null));
        continue;
      }
      const { model } = stage;
      const longSide = options.workingSize ?? stage.workingSize;
      const size = networkSize({ width: longSide, height: longSide }, longSide, findCard(model));
      const session = await openNetwork(model, size);
      sessions.push(session);
      const guided = new GuidedStage(stage, session, longSide, threads);
      guidedStages.push(guided);
      if (tile === undefined) {
        stages.push(guided);
        continue;
      }
      const nativeModel = nativeModelOf(stage);
      let seesAll = session;
      if (nativeModel !== model) {
        const square = networkSize({ width: tile, height: tile }, tile, findCard(nativeModel));
        seesAll = await openNetwork(nativeModel, square);
        sessions.push(seesAll);
      }
      stages.push(new NativeStage(stage, seesAll, guided, tile));
    }
    return new PictureEnhancer(options.strength, sessions, guidedStages, stages);
  }

  /** Enhances a picture in place; calls wait for each other. Throws AfterglowError `model-broken`. */
  enhance(picture: Picture): Promise<void> {
    const turn = this.#last.then(() => this.#work(picture));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Frees the networks, and ends the threads. */
  async close(): Promise<void> {
    await this.#last;
    for (const session of this.#sessions) await session.close();
    for (const stage of this.#guided) await stage.close();
  }

  async #work(picture: Picture): Promise<void> {
    if (this.#strength === 0) return;
    const fine = picture.depth === 8 && this.#stages.some((stage) => stage instanceof StillDenoiseStage);
    // Between the levels of 8 bits lies what is left when noise is taken out, and a gain of ten shows it.
    const worked = fine ? { ...picture, depth: 16 as const, pixels: widened(picture.pixels) } : picture;
    for (const stage of this.#stages) await stage.apply(worked, this.#strength, this.clock);
    if (!fine) return;
    narrow(worked.pixels, picture.pixels);
  }
}

/** Levels of 8 bits as levels of 16. */
function widened(pixels: Picture['pixels']): Uint16Array {
  // A loop: from() with a function walks an iterator, which takes seconds for a photograph.
  const wide = new Uint16Array(pixels.length);
  for (let i = 0; i < wide.length; i++) wide[i] = (pixels[i] ?? 0) * 257;
  return wide;
}

/** Levels of 16 bits to the nearest ones of 8: v / 257, in whole numbers. */
function narrow(from: Picture['pixels'], to: Picture['pixels']): void {
  for (let i = 0; i < to.length; i++) to[i] = ((from[i] ?? 0) * 255 + 32895) >>> 16;
}
