import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { AfterglowError } from '../src/errors/afterglow-error.js';
import { freePortPair } from '../src/publish/loopback-ports.js';
import { Demuxer } from '../src/media/demuxer.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { whipDescription, type WhipTrack } from '../src/media/whip-description.js';

silenceFfmpeg();

/** Sends silence as Opus by RTP, fifty packets a second, from a thread of its own: opening an input blocks this one. */
const SOUND = `
  const socket = require('node:dgram').createSocket('udp4');
  let number = 0;
  setInterval(() => {
    const packet = Buffer.from([0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0xf8, 0xff, 0xfe]);
    packet.writeUInt16BE(number & 0xffff, 2);
    packet.writeUInt32BE(number * 960, 4);
    number++;
    socket.send(packet, require('node:worker_threads').workerData, '127.0.0.1');
  }, 20);
`;

let folder: string | undefined;
let sender: Worker | undefined;
afterEach(async () => {
  await sender?.terminate();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = sender = undefined;
});

/** Why a publisher of sound, who has said that these tracks will come, cannot be opened. */
async function refusal(tracks: (port: number) => WhipTrack[]): Promise<AfterglowError> {
  folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-demuxer-'));
  const description = path.join(folder, 'whip.sdp');
  const port = await freePortPair();
  writeFileSync(description, whipDescription(tracks(port)));
  sender = new Worker(SOUND, { eval: true, workerData: port });
  try {
    Demuxer.open({ kind: 'whip', description }).close();
  } catch (thrown) {
    return AfterglowError.from(thrown);
  }
  throw new Error('it was opened');
}

const sound = (port: number): WhipTrack => ({
  kind: 'audio',
  port,
  payloadType: 111,
  codec: 'opus',
  clockRate: 48000,
  channels: 2,
  parameters: '',
});

describe('a publisher', () => {
  it('whose first key frame is late is tried again', async () => {
    const videoPort = await freePortPair();
    const video: WhipTrack = {
      kind: 'video',
      port: videoPort,
      payloadType: 96,
      codec: 'H264',
      clockRate: 90000,
      channels: null,
      parameters: 'packetization-mode=1',
    };
    const { message, retryable } = await refusal((port) => [video, sound(port)]);
    expect([message, retryable]).toEqual(['WHIP has sent no key frame yet', true]);
  });

  it('of sound alone gives way to the next one', async () => {
    const { message, retryable } = await refusal((port) => [sound(port)]);
    expect([message, retryable]).toEqual(['WHIP has no video track', true]);
  });
});
