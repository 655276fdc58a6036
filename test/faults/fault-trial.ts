import { isRunning } from '../running-afterglow.js';
import type { Fault } from './fault-list.js';
import { FaultScene, RATE, type CameraClips } from './fault-scene.js';

/** A picture that is not back after this long is given up, in milliseconds. */
const LONGEST_WAIT = 90_000;
/** Pictures that must have come before it counts as back. */
const PICTURES = 10;
/** What a supervisor's memory may grow by over a fault's rounds, in bytes, and its descriptors. */
const MOST_GROWTH = 40e6;
const MOST_DESCRIPTORS = 3;

/** What came of one fault, tried many times. */
export interface TrialResult {
  readonly name: string;
  readonly rounds: number;
  readonly passed: number;
  /** Milliseconds from the fault's end until the picture was back, for each round that passed. */
  readonly back: readonly number[];
  readonly orphans: number;
  readonly rssChange: number;
  readonly descriptorChange: number;
  /** Pictures that the camera would have sent, and how many are accounted for: decoded, damaged, or known as missed. */
  readonly expected: number;
  readonly counted: number;
  readonly placeholders: number;
  /** What went wrong. */
  readonly complaints: readonly string[];
}

/** Tries a fault on a program of its own, round after round. Null where this machine cannot. */
export async function tryFault(
  fault: Fault,
  clips: CameraClips,
  rounds: number,
  onRound: () => void,
): Promise<TrialResult | null> {
  const scene = await FaultScene.open(fault.name, clips, fault.options, 1);
  if (!scene) return null;
  const trial = new Trial(fault, scene);
  try {
    await trial.warmUp();
    for (let round = 0; round < rounds; round++) {
      await trial.round(round);
      onRound();
    }
    return await trial.result(rounds);
  } finally {
    await scene.close();
  }
}

/** How things stand at a moment. */
interface Reading {
  readonly at: number;
  readonly counted: number;
}

class Trial {
  readonly #fault: Fault;
  readonly #scene: FaultScene;
  readonly #back: number[] = [];
  readonly #complaints: string[] = [];
  readonly #killed = new Set<number>();
  #passed = 0;
  #placeholders = 0;
  #start: Reading = { at: 0, counted: 0 };
  #figures = { rss: 0, descriptors: 0 };

  constructor(fault: Fault, scene: FaultScene) {
    this.#fault = fault;
    this.#scene = scene;
  }

  async warmUp(): Promise<void> {
    await this.#pictures(0, 3 * RATE);
    this.#figures = this.#scene.supervisor();
    this.#start = await this.#read();
  }

  async round(round: number): Promise<void> {
    const [fault, scene] = [this.#fault, this.#scene];
    try {
      const before = await scene.program.status();
      const processes = scene.program.descendants();
      const struck = performance.now();
      await fault.strike(scene, round);
      await pause(fault.holdMs);
      const during = await scene.program.status();
      const complaint = fault.during?.(before, during, (performance.now() - struck) / 1000) ?? null;
      if (complaint !== null) throw new Error(complaint);
      const placeholders = (during.totals?.placeholders ?? 0) - (before.totals?.placeholders ?? 0);
      this.#placeholders += placeholders;
      if (fault.away && placeholders === 0) throw new Error('the player stood still while the camera was away');
      await fault.mend?.(scene, round);
      const mended = performance.now();
      await this.#pictures((fault.mend ? during : before).totals?.decoded ?? 0, PICTURES);
      if (fault.back) await scene.program.statusWhere(fault.back, 'camera', LONGEST_WAIT / 1000);
      const back = performance.now() - mended;
      const now = scene.program.descendants();
      for (const pid of processes) if (!now.includes(pid)) this.#killed.add(pid);
      if (now.length !== 1) throw new Error(`${now.length} processes descend from the program`);
      this.#back.push(back);
      this.#passed++;
      // The next round begins from a picture that has been steady for a while: after a camera that breaks off again and
      // again the waits between attempts grow, which is not what is measured here.
      await this.#pictures((await scene.program.status()).totals?.decoded ?? 0, 6 * RATE);
    } catch (error) {
      this.#complaints.push(`round ${round + 1}: ${(error as Error).message.split('\n')[0] ?? ''}`);
      await fault.mend?.(scene, round);
    }
  }

  async result(rounds: number): Promise<TrialResult> {
    const end = await this.#read();
    const figures = this.#scene.supervisor();
    const expected = Math.round(((end.at - this.#start.at) / 1000) * RATE);
    const counted = end.counted - this.#start.counted;
    const rssChange = figures.rss - this.#figures.rss;
    const descriptorChange = figures.descriptors - this.#figures.descriptors;
    const orphans = [...this.#killed].filter(isRunning).length;
    const complaints = [...this.#complaints];
    const { name, tolerance } = this.#fault;
    if (Math.abs(counted - expected) > tolerance * expected) complaints.push('the account of lost pictures is off');
    if (rssChange > MOST_GROWTH) complaints.push('the supervisor has grown');
    if (descriptorChange > MOST_DESCRIPTORS) complaints.push('the supervisor holds more descriptors');
    if (orphans > 0) complaints.push('processes were orphaned');
    const [passed, back, placeholders] = [this.#passed, this.#back, this.#placeholders];
    return { name, rounds, passed, back, orphans, rssChange, descriptorChange, expected, counted, placeholders, complaints }; // prettier-ignore
  }

  /** Waits until so many more pictures than `before` have come, by a stream that is live. */
  async #pictures(before: number, count: number): Promise<void> {
    await this.#scene.program.statusWhere(
      ({ state, totals }) => state.kind === 'live' && (totals?.decoded ?? 0) >= before + count,
      'camera',
      LONGEST_WAIT / 1000,
    );
  }

  async #read(): Promise<Reading> {
    const { totals, drops } = await this.#scene.program.status();
    const counted = (totals?.decoded ?? 0) + (drops?.away ?? 0) + (drops?.damaged ?? 0) + (drops?.network ?? 0);
    return { at: performance.now(), counted };
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
