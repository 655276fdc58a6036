import { describe, expect, it } from 'vitest';
import { parseOrder, readFailure, writeFailure } from './queue-messages.js';
import { RedisAddress } from './redis-address.js';

const ORDER = {
  format: 1,
  job: '6f1e2f0e-6f0d-4c3e-9b1f-0d9b8a7c6d5e',
  folder: 'out/film.mp4.afterglow',
  segment: 3,
  version: '0.1.0',
  models: { tint: 'abc' },
};

describe('orders', () => {
  it('are taken as they are written', () => {
    expect(parseOrder(ORDER)).toEqual(ORDER);
  });

  it.each([
    null,
    'x',
    {},
    { ...ORDER, format: 2 },
    { ...ORDER, job: '../x' },
    { ...ORDER, segment: -1 },
    { ...ORDER, segment: 1.5 },
    { ...ORDER, folder: '' },
    { ...ORDER, more: 1 },
  ])('are refused otherwise: %j', (data) => {
    expect(() => parseOrder(data)).toThrow(/not an order of afterglow process/);
  });
});

describe('failures', () => {
  it('come back with worker, message and remedy', () => {
    const text = writeFailure('host:1', { message: 'the disk is full', remedy: 'make room' });
    expect(readFailure(text, 'other')).toEqual({ worker: 'host:1', message: 'the disk is full', remedy: 'make room' });
  });

  it("of BullMQ's own name who was at work last", () => {
    const failure = readFailure('job stalled more than allowable limit', 'host:1');
    expect(failure).toMatchObject({ worker: 'host:1', message: expect.stringContaining('died') as string });
  });

  it('cannot play tricks on a terminal', () => {
    const text = writeFailure('host\u001b[2J', { message: 'a\r\nb', remedy: 'c\u0007' });
    expect(JSON.stringify(readFailure(text, ''))).not.toMatch(/\\u00|\\r|\\n/);
  });
});

describe('addresses of a Redis', () => {
  it.each([
    ['redis://10.0.0.5', 'redis://10.0.0.5'],
    ['rediss://user:pass@host:6380/2', 'rediss://***@host:6380/2'],
    ['redis://:p@ss:w@host:1', 'redis://***@host:1'],
  ])('%s is shown as %s', (text, shown) => {
    expect(RedisAddress.parse(text, {}).text).toBe(shown);
  });

  it.each(['', 'host:6379', 'http://host', 'redis://', 'redis:///var/run/x', 'redis://u:secret@host/etc/passwd'])(
    '%j is none, and shows no password',
    (text) => {
      expect(() => RedisAddress.parse(text, {})).toThrow(/is not the address of a Redis/);
      expect(() => RedisAddress.parse(text, {})).not.toThrow(/secret/);
    },
  );

  it('hold no password from the environment in their text', () => {
    const { text } = RedisAddress.parse('redis://host', { AFTERGLOW_REDIS_PASSWORD: 'sec/ret@1' });
    expect(text).not.toMatch(/sec/);
  });
});
