import { expect, it } from 'vitest';
import { offlineText } from './offline-text.js';

it('says since when, with the date once the day is over', () => {
  const since = new Date(2026, 10, 9, 7, 5, 3);
  expect(offlineText(since, new Date(2026, 10, 9, 23, 59, 59))).toBe('offline since 07:05:03');
  expect(offlineText(since, new Date(2026, 10, 10, 0, 0, 1))).toBe('offline since 2026-11-09 07:05:03');
  expect(offlineText(null, since)).toBe('waiting for the first picture');
});
