import { z } from 'zod';
import { WorkingPicture } from '../../enhance/working-picture.js';
import { frameAt } from '../../enhance/frame-view.js';
import { workingSize } from '../../enhance/working-size.js';
import { SharedArena } from '../../frames/shared-arena.js';
import { loadKernels } from '../../kernels/kernel-module.js';
import { filmBytes } from '../../media/film-format.js';
import { FilmSource } from '../../media/film-source.js';
import { FieldDetector } from './field-detector.js';
import { ShotDetector } from './shot-detector.js';
import { planesOf } from '../segment/picture-store.js';

const fraction = z.object({ num: z.number().int(), den: z.number().int().positive() });

/** What a look through the whole film has found; kept in the job's folder. */
export const filmAnalysisSchema = z.object({
  format: z.object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    matrix: z.enum(['bt601', 'bt709', 'bt2020']),
    range: z.enum(['limited', 'full']),
    depth: z.union([z.literal(8), z.literal(10)]),
    pixelAspect: fraction,
  }),
  timeBase: fraction,
  frameRate: z.number().positive(),
  /** Presentation times of all pictures that are kept, in order, ticks of the time base. */
  times: z.array(z.number().int()),
  /** Times that the pictures go out with; other than `times` where telecine was undone. */
  outputTimes: z.array(z.number().int()).nullable(),
  shots: z.array(
    z.object({
      first: z.number().int(),
      end: z.number().int(),
      begins: z.enum(['start', 'cut', 'dissolve', 'fade']),
    }),
  ),
  fields: z.enum(['none', 'deinterlace', 'inverse-telecine']),
  fieldOrder: z.enum(['top', 'bottom', 'unknown']),
  damagedPackets: z.number().int(),
  notes: z.array(z.string()),
});
/** What a look through the whole film has found. */
export type FilmAnalysis = z.output<typeof filmAnalysisSchema>;

/** Pictures of one telecine cycle, and how many of them are film. */
const CYCLE = 5;
/** Where in a film, and on how many pictures at each place, its fields are looked at. */
const FIELD_PLACES = [0.05, 0.25, 0.45, 0.65, 0.85] as const;
const FIELD_PICTURES = 60;

/** A stretch of a film, in seconds from its first picture. */
export interface Stretch {
  readonly start: number;
  readonly seconds: number;
}

/**
 * Looks through a film: its pictures' times, its shots, whether it is interlaced or telecined.
 *
 * stretch: the part of it that is wanted, or null for all. onPicture: called for each picture with its number and time in seconds. Throws AfterglowError for what cannot be read.
 */
export function analyseFilm(
  file: string,
  stretch: Stretch | null,
  onPicture: (number: number, seconds: number) => void,
): FilmAnalysis {
  const { treatment, order } = detectFields(file);
  const source = FilmSource.open(file, treatment, order);
  const { format, timeBase } = source;
  const size = workingSize(format, 256);
  const samples = (format.width * format.height * 3) / 2;
  const arena = SharedArena.create(
    samples + filmBytes(format) + size.width * size.height * 12 + format.width * 2 + 65536,
  );
  const kernels = loadKernels(arena.memory);
  const fine = arena.allocate(filmBytes(format) + 64);
  const narrow = format.depth === 8 ? fine : arena.allocate(samples + 64);
  const working = new WorkingPicture(kernels, arena, size, format.width);
  const shots = new ShotDetector();
  const telecine = treatment === 'inverse-telecine' ? new CycleWatch() : null;
  const times: number[] = [];
  const seconds = (ticks: number): number => (ticks * timeBase.num) / timeBase.den;
  let last = -Infinity;
  const from = stretch === null ? -Infinity : beginStretch(source, stretch);
  const until = stretch === null ? Infinity : from + stretch.seconds;
  for (let frame = source.next(); frame; frame = source.next()) {
    const time = Number(frame.pts);
    // A picture that does not follow its predecessor in time is a mistake of the file.
    if (time <= last) continue;
    if (seconds(time) >= until) break;
    last = time;
    planesOf(frame, arena.bytes(fine, filmBytes(format)), format.depth === 8 ? 1 : 2);
    if (format.depth === 10) kernels.narrowTen(fine, narrow, samples);
    working.fill(frameAt(narrow, format.width, format.height));
    if (telecine) {
      const kept = telecine.add(working.thumbnail, time);
      for (const picture of kept) {
        shots.add(picture.thumbnail);
        times.push(picture.time);
      }
    } else {
      shots.add(working.thumbnail);
      times.push(time);
    }
    onPicture(times.length, seconds(time) - (stretch === null ? 0 : from));
  }
  for (const picture of telecine?.finish() ?? []) {
    shots.add(picture.thumbnail);
    times.push(picture.time);
  }
  const damagedPackets = source.damaged;
  source.close();
  const notes = [...source.notes];
  if (treatment === 'deinterlace') notes.push(`interlaced (${order} field first): made progressive at the same rate`);
  if (treatment === 'inverse-telecine') notes.push('telecined: brought back to the rate of the film, 4 of 5 pictures');
  if (damagedPackets > 0) notes.push(`${damagedPackets} damaged packets passed over`);
  const outputTimes = telecine ? evenTimes(times) : null;
  return {
    format,
    timeBase,
    frameRate: rateOf(outputTimes ?? times, timeBase) ?? source.frameRate,
    times,
    outputTimes,
    shots: shots.finish(),
    fields: treatment,
    fieldOrder: order,
    damagedPackets,
    notes,
  };
}

