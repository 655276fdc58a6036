import { cpuMilliseconds } from '../src/frames/cpu-clock.js';

/** Middle value of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Median CPU milliseconds of a piece of work over several runs, after some that are not counted. */
export function cpuOf(work: () => void, runs = 40): number {
  for (let i = 0; i < 5; i++) work();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = cpuMilliseconds();
    work();
    times.push(cpuMilliseconds() - start);
  }
  return median(times);
}

/** Prints rows as a Markdown table. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`| ${head.join(' | ')} |`);
  console.log(`| ${head.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}
