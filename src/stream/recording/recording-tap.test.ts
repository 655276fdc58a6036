import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { AV_PKT_FLAG_KEY } from 'node-av/constants';
import { Packet } from 'node-av/lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingGauge } from './recording-gauge.js';
import type { TapMessage } from './recording-messages.js';
import { RecordingTap } from './recording-tap.js';

const MEGABYTE = 1 << 20;

describe('the tap of a recording', () => {
  let port: MessagePort;
  let gauge: RecordingGauge;
  let tap: RecordingTap;
  let packet: Packet;
  beforeEach(() => {
    const channel = new MessageChannel();
    port = channel.port2;
    gauge = new RecordingGauge();
    tap = new RecordingTap({ port: channel.port1, gauge: gauge.buffer });
    packet = new Packet();
    packet.alloc();
  });
  afterEach(() => {
    packet.free();
    port.close();
  });

  function picture(key: boolean, bytes = MEGABYTE): void {
    packet.data = Buffer.alloc(bytes, 7);
    Object.assign(packet, { pts: 1n, dts: 1n, duration: 1n });
    if (key) packet.setFlags(AV_PKT_FLAG_KEY);
    tap.video(packet);
    packet.unref();
  }

  /** What the recording thread would take. */
  function take(): TapMessage[] {
    const messages: TapMessage[] = [];
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      const message = next.message as TapMessage;
      if (message.kind === 'packet') gauge.took(message.data.length);
      messages.push(message);
    }
    return messages;
  }

  it('hands copies on', () => {
    picture(true, 100);
    const [message] = take();
    expect(message).toMatchObject({ kind: 'packet', track: 'video', key: true, pts: 1n });
    expect(message?.kind === 'packet' && message.data).toEqual(new Uint8Array(100).fill(7));
    expect(gauge.waitingBytes).toBe(0);
  });

  it('drops and counts pictures while too much waits, and goes on with a key frame', () => {
    picture(true);
    for (let i = 0; i < 99; i++) picture(false);
    expect(gauge.overflowing).toBe(true);
    expect(gauge.waitingBytes).toBeLessThanOrEqual(65 * MEGABYTE);
    const waiting = take().length;
    expect(waiting + gauge.lost).toBe(100);
    expect(gauge.lost).toBeGreaterThan(30);

    // The disk keeps up again, but these pictures hang on lost ones.
    const { lost } = gauge;
    picture(false);
    expect(take()).toEqual([]);
    expect(gauge.lost).toBe(lost + 1);
    picture(true);
    picture(false);
    expect(take().length).toBe(2);
    expect(gauge.overflowing).toBe(false);
  });
});
