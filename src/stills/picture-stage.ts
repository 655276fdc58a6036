import type { StageClock } from '../enhance/stage-clock.js';
import type { Picture } from './picture-file.js';

/** Steps of a picture's way that are timed. */
export const PICTURE_STEPS = ['denoise', 'downsample', 'network', 'grid', 'slice', 'tiles', 'repair'] as const;
/** One of them. */
export type PictureStep = (typeof PICTURE_STEPS)[number];

/** One stage of a recipe over single pictures. */
export interface PictureStage {
  /** Changes a picture in place. strength: 0..1. Not for concurrent calls. Throws AfterglowError `model-broken`. */
  apply(picture: Picture, strength: number, clock: StageClock<PictureStep>): Promise<void>;
}
