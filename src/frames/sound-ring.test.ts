import { describe, expect, it } from 'vitest';
import { SoundRing } from './sound-ring.js';

const piece = (length: number, from: number): Float32Array => Float32Array.from({ length }, (_, i) => from + i);

describe('a ring of sound', () => {
  it('gives back what was written, over its end and again', () => {
    const writer = new SoundRing();
    const reader = new SoundRing(writer.buffer);
    for (let round = 0; round < 2000; round++) {
      const written = piece(2048 + (round % 7) * 2, round);
      const at = writer.write(written);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(reader.read(at, written.length)).toEqual(written);
      reader.release(at, written.length);
    }
  });

  it('refuses what it has no room for, and takes it when there is room again', () => {
    const writer = new SoundRing();
    const reader = new SoundRing(writer.buffer);
    const places: number[] = [];
    for (let at = writer.write(piece(48_000, 0)); at >= 0; at = writer.write(piece(48_000, 0))) places.push(at);
    expect(places).toHaveLength(10);
    expect(reader.read(places[0] ?? -1, 48_000)).toEqual(piece(48_000, 0));
    reader.release(places[0] ?? -1, 48_000);
    reader.release(places[1] ?? -1, 48_000);
    const next = writer.write(piece(48_000, 7));
    expect(next).toBeGreaterThan(places.at(-1) ?? 0);
    expect(reader.read(next, 48_000)).toEqual(piece(48_000, 7));
    expect(reader.read(places[2] ?? -1, 48_000)).toEqual(piece(48_000, 0));
  });

  it('counts on where positions no longer fit into 32 bits', () => {
    const writer = new SoundRing();
    const reader = new SoundRing(writer.buffer);
    let [last, turns] = [0, 0];
    const long = piece(1 << 18, 0);
    while (turns < 2) {
      const at = writer.write(long);
      expect(at).toBeGreaterThanOrEqual(0);
      if (at < last) turns++;
      last = at;
      reader.release(at, long.length);
    }
  });
});
