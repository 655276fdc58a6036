import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Packet } from 'node-av/lib';
import { afterEach, describe, expect, it } from 'vitest';
import { AUDIO_CHANNELS, AUDIO_CLOCK, AudioDecoder } from '../src/media/audio-decoder.js';
import { Demuxer } from '../src/media/demuxer.js';
import { VideoDecoder } from '../src/media/video-decoder.js';
import { clipFolder } from './clip.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';

/** Picture and sound may be this far apart, in seconds. */
const APART = 0.04;

let camera: RtspCamera | null = null;
let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  await camera?.kill();
  running = camera = null;
});

/** A clip that flashes and beeps at every full second, for 80 ms, made by FFmpeg's own tool. */
function flashAndBeep(): string {
  const file = path.join(clipFolder, 'flash.mp4');
  const length = 60;
  const { status, stderr } = spawnSync('/usr/bin/ffmpeg', [
    '-v', 'error', '-y',
    '-f', 'lavfi', '-i', `color=black:s=320x240:r=25:d=${length},geq=lum='if(lt(mod(T,1),0.079),235,30)':cb=128:cr=128`,
    '-f', 'lavfi', '-i', `aevalsrc='if(lt(mod(t,1),0.08),0.5*sin(2*PI*1000*t),0)':d=${length}:s=48000`,
    '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file,
  ], { encoding: 'utf8' }); // prettier-ignore
  if (status !== 0) throw new Error(stderr);
  return file;
}

/** Seconds at which flashes and beeps begin in a file. */
function onsets(file: string): { readonly flashes: number[]; readonly beeps: number[] } {
  const demuxer = Demuxer.open({ kind: 'file', path: file });
  const decoder = new VideoDecoder(demuxer.video);
  const sound = demuxer.audio ? AudioDecoder.open(demuxer.audio) : null;
  const { num, den } = demuxer.video.timeBase;
  const flashes: number[] = [];
  const beeps: number[] = [];
  let [bright, loud] = [true, true];
  let quietSince = -Infinity;
  const pictures = (): void => {
    for (let frame = decoder.receive(); frame; frame = decoder.receive()) {
      const level = frame.data?.[0]?.[(frame.linesize[0] ?? 0) * 120 + 160] ?? 0;
      if (level > 130 && !bright) flashes.push((Number(frame.bestEffortTimestamp) * num) / den);
      bright = level > 130;
    }
  };
  const packet = new Packet();
  packet.alloc();
  for (let read = demuxer.read(packet); read !== 'end'; read = demuxer.read(packet)) {
    if (read === 'video') {
      decoder.send(packet);
      pictures();
    } else if (read === 'audio') {
      sound?.decode(packet, ({ seconds, samples }) => {
        for (let i = 0; i < samples.length; i += AUDIO_CHANNELS) {
          const at = seconds + i / AUDIO_CHANNELS / AUDIO_CLOCK;
          // A sine is quiet for a moment in each of its waves; a pause is longer.
          if (Math.abs(samples[i] ?? 0) < 0.1) {
            if (quietSince === Infinity) quietSince = at;
            if (at - quietSince > 0.02) loud = false;
            continue;
          }
          quietSince = Infinity;
          if (!loud) beeps.push(at);
          loud = true;
        }
      });
    }
    packet.unref();
  }
  decoder.send(null);
  pictures();
  packet.free();
  sound?.close();
  decoder.close();
  demuxer.close();
  return { flashes, beeps };
}

/** Collects so many segments of the HLS as they come, and returns how far beeps are behind their flashes, in seconds. */
async function lags(afterglow: RunningAfterglow, segments: number, name: string): Promise<number[]> {
  const parts = new Map<string, Buffer>();
  while (parts.size < segments) {
    const playlist = await (await fetch(`${afterglow.address}hls/camera/index.m3u8`)).text();
    // What came before a discontinuity is of another connection.
    const newest = playlist.split('#EXT-X-DISCONTINUITY').at(-1) ?? '';
    for (const [segment] of newest.matchAll(/segment-\d+\.ts/g)) {
      if (parts.has(segment)) continue;
      const response = await fetch(`${afterglow.address}hls/camera/${segment}`);
      if (response.ok) parts.set(segment, Buffer.from(await response.arrayBuffer()));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  mkdirSync(clipFolder, { recursive: true });
  const file = path.join(clipFolder, name);
  // The first segments may hold what was caught up on; transport streams are joined by laying them end to end.
  writeFileSync(file, Buffer.concat([...parts.values()].slice(2)));
  const { flashes, beeps } = onsets(file);
  return flashes.flatMap((flash) => {
    const nearest = beeps.reduce(
      (best, beep) => (Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best),
      Infinity,
    );
    return Math.abs(nearest - flash) < 0.5 ? [nearest - flash] : [];
  });
}

describe('picture and sound of a camera', () => {
  it('stay together, also after the camera was away', async () => {
    const clip = flashAndBeep();
    camera = await RtspCamera.start({ clip, sound: true });
    const { port } = camera;
    running = await RunningAfterglow.start(['--input', camera.url(), '--pipeline', 'passthrough']);
    await running.statusWhere(({ state }) => state.kind === 'live');
    const first = await lags(running, 10, 'first.ts');
    expect(first.length).toBeGreaterThan(4);
    for (const lag of first) expect(Math.abs(lag)).toBeLessThan(APART);

    await camera.kill();
    await running.statusWhere(({ state }) => state.kind === 'reconnecting');
    camera = await RtspCamera.start({ clip, sound: true, port });
    const { totals } = await running.statusWhere(({ state }) => state.kind === 'live');
    // Until the segments of the outage are past.
    await running.statusWhere((status) => (status.totals?.encoded ?? 0) > (totals?.encoded ?? 0) + 9 * 25);
    const second = await lags(running, 8, 'second.ts');
    expect(second.length).toBeGreaterThan(3);
    for (const lag of second) expect(Math.abs(lag)).toBeLessThan(APART);
    console.log(`beeps after flashes, ms: ${[...first, ...second].map((lag) => (lag * 1000).toFixed(0)).join(' ')}`);
  });
});
