import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { FrameRing, type FullRingPolicy } from './frame-ring.js';
import { SharedArena } from './shared-arena.js';

const INFO = { arrival: 1234.5, matrix: 'bt601', range: 'full' } as const;

function makeRing(slots: number, policy: FullRingPolicy): { ring: FrameRing; arena: SharedArena } {
  const arena = SharedArena.create(FrameRing.bytes(16, 16, slots) + 1024);
  return { ring: FrameRing.create(arena, { width: 16, height: 16, slots, policy }), arena };
}

function put(ring: FrameRing, pts: bigint): boolean {
  const slot = ring.acquireWrite(0);
  if (slot >= 0) ring.publish(slot, { ...INFO, pts });
  return slot >= 0;
}

describe('FrameRing', () => {
  it('hands pictures over in order, with all that travels with them', () => {
    const { ring } = makeRing(3, 'back-pressure');
    put(ring, -5n);
    put(ring, 9_007_199_254_740_993n);
    const first = ring.acquireRead(0);
    expect(first).toMatchObject({ pts: -5n, sequence: 1, ...INFO });
    const second = ring.acquireRead(0);
    expect(second?.pts).toBe(9_007_199_254_740_993n);
    expect(ring.acquireRead(0)).toBeNull();
    expect(second?.address).not.toBe(first?.address);
  });

  it('makes a writer wait when it is full, and loses nothing', () => {
    const { ring } = makeRing(2, 'back-pressure');
    expect([put(ring, 1n), put(ring, 2n), put(ring, 3n)]).toEqual([true, true, false]);
    ring.release(ring.acquireRead(0)?.index ?? -1);
    expect(put(ring, 4n)).toBe(true);
    expect([ring.acquireRead(0)?.pts, ring.acquireRead(0)?.pts]).toEqual([2n, 4n]);
    expect(ring.overtaken).toBe(0);
  });

  it('lets the newest win when it is full, and counts what was overtaken', () => {
    const { ring } = makeRing(3, 'newest-wins');
    for (let pts = 1n; pts <= 7n; pts++) put(ring, pts);
    expect([ring.acquireRead(0)?.pts, ring.acquireRead(0)?.pts, ring.acquireRead(0)?.pts]).toEqual([5n, 6n, 7n]);
    expect(ring.overtaken).toBe(4);
    expect(ring.published).toBe(7);
  });

  it('never takes the picture that is being read', () => {
    const { ring } = makeRing(2, 'newest-wins');
    put(ring, 1n);
    const held = ring.acquireRead(0);
    put(ring, 2n);
    put(ring, 3n);
    expect(held?.pts).toBe(1n);
    expect(ring.acquireRead(0)?.pts).toBe(3n);
    expect(ring.acquireWrite(0)).toBe(-1);
  });

  it('skips pictures beyond the backlog', () => {
    const { ring } = makeRing(5, 'newest-wins');
    for (let pts = 1n; pts <= 5n; pts++) put(ring, pts);
    expect(ring.acquireRead(0, 1)?.pts).toBe(4n);
    expect(ring.overtaken).toBe(3);
  });

  it('ends a wait when it is closed, after what is in it was read', () => {
    const { ring } = makeRing(2, 'back-pressure');
    put(ring, 1n);
    ring.close();
    expect(ring.acquireRead(1000)?.pts).toBe(1n);
    const start = performance.now();
    expect(ring.acquireRead(1000)).toBeNull();
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('goes on when the sequence number wraps around', () => {
    const { ring, arena } = makeRing(3, 'newest-wins');
    const words = arena.int32(ring.handle.address, 16);
    words[1] = 0x7ffffffe;
    for (let pts = 1n; pts <= 3n; pts++) put(ring, pts);
    expect([ring.acquireRead(0)?.pts, ring.acquireRead(0)?.pts, ring.acquireRead(0)?.pts]).toEqual([1n, 2n, 3n]);
  });

  it('loses and doubles nothing between two threads', async () => {
    const { ring, arena } = makeRing(4, 'newest-wins');
    const count = 20_000;
    const module = new URL('../../dist/src/frames/frame-ring.js', import.meta.url).href;
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       import(workerData.module).then(({ FrameRing }) => {
         const ring = FrameRing.join(workerData.memory, workerData.handle);
         for (let i = 1; i <= workerData.count; i++) {
           const slot = ring.acquireWrite(1000);
           new Uint8Array(workerData.memory.buffer, ring.address(slot), 384).fill(i & 255);
           ring.publish(slot, { pts: BigInt(i), arrival: 0, matrix: 'bt709', range: 'limited' });
         }
         ring.close();
       });`,
      { eval: true, workerData: { module, memory: arena.memory, handle: ring.handle, count } },
    );
    let read = 0;
    let last = 0n;
    for (let slot = ring.acquireRead(10_000); slot; slot = ring.acquireRead(10_000)) {
      const bytes = arena.bytes(slot.address, 384);
      expect(slot.pts > last).toBe(true);
      expect(bytes[0]).toBe(Number(slot.pts & 255n));
      expect(bytes[383]).toBe(bytes[0]);
      last = slot.pts;
      read++;
      ring.release(slot.index);
    }
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(last).toBe(BigInt(count));
    expect(read + ring.overtaken).toBe(count);
  });
});
