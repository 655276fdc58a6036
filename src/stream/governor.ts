import type { NetworkStage } from '../config/recipe.js';
import type { GovernorState } from './stream-messages.js';

/** What is seen of the stream over a short time, about a second. */
export interface LoadWindow {
  /** Pictures that came in, and those that newer ones overtook. */
  readonly decoded: number;
  readonly overtaken: number;
  /** Mean age of pictures when they were encoded, in milliseconds; null if none was. */
  readonly age: number | null;
  /** CPU cores that the stream's process has used, and those that are its fair share of the machine. */
  readonly cores: number;
  readonly fairCores: number;
}

/** What the governor asks for. */
export interface GovernorOrders {
  /** Share of the recipe's network rate. */
  readonly rateShare: number;
  /** Share of the recipe's working size. */
  readonly sizeShare: number;
  /** Whether a network that sees whole pictures does so. */
  readonly native: boolean;
  readonly frameStep: number;
}

const FULL: GovernorOrders = { rateShare: 1, sizeShare: 1, native: true, frameStep: 1 };

/** More than this share of overtaken pictures is overload; more than the second is a grave one. */
const OVERTAKEN = 0.02;
const GRAVE_OVERTAKEN = 0.25;
/** Windows of overload after which load is taken off: at once where the stream takes more than its share ... */
const PATIENCE = 2;
/** ... and later where others are to give way first. */
const PATIENCE_WITHIN_SHARE = 5;
/** A stream that uses less than this part of its share is within it. */
const WITHIN_SHARE = 0.8;
/** Windows after a step that are not judged: what it brings takes a moment to show. */
const SETTLING = 2;
/** Windows without load after which some is taken on again; doubled each time that this was too early. */
const FIRST_TRIAL = 8;
const LONGEST_TRIAL = 240;
/** Overload this soon after taking load on, in windows, means that it was too early. */
const TOO_EARLY = 10;
/** Below this part of the highest age there is room. */
const ROOM = 0.6;

/**
 * Holds a stream's delay on a machine that is too slow: leaves out the network's look at full resolution first, then lowers its cadence
 * and its working size, and only last the frame rate; takes them up again, with hysteresis.
 */
export class Governor {
  readonly #latency: number;
  #ladder: readonly GovernorOrders[];
  #network: NetworkStage | null;
  #level = 0;
  #reason = '';
  #overloaded = 0;
  #relaxed = 0;
  #settling = 0;
  #trial = FIRST_TRIAL;
  #sinceTrial = Infinity;

  /** latency: the age of pictures, in milliseconds, above which load is taken off. network: the recipe's, if any. */
  constructor(latency: number, network: NetworkStage | null, canResize: boolean) {
    this.#latency = latency;
    this.#network = network;
    this.#ladder = ladderOf(network, canResize);
  }

  /** Another recipe is at work: the steps are its own. */
  follow(network: NetworkStage | null, canResize: boolean): void {
    this.#network = network;
    this.#ladder = ladderOf(network, canResize);
    this.#level = Math.min(this.#level, this.#ladder.length - 1);
    this.#settling = SETTLING;
  }

  /** What is to be done now. */
  get orders(): GovernorOrders {
    return this.#ladder[this.#level] ?? FULL;
  }

  /** The state as people see it. */
  get state(): GovernorState {
    const { rateShare, sizeShare, native, frameStep } = this.orders;
    return {
      level: this.#level,
      reason: this.#reason,
      networkRate: this.#network ? this.#network.rate * rateShare : null,
      workingSize: this.#network ? Math.round(this.#network.workingSize * sizeShare) : null,
      native: this.#network?.native ? native : null,
      frameStep,
    };
  }

  /** Judges a window; returns whether the orders have changed. */
  observe(window: LoadWindow): boolean {
    this.#sinceTrial++;
    if (this.#settling > 0) {
      this.#settling--;
      return false;
    }
    const lost = window.decoded > 0 ? window.overtaken / window.decoded : 0;
    const age = window.age ?? 0;
    const late = age > this.#latency;
    if (lost > OVERTAKEN || late) {
      this.#relaxed = 0;
      this.#overloaded++;
      const grave = lost > GRAVE_OVERTAKEN || age > 2 * this.#latency;
      const within = window.cores < WITHIN_SHARE * window.fairCores;
      if (this.#overloaded < (within ? PATIENCE_WITHIN_SHARE : PATIENCE)) return false;
      const reason = late
        ? `pictures were ${Math.round(age)} ms old, more than ${this.#latency}`
        : `${Math.round(100 * lost)} % of the pictures came too fast`;
      return this.#step(grave ? 2 : 1, reason);
    }
    // Overload comes and goes: one good window does not make up for a bad one.
    this.#overloaded = Math.max(0, this.#overloaded - 0.5);
    if (this.#level === 0) return false;
    this.#relaxed = lost === 0 && age < ROOM * this.#latency ? this.#relaxed + 1 : 0;
    if (this.#relaxed < this.#trial) return false;
    this.#sinceTrial = 0;
    return this.#step(-1, this.#reason);
  }

  #step(change: number, reason: string): boolean {
    const level = Math.max(0, Math.min(this.#ladder.length - 1, this.#level + change));
    this.#overloaded = this.#relaxed = 0;
    if (level === this.#level) return false;
    if (change > 0) {
      this.#trial = this.#sinceTrial <= TOO_EARLY ? Math.min(LONGEST_TRIAL, this.#trial * 2) : FIRST_TRIAL;
      this.#sinceTrial = Infinity;
    }
    this.#level = level;
    this.#reason = level === 0 ? '' : reason;
    this.#settling = SETTLING;
    return true;
  }
}

/** The steps, the first of which takes nothing off. A network's working size is left where its model fixes it. */
function ladderOf(network: NetworkStage | null, canResize: boolean): GovernorOrders[] {
  const steps: GovernorOrders[] = [FULL];
  let last = FULL;
  const add = (change: Partial<GovernorOrders>): void => void steps.push((last = { ...last, ...change }));
  if (network) {
    if (network.native) add({ native: false });
    add({ rateShare: 1 / 2 });
    add({ rateShare: 1 / 4 });
    if (network.rate > 4) add({ rateShare: Math.max(1 / 8, 1 / network.rate) });
    if (canResize) {
      for (const sizeShare of [0.75, 0.5]) if (network.workingSize * sizeShare >= 96) add({ sizeShare });
    }
  }
  add({ frameStep: 2 });
  add({ frameStep: 3 });
  add({ frameStep: 5 });
  return steps;
}
