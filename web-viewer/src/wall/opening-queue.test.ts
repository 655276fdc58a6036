import { describe, expect, it, vi } from 'vitest';
import { OpeningQueue } from './opening-queue.js';

describe('the queue of the wall’s pictures', () => {
  it('opens a few at a time, in order', () => {
    const queue = new OpeningQueue(2);
    const begun: string[] = [];
    const [first, , third] = ['a', 'b', 'c', 'd'].map((name) => queue.enter(() => begun.push(name)));
    expect(begun).toEqual(['a', 'b']);
    // One that is not wanted any more is not waited for.
    third?.();
    first?.();
    first?.();
    expect(begun).toEqual(['a', 'b', 'd']);
  });

  it('goes on past one that does not come', () => {
    vi.useFakeTimers();
    const queue = new OpeningQueue(1);
    const begun: string[] = [];
    const leave = queue.enter(() => begun.push('a'));
    queue.enter(() => begun.push('b'));
    vi.advanceTimersByTime(4000);
    expect(begun).toEqual(['a', 'b']);
    // Its late end takes nobody else's place.
    leave();
    queue.enter(() => begun.push('c'));
    expect(begun).toEqual(['a', 'b']);
    vi.useRealTimers();
  });
});
