import { describe, expect, it } from 'vitest';
import { BUCKET_BOUNDS, type HistogramName, type HistogramValues } from '../stream/histogram-board.js';
import type { RecordingState } from '../stream/stream-messages.js';
import { noFigures, StreamTotals } from './stream-totals.js';

const OFF: RecordingState = { kind: 'off', error: null, bytes: 0, lost: 0 };

function report(
  counters: Partial<ReturnType<typeof noFigures>['counters']>,
  more: { lastArrival?: number; ages?: number; bytes?: number; closed?: boolean } = {},
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
    lastArrival: more.lastArrival ?? 0,
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
    totals.take(report({ decoded: 100 }, { lastArrival: 1_000_000 }), 25);
    totals.processGone();
    totals.take(report({ decoded: 0 }, { lastArrival: 0 }), 25);
    expect(totals.read().counters.missedAway).toBe(0);
    // Four seconds of 25 pictures; the new process has seen the last ten of them.
    totals.take(report({ decoded: 10 }, { lastArrival: 1_004_000 }), 25);
    expect(totals.read().counters.missedAway).toBe(90);
    totals.take(report({ decoded: 60 }, { lastArrival: 1_006_000 }), 25);
    expect(totals.read().counters.missedAway).toBe(90);
  });

  it('does not count again what the processes counted themselves while the camera was away', () => {
    const totals = new StreamTotals();
    totals.take(report({ decoded: 100 }, { lastArrival: 1_000_000 }), 25);
    // Away for two seconds, then the process dies; the next one finds the camera after three more.
    totals.take(report({ decoded: 100, missedAway: 50 }, { lastArrival: 1_000_000 }), 25);
    totals.processGone();
    totals.take(report({ decoded: 0, missedAway: 30 }), 25);
    totals.take(report({ decoded: 5, missedAway: 40 }, { lastArrival: 1_005_000 }), 25);
    // 125 expected: 5 seen, 90 counted as missed by the processes, 30 by nobody.
    expect(totals.read().counters.missedAway).toBe(50 + 40 + 30);
  });

  it('counts nothing as missed before the first picture, or at an unknown rate', () => {
    const totals = new StreamTotals();
    totals.processGone();
    totals.take(report({ decoded: 3 }, { lastArrival: 5_000 }), 25);
    expect(totals.read().counters.missedAway).toBe(0);
    totals.processGone();
    totals.take(report({ decoded: 3 }, { lastArrival: 50_000 }), null);
    expect(totals.read().counters.missedAway).toBe(0);
  });
});
