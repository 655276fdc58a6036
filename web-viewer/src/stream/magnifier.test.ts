import { describe, expect, it } from 'vitest';
import { lensScale } from './magnifier.js';

describe('the lens', () => {
  it('shows a pixel as a pixel where the picture shows less, else enlarges by a whole number', () => {
    expect([0.2, 0.5, 0.76].map(lensScale)).toEqual([1, 1, 1]);
    expect([0.9, 1, 1.4, 2].map(lensScale)).toEqual([2, 2, 3, 3]);
  });
});
