import { z } from 'zod';
import { median } from './cpu-time.js';

/** What several rounds gave: the middle value, and between which values all of them lay. */
export const figureSchema = z.strictObject({ median: z.number(), lowest: z.number(), highest: z.number() });
/** One of them. */
export type Figure = z.output<typeof figureSchema>;

/** The figure that the values of all rounds make. Throws RangeError where there is none. */
export function figureOf(values: readonly number[]): Figure {
  if (values.length === 0) throw new RangeError('a figure needs a value');
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

/** The same, or null where a round has no value. */
export function figureOfAll(values: readonly (number | null)[]): Figure | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? figureOf(known) : null;
}

/**
 * How many times as much one thing gave as another, round by round: neighbours in time are compared, so that what else
 * the machine did in one round and not in the next falls out.
 */
export function ratioOf(of: readonly number[], to: readonly number[]): Figure {
  const rounds = Math.min(of.length, to.length);
  return figureOf(Array.from({ length: rounds }, (_, round) => (of[round] ?? NaN) / (to[round] ?? NaN)));
}