function detectFields(file: string): ReturnType<FieldDetector['finish']> {
  const source = FilmSource.open(file, 'none', 'unknown');
  const detector = new FieldDetector(source.rational);
  const first = source.next()?.pts ?? 0n;
  for (const place of FIELD_PLACES) {
    const ticks = (place * source.duration * source.timeBase.den) / source.timeBase.num;
    source.seek(first + BigInt(Math.floor(ticks)));
    detector.breakOff();
    for (let count = 0; count < FIELD_PICTURES; count++) {
      const frame = source.next();
      if (!frame) break;
      detector.add(frame);
    }
    // Without a length there is one place, the beginning.
    if (source.duration === 0) break;
  }
  source.close();
  return detector.finish();
}

/** Goes to the beginning of a stretch; returns its time in seconds of the film's clock. */
function beginStretch(source: FilmSource, { start }: Stretch): number {
  const { num, den } = source.timeBase;
  const first = source.next()?.pts ?? 0n;
  const ticks = first + BigInt(Math.round((start * den) / num));
  source.seek(ticks);
  return (Number(ticks) * num) / den;
}

interface CyclePicture {
  readonly thumbnail: Float32Array;
  readonly time: number;
}

/** Leaves out of every five pictures the one that repeats its predecessor most. */
class CycleWatch {
  #cycle: CyclePicture[] = [];
  #previous: Float32Array | null = null;

  add(thumbnail: Float32Array, time: number): CyclePicture[] {
    this.#cycle.push({ thumbnail: Float32Array.from(thumbnail), time });
    if (this.#cycle.length < CYCLE) return [];
    let [least, repeated] = [Infinity, 0];
    let before = this.#previous;
    this.#cycle.forEach((picture, i) => {
      const difference = before === null ? Infinity : squaredDifference(before, picture.thumbnail);
      if (difference < least) [least, repeated] = [difference, i];
      before = picture.thumbnail;
    });
    const kept = this.#cycle.filter((_, i) => i !== repeated);
    this.#previous = before;
    this.#cycle = [];
    return kept;
  }

  finish(): CyclePicture[] {
    return this.#cycle;
  }
}

function squaredDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum;
}

/** The same number of pictures at even distances over the same time. */
function evenTimes(times: readonly number[]): number[] {
  const [first, last] = [times[0] ?? 0, times[times.length - 1] ?? 0];
  const step = times.length > 1 ? (last - first) / (times.length - 1) : 0;
  return times.map((_, i) => Math.round(first + i * step));
}

/** Pictures a second, from the middle one of the distances in time. */
function rateOf(times: readonly number[], { num, den }: { num: number; den: number }): number | null {
  const [first, last] = [times[0], times[times.length - 1]];
  if (first === undefined || last === undefined || last <= first) return null;
  return ((times.length - 1) * den) / ((last - first) * num);
}
