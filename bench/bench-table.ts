import type { Table } from './bench-result.js';

/** What a measurement is given. */
export interface BenchRun {
  /** How often each thing is measured. */
  readonly rounds: number;
  /** Says in how many steps of about the same length this measurement goes. */
  readonly steps: (count: number) => void;
  /** Says that one of them is done. */
  readonly step: () => void;
  /** Says something that the figures do not: what was not run, and why. */
  readonly note: (line: string) => void;
}

/** A measurement that can be asked for by name. */
export interface BenchTable {
  readonly name: string;
  /** What it measures, for the help. */
  readonly about: string;
  /** About how long it takes on two cores: once, and for each round more, in seconds. Moves the progress bar alone. */
  readonly seconds: readonly [once: number, round: number];
  /** Whether it is of others' programs, and measured only when asked for. */
  readonly ofPeers?: true;
  readonly measure: (run: BenchRun) => Promise<readonly Table[]>;
}

/** One of several things that are compared. */
export interface Contender<Sample> {
  readonly label: string;
  readonly run: () => Sample | Promise<Sample>;
}

/** What a contender gave in each round. */
export interface Samples<Sample> {
  readonly label: string;
  readonly samples: readonly Sample[];
}

/**
 * Measures things in turn, round after round (A B C, A B C): a machine that grows slower or faster in between does it to
 * all of them alike.
 */
export async function inTurn<Sample>(
  contenders: readonly Contender<Sample>[],
  rounds: number,
  done: () => void,
): Promise<readonly Samples<Sample>[]> {
  const all = contenders.map(({ label }) => ({ label, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      all[i]?.samples.push(await contender.run());
      done();
    }
  }
  return all;
}
