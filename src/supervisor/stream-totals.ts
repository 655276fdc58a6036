import { COUNTERS, type Counter, type CounterValues } from '../stream/counter-board.js';
import { BUCKET_BOUNDS, HISTOGRAMS, type HistogramName, type HistogramValues } from '../stream/histogram-board.js';
import type { StreamStats } from '../stream/stream-messages.js';

/** What only ever grows, over all processes that a stream has had. */
export interface TotalFigures {
  readonly counters: CounterValues;
  readonly histograms: Readonly<Record<HistogramName, HistogramValues>>;
  readonly overtaken: { readonly source: number; readonly output: number };
  /** Pictures that went through the pipeline while the gate was open, as the reports show it. */
  readonly enhancedOpen: number;
  readonly recordedBytes: number;
  /** Encoded pictures that could not be recorded. */
  readonly recordingLost: number;
}

/** The part of a report that is added up. */
type Report = Pick<StreamStats, 'counters' | 'histograms' | 'overtaken' | 'gate' | 'recording' | 'seen'>;

/** Adds up what a stream's processes count, so that no figure falls when one of them ends. */
export class StreamTotals {
  #base: TotalFigures = noFigures();
  #current: TotalFigures | null = null;
  /** Pictures that came while no process was there to see them. */
  #missed = 0;
  /** Up to when a process has accounted for pictures, by the steady clock, which all processes share. */
  #seenTo = 0;
  /** Whether the present process has yet to say from when on it does. */
  #waiting = false;

  /** Takes a report of the present process. sourceRate: pictures a second that the source sends, if known. */
  take(report: Report, sourceRate: number | null): void {
    const { counters, histograms, overtaken, gate, recording, seen } = report;
    const before = this.#current ?? noFigures();
    const enhanced = Math.max(0, counters.enhanced - before.counters.enhanced);
    this.#current = {
      counters,
      histograms,
      overtaken,
      enhancedOpen: before.enhancedOpen + (gate.open ? enhanced : 0),
      recordedBytes: recording.bytes,
      recordingLost: recording.lost,
    };
    if (this.#waiting && seen.from > 0) {
      this.#waiting = false;
      const gap = (seen.from - this.#seenTo) / 1000;
      if (this.#seenTo > 0 && sourceRate !== null) this.#missed += Math.max(0, Math.round(gap * sourceRate) - 1);
    }
    if (seen.to > 0) this.#seenTo = seen.to;
  }

  /** The present process is gone: what it counted stays. */
  processGone(): void {
    if (this.#current) this.#base = sum(this.#base, this.#current);
    this.#current = null;
    this.#waiting = true;
  }

  /** All figures since the stream began. */
  read(): TotalFigures {
    const figures = this.#current ? sum(this.#base, this.#current) : this.#base;
    const { counters } = figures;
    return { ...figures, counters: { ...counters, missedAway: counters.missedAway + this.#missed } };
  }
}

/** Counts of a histogram between two readings of it. */
export function countsBetween(before: HistogramValues, after: HistogramValues): number[] {
  return after.counts.map((count, i) => Math.max(0, count - (before.counts[i] ?? 0)));
}

/** Figures of a stream that has not begun. */
export function noFigures(): TotalFigures {
  const nothing = (): HistogramValues => ({ counts: new Array<number>(BUCKET_BOUNDS.length + 1).fill(0), sum: 0 });
  return {
    counters: Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>,
    histograms: Object.fromEntries(HISTOGRAMS.map((name) => [name, nothing()])) as Record<
      HistogramName,
      HistogramValues
    >,
    overtaken: { source: 0, output: 0 },
    enhancedOpen: 0,
    recordedBytes: 0,
    recordingLost: 0,
  };
}

function sum(a: TotalFigures, b: TotalFigures): TotalFigures {
  const histogram = (name: HistogramName): HistogramValues => ({
    counts: a.histograms[name].counts.map((count, i) => count + (b.histograms[name].counts[i] ?? 0)),
    sum: a.histograms[name].sum + b.histograms[name].sum,
  });
  return {
    counters: Object.fromEntries(COUNTERS.map((name) => [name, a.counters[name] + b.counters[name]])) as Record<
      Counter,
      number
    >,
    histograms: Object.fromEntries(HISTOGRAMS.map((name) => [name, histogram(name)])) as Record<
      HistogramName,
      HistogramValues
    >,
    overtaken: {
      source: a.overtaken.source + b.overtaken.source,
      output: a.overtaken.output + b.overtaken.output,
    },
    enhancedOpen: a.enhancedOpen + b.enhancedOpen,
    recordedBytes: a.recordedBytes + b.recordedBytes,
    recordingLost: a.recordingLost + b.recordingLost,
  };
}
