import { readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import { afterEach, describe, expect, it } from 'vitest';
import { clipFolder, makeClip } from './clip.js';
import { RunningAfterglow } from './running-afterglow.js';

let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

interface Segment {
  readonly name: string;
  readonly seconds: number;
  readonly date: number;
}

async function playlist(afterglow: RunningAfterglow): Promise<readonly Segment[]> {
  const response = await fetch(`${afterglow.address}hls/camera/index.m3u8`);
  if (!response.ok) return [];
  expect(response.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
  const entry = /#EXTINF:([\d.]+),\s+#EXT-X-PROGRAM-DATE-TIME:(\S+)\s+(segment-\d+\.ts)/g;
  return [...(await response.text()).matchAll(entry)].map(([, seconds, date, name]) => ({
    name: name ?? '',
    seconds: Number(seconds),
    date: Date.parse(date ?? ''),
  }));
}

/** Waits until the playlist is as wanted. */
async function playlistWhere(
  afterglow: RunningAfterglow,
  wanted: (segments: readonly Segment[]) => boolean,
): Promise<readonly Segment[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const segments = await playlist(afterglow);
    if (wanted(segments)) return segments;
    if (Date.now() > deadline) throw new Error(`not within a minute: ${JSON.stringify(segments)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Segments that a program has on disk. */
function segmentFiles({ process: { pid } }: RunningAfterglow): string[] {
  return readdirSync(os.tmpdir())
    .filter((folder) => folder.startsWith(`afterglow-hls-${pid}-`))
    .flatMap((folder) =>
      readdirSync(path.join(os.tmpdir(), folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .filter((file) => /camera\/enhanced\/segment-\d+\.ts$/.test(file));
}

const numberOf = (segment: Segment | undefined): number => Number(/\d+/.exec(segment?.name ?? '')?.[0]);

describe('HLS', () => {
  it('has one-second segments that begin with a key frame, a sliding playlist, sound, and deletes what is old', async () => {
    const clip = makeClip('sounding.mp4', {
      width: 320,
      height: 180,
      frames: 75,
      codec: 'libx264',
      matrix: 'bt709',
      range: 'limited',
      tone: 440,
      draw: (picture, index) => picture.fill(30 + (index % 50), 0, 320 * 180).fill(128, 320 * 180),
    });
    running = await RunningAfterglow.start(['--input', clip, '--pipeline', 'passthrough']);
    const first = await playlistWhere(running, (segments) => segments.length >= 2);
    const began = Date.now();
    const slid = await playlistWhere(running, (segments) => numberOf(segments[0]) > numberOf(first[0]) + 6);
    // As many seconds of pictures as of time, give or take a segment.
    const passed = (slid.at(-1)?.date ?? 0) - (first.at(-1)?.date ?? 0);
    expect(Math.abs(passed - (Date.now() - began))).toBeLessThan(3000);
    expect(slid.length).toBe(6);
    for (const { seconds } of slid) expect(seconds).toBeCloseTo(1, 1);
    // Dates are the wall clock's.
    expect(Math.abs((slid.at(-1)?.date ?? 0) + 1000 - Date.now())).toBeLessThan(4000);
    const kept = segmentFiles(running);
    expect(kept.length).toBeGreaterThanOrEqual(6);
    expect(kept.length).toBeLessThanOrEqual(12);
    expect(kept.some((file) => file.endsWith(first[0]?.name ?? '?'))).toBe(false);

    // One of them on its own.
    const name = slid[2]?.name ?? '';
    const response = await fetch(`${running.address}hls/camera/${name}`);
    expect(response.headers.get('content-type')).toBe('video/mp2t');
    const file = path.join(clipFolder, name);
    writeFileSync(file, Buffer.from(await response.arrayBuffer()));
    const input = new FormatContext();
    input.allocContext();
    expect(input.openInputSync(file, null, null)).toBe(0);
    input.findStreamInfoSync(null);
    const video = input.streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    const audio = input.streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO);
    expect(video?.codecpar).toMatchObject({ width: 320, height: 180 });
    expect(video?.codecpar.colorSpace).toBe(AVCOL_SPC_BT709);
    expect(video?.codecpar.colorRange).toBe(AVCOL_RANGE_MPEG);
    // Constrained baseline.
    expect(video?.codecpar.profile).toBe(66 | (1 << 9));
    expect(audio?.codecpar.sampleRate).toBe(48000);
    const packet = new Packet();
    packet.alloc();
    const pictures: { readonly key: boolean; readonly pts: number }[] = [];
    const sound: number[] = [];
    while (input.readFrameSync(packet) >= 0) {
      const pts = Number(packet.pts) / 90_000;
      if (packet.streamIndex === video?.index) pictures.push({ key: packet.isKeyframe, pts });
      else sound.push(pts);
      packet.unref();
    }
    expect(pictures.length).toBe(25);
    expect(pictures.map(({ key }) => key)).toEqual([true, ...Array<boolean>(24).fill(false)]);
    // 46.9 AAC frames a second, of the same second.
    expect(sound.length).toBeGreaterThan(40);
    expect(Math.abs((sound[0] ?? NaN) - (pictures[0]?.pts ?? NaN))).toBeLessThan(0.4);
    input.closeInputSync();
    packet.free();
  });
});
