import { describe, expect, it } from 'vitest';
import { RtpSequence, RtpTimeline } from './rtp-continuity.js';

describe('RtpTimeline', () => {
  it('leaves one sender as it is', () => {
    const timeline = new RtpTimeline(90_000);
    expect(timeline.take(0xffffffff, 0)).toBe(0xffffffff);
    expect(timeline.take(2999, 1 / 30)).toBe(2999);
  });

  it('joins a new sender to the old one, over the wrap-around', () => {
    const timeline = new RtpTimeline(90_000);
    timeline.take(0xfffffff0, 10);
    timeline.expectNewSource();
    expect(timeline.take(123, 12)).toBe((0xfffffff0 + 180_000) >>> 0);
    expect(timeline.take(123 + 3000, 12.03)).toBe((0xfffffff0 + 183_000) >>> 0);
    expect(timeline.steady(123)).toBe((0xfffffff0 + 180_000) >>> 0);
  });

  it('goes on after the track that is ahead', () => {
    const timeline = new RtpTimeline(90_000);
    timeline.take(6000, 10);
    timeline.take(3000, 10.01);
    timeline.expectNewSource();
    expect(timeline.take(70, 10)).toBe(6001);
  });

  it('never goes back when the new sender is there at once', () => {
    const timeline = new RtpTimeline(90_000);
    timeline.take(5000, 10);
    timeline.expectNewSource();
    expect(timeline.take(70, 10)).toBe(5001);
  });
});

describe('RtpSequence', () => {
  it('leaves one sender as it is, gaps and all', () => {
    const sequence = new RtpSequence();
    expect([65534, 65535, 2].map((each) => sequence.take(each, 10))).toEqual([65534, 65535, 2]);
  });

  it('joins a new sender to the old one, over the wrap-around', () => {
    const sequence = new RtpSequence();
    sequence.take(65535, 10);
    sequence.expectNewSource();
    expect([777, 778].map((each) => sequence.take(each, 10.1))).toEqual([0, 1]);
  });

  it('joins an encoder that is opened again to the one before', () => {
    const sequence = new RtpSequence();
    sequence.take(4, 10);
    expect(sequence.take(40_000, 12)).toBe(5);
  });
});
