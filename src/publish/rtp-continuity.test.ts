import { describe, expect, it } from 'vitest';
import { RtpContinuity } from './rtp-continuity.js';

function packet(sequence: number, timestamp: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  return header;
}

describe('RtpContinuity', () => {
  it('leaves one sender as it is', () => {
    const track = new RtpContinuity(90000);
    const first = packet(65535, 0xffffffff);
    track.rewrite(first, 0);
    expect(first).toEqual(packet(65535, 0xffffffff));
  });

  it('joins a new sender to the old one, over both wrap-arounds', () => {
    const track = new RtpContinuity(90000);
    track.rewrite(packet(65535, 0xfffffff0), 10);
    track.expectNewSource();
    const next = packet(777, 123);
    track.rewrite(next, 12);
    expect(next.readUInt16BE(2)).toBe(0);
    expect(next.readUInt32BE(4)).toBe((0xfffffff0 + 180_000) >>> 0);
    const second = packet(778, 123 + 3000);
    track.rewrite(second, 12.03);
    expect(second.readUInt16BE(2)).toBe(1);
    expect(second.readUInt32BE(4)).toBe((0xfffffff0 + 183_000) >>> 0);
    expect(track.timestamp(123)).toBe(next.readUInt32BE(4));
  });
});
