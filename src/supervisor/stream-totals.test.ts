import { describe, expect, it } from 'vitest';
import { BUCKET_BOUNDS, type HistogramName, type HistogramValues } from '../stream/histogram-board.js';
import type { RecordingState } from '../stream/stream-messages.js';
import { noFigures, StreamTotals } from './stream-totals.js';

const OFF: RecordingState = { kind: 'off', error: null, bytes: 0, lost: 0 };

function report(
  counters: Partial<ReturnType<typeof noFigures>['counters']>,
  more: { seen?: [from: number, to: number]; ages?: number; bytes?: number; closed?: boolean } = {},
) {
  const zero = noFigures();
  const age: HistogramValues = {
    counts: [...new Array<number>(BUCKET_BOUNDS.length).fill(0), more.ages ?? 0],
    sum: (more.ages ?? 0) * 6000,
  };
  const histograms: Record<HistogramName, HistogramValues> = { ...zero.histograms, age };
  return {
    counters: { ...zero.counters, ...counters },
    histograms,
    overtaken: { source: counters.decoded ?? 0, output: 1 },
    gate: { open: !(more.closed ?? false), luminance: null },
    recording: { ...OFF, bytes: more.bytes ?? 0 },
    seen: { from: more.seen?.[0] ?? 0, to: more.seen?.[1] ?? 0 },
  };
}

describe('StreamTotals', () => {
  it('never falls when a process is replaced', () => {
    const totals = new StreamTotals();
    totals.take(report({ decoded: 100, encoded: 90 }, { ages: 90, bytes: 1000 }), 25);
    totals.processGone();
    expect(totals.read().counters.decoded).toBe(100);
    totals.take(report({ decoded: 7, encoded: 5 }, { ages: 5, bytes: 30 }), 25);
    const { counters, histograms, overtaken, recordedBytes } = totals.read();
    expect(counters).toMatchObject({ decoded: 107, encoded: 95 });
    expect(histograms.age.counts.at(-1)).toBe(95);
    expect(histograms.age.sum).toBe(95 * 6000);
    expect(overtaken).toEqual({ source: 107, output: 2 });
    expect(recordedBytes).toBe(1030);
  });

  it('counts as enhanced what went through the pipeline while the gate was open', () => {
    const totals = new StreamTotals();
    totals.take(report({ enhanced: 10 }), 25);
    totals.take(report({ enhanced: 25 }, { closed: true }), 25);
    totals.processGone();
    totals.take(report({ enhanced: 4 }), 25);
    expect(totals.read()).toMatchObject({ enhancedOpen: 14, counters: { enhanced: 29 } });
  });

  it('forgets nothing of a process that ends before its first report', () => {
    const totals = new StreamTotals();
    totals.take(report({ decoded: 10 }), 25);
    totals.processGone();
    totals.processGone();
    expect(totals.read().counters.decoded).toBe(10);
  });

  it('counts the pictures that came while no process was there, once', () => {
    const totals = new StreamTotals();
    totals.take(report({ decoded: 100 }, { seen: [996_000, 1_000_000] }), 25);
    totals.processGone();
    totals.take(report({ decoded: 0 }), 25);
    expect(totals.read().counters.missedAway).toBe(0);
    // Four seconds of 25 pictures between the last one and the new process's connection.
    totals.take(report({ decoded: 0 }, { seen: [1_004_000, 0] }), 25);
    expect(totals.read().counters.missedAway).toBe(99);
    totals.take(report({ decoded: 60 }, { seen: [1_004_000, 1_006_000] }), 25);
    expect(totals.read().counters.missedAway).toBe(99);
  });

  it('adds what the processes counted themselves while the camera was away', () => {
    const totals = new StreamTotals();
    totals.take(report({ decoded: 100 }, { seen: [990_000, 1_000_000] }), 25);
    // Away for two seconds and back, and then the process dies.
    totals.take(report({ decoded: 110, missedAway: 50 }, { seen: [990_000, 1_002_400] }), 25);
    totals.processGone();
    totals.take(report({ decoded: 5 }, { seen: [1_003_400, 1_003_600] }), 25);
    expect(totals.read().counters.missedAway).toBe(50 + 24);
  });

  it('counts nothing as missed before the first picture, or at an unknown rate', () => {
    const totals = new StreamTotals();
    totals.processGone();
    totals.take(report({ decoded: 3 }, { seen: [4_000, 5_000] }), 25);
    expect(totals.read().counters.missedAway).toBe(0);
    totals.processGone();
    totals.take(report({ decoded: 3 }, { seen: [50_000, 51_000] }), null);
    expect(totals.read().counters.missedAway).toBe(0);
  });
});
