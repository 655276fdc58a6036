import type { DeflickerStage } from '../../config/recipe.js';

/** Bounds of the gain and of the shift, in levels, that are taken for flicker; more is the film's own. */
const GAIN_BOUNDS = [0.75, 1.33] as const;
const LARGEST_SHIFT = 40;

/** Mean and standard deviation of a picture's luma, in levels. */
export interface LightLevel {
  readonly mean: number;
  readonly deviation: number;
}

/** Mean and standard deviation of a plane of levels. */
export function lightLevel(plane: Float32Array): LightLevel {
  let sum = 0;
  for (const value of plane) sum += value;
  const mean = sum / plane.length;
  let squares = 0;
  for (const value of plane) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / plane.length) };
}

/** An affine map of luma levels. */
export interface LevelMap {
  readonly gain: number;
  readonly bias: number;
}

/**
 * The map that brings a picture's light to that of the pictures around it. levels: by number of picture, of one shot;
 * frameRate: pictures a second.
 *
 * Old film flickers as each picture was exposed by hand or faded by itself; what lies before and after is known, so a
 * slow change of light stays and only what differs from the stretch around goes.
 */
export function flickerMap(
  levels: ReadonlyMap<number, LightLevel>,
  picture: number,
  stage: DeflickerStage,
  frameRate: number,
): LevelMap {
  const own = levels.get(picture);
  if (!own) return { gain: 1, bias: 0 };
  const reach = flickerReach(stage, frameRate);
  const spread = Math.max(0.5, reach / 2);
  // A line through the stretch, not its mean: a fade is no flicker, at the ends of a shot neither.
  const mean = lineAt(levels, picture, reach, spread, (level) => level.mean);
  const deviation = lineAt(levels, picture, reach, spread, (level) => level.deviation);
  const wanted = own.deviation > 0.5 ? deviation / own.deviation : 1;
  const gain = Math.min(GAIN_BOUNDS[1], Math.max(GAIN_BOUNDS[0], 1 + stage.strength * (wanted - 1)));
  const target = own.mean + stage.strength * (mean - own.mean);
  const shift = Math.min(LARGEST_SHIFT, Math.max(-LARGEST_SHIFT, target - own.mean));
  return { gain, bias: own.mean + shift - gain * own.mean };
}

/** How many pictures before and after count. */
export function flickerReach(stage: DeflickerStage, frameRate: number): number {
  return Math.max(2, Math.round(stage.window * frameRate));
}

/** Value at a picture of the line that fits the pictures around it best, near ones more than far ones. */
function lineAt(
  levels: ReadonlyMap<number, LightLevel>,
  picture: number,
  reach: number,
  spread: number,
  value: (level: LightLevel) => number,
): number {
  let [w, x, xx, y, xy] = [0, 0, 0, 0, 0];
  for (let offset = -reach; offset <= reach; offset++) {
    const level = levels.get(picture + offset);
    if (!level) continue;
    const weight = Math.exp(-0.5 * (offset / spread) ** 2);
    w += weight;
    x += weight * offset;
    xx += weight * offset * offset;
    y += weight * value(level);
    xy += weight * offset * value(level);
  }
  const determinant = w * xx - x * x;
  return determinant < 1e-9 ? y / w : (y * xx - x * xy) / determinant;
}

/** Fills a table of 256 levels with a map. */
export function fillTable(table: Uint8Array, { gain, bias }: LevelMap): void {
  for (let level = 0; level < 256; level++) {
    table[level] = Math.min(255, Math.max(0, Math.round(gain * level + bias)));
  }
}
