import { describe, expect, it } from 'vitest';
import { BUCKET_BOUNDS, HistogramBoard, quantile } from './histogram-board.js';

describe('HistogramBoard', () => {
  it('counts values in the bucket whose bound is not below them', () => {
    const board = new HistogramBoard();
    for (const value of [0.5, 1, 1.5, 99, 100, 9000]) board.observe('age', value);
    const { counts, sum } = new HistogramBoard(board.buffer).read().age;
    expect(sum).toBe(9202);
    expect(counts[0]).toBe(2);
    expect(counts[1]).toBe(1);
    expect(counts[BUCKET_BOUNDS.indexOf(100)]).toBe(2);
    expect(counts[BUCKET_BOUNDS.length]).toBe(1);
    expect(board.read().encode.counts.every((count) => count === 0)).toBe(true);
  });

  it('finds quantiles within a bucket', () => {
    const board = new HistogramBoard();
    for (let i = 0; i < 100; i++) board.observe('age', i < 90 ? 60 : 120);
    const { counts } = board.read().age;
    expect(quantile(counts, 0.45)).toBeCloseTo(62.5);
    expect(quantile(counts, 0.95)).toBeCloseTo(125);
    expect(quantile([], 0.5)).toBe(0);
  });
});
