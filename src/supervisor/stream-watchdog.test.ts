import { describe, expect, it } from 'vitest';
import { noFigures } from './stream-totals.js';
import { StreamWatchdog } from './stream-watchdog.js';

const MB = 1e6;

function report(encoded: number, placeholders = 0, memoryBytes = 100 * MB) {
  return { counters: { ...noFigures().counters, encoded, placeholders }, memoryBytes };
}

/** Looks once a second, as the handle does, and says when what was found. */
function firstFault(
  watchdog: StreamWatchdog,
  seconds: number,
  each: (second: number) => void,
): { readonly second: number; readonly reason: string } | null {
  for (let second = 1; second <= seconds; second++) {
    each(second);
    const fault = watchdog.look('live', second * 1000);
    if (fault) return { second, reason: fault.reason };
  }
  return null;
}

describe('StreamWatchdog', () => {
  it('finds a process that falls silent within six seconds', () => {
    const watchdog = new StreamWatchdog(500, 0);
    watchdog.heard(0);
    expect(firstFault(watchdog, 60, () => undefined)).toEqual({ second: 6, reason: 'hung' });
  });

  it('gives a process half a minute for its first word', () => {
    expect(firstFault(new StreamWatchdog(500, 0), 29, () => undefined)).toMatchObject({ second: 11 });
    const waiting = new StreamWatchdog(500, 0);
    for (let second = 1; second <= 30; second++) expect(waiting.look('starting', second * 1000)).toBeNull();
    expect(waiting.look('starting', 31_000)).toMatchObject({ reason: 'hung' });
  });

  it('finds a live stream that sends nothing, neither pictures nor placeholders', () => {
    const talking = (sent: (second: number) => ReturnType<typeof report>): ReturnType<typeof firstFault> => {
      const watchdog = new StreamWatchdog(500, 0);
      return firstFault(watchdog, 40, (second) => {
        watchdog.heard(second * 1000);
        watchdog.take(sent(second), second * 1000);
      });
    };
    expect(talking((second) => report(second))).toBeNull();
    expect(talking((second) => report(20, second))).toBeNull();
    expect(talking((second) => report(Math.min(second, 5)))).toEqual({ second: 16, reason: 'hung' });
  });

  it('finds a process above its memory by the second report in a row', () => {
    const watchdog = new StreamWatchdog(500, 0);
    watchdog.take(report(1, 0, 501 * MB), 500);
    expect(watchdog.look('live', 600)).toBeNull();
    watchdog.take(report(2, 0, 400 * MB), 1000);
    watchdog.take(report(3, 0, 600 * MB), 1500);
    expect(watchdog.look('live', 1600)).toBeNull();
    watchdog.take(report(4, 0, 600 * MB), 2000);
    expect(watchdog.look('live', 2100)).toMatchObject({ reason: 'memory', message: expect.stringMatching(/600 MB.*500 MB/) as string }); // prettier-ignore
  });

  it('blames no stream for the time that it slept itself', () => {
    const watchdog = new StreamWatchdog(500, 0);
    watchdog.heard(0);
    expect(watchdog.look('live', 1000)).toBeNull();
    expect(watchdog.look('live', 60_000)).toBeNull();
    watchdog.heard(60_001);
    watchdog.take(report(1), 60_001);
    expect(watchdog.look('live', 61_000)).toBeNull();
  });
});
