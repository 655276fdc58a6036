import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ffmpeg } from '../film-clips.js';
import { RtspCamera, type CameraOptions } from '../rtsp-camera.js';
import { isRunning, RunningAfterglow } from '../running-afterglow.js';
import { SmallVolume } from '../small-volume.js';
import { LossyProxy } from './lossy-proxy.js';

/** Pictures a second of all cameras. */
export const RATE = 15;
/** Clips last longer than any run, so that no camera ends by itself. */
const CLIP_MINUTES = 120;

/** Clips of cameras, made once for all. */
export class CameraClips {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-faults-'));
  readonly #clips = new Map<string, string>();

  /** A dark, moving scene, with sound. */
  clip(width: number, height: number): string {
    const name = `${width}x${height}.mp4`;
    const known = this.#clips.get(name);
    if (known !== undefined) return known;
    const [short, long] = [path.join(this.folder, `short-${name}`), path.join(this.folder, name)];
    ffmpeg(
      ...['-f', 'lavfi', '-i', `testsrc2=s=${width}x${height}:r=${RATE}:d=20`, '-f', 'lavfi', '-i', 'sine=440:d=20'],
      ...['-vf', 'eq=brightness=-0.35,format=yuv420p', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '30'],
      ...['-g', String(RATE), '-bf', '0', '-c:a', 'aac', '-b:a', '48k', short],
    );
    ffmpeg('-stream_loop', String(CLIP_MINUTES * 3), '-i', short, '-c', 'copy', long);
    this.#clips.set(name, long);
    return long;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a fault needs besides the program and a camera. */
export interface SceneOptions {
  readonly camera?: Partial<CameraOptions>;
  readonly pipeline?: string;
  /** Sends by UDP, through a proxy that can lose packets. */
  readonly udp?: boolean;
  /** Records onto a volume of this many megabytes. */
  readonly volumeMegabytes?: number;
  /** Under a clock that can be stepped. */
  readonly steppedClock?: boolean;
}

const FAKE_CLOCK = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** One program with one stream of one camera, as long as a fault is tried on it. */
export class FaultScene {
  readonly clips: CameraClips;
  readonly program: RunningAfterglow;
  readonly proxy: LossyProxy | null;
  readonly volume: SmallVolume | null;
  readonly #clock: string;
  #camera: RtspCamera;

  private constructor(
    clips: CameraClips,
    program: RunningAfterglow,
    camera: RtspCamera,
    parts: { readonly proxy: LossyProxy | null; readonly volume: SmallVolume | null; readonly clock: string },
  ) {
    this.clips = clips;
    this.program = program;
    this.#camera = camera;
    this.proxy = parts.proxy;
    this.volume = parts.volume;
    this.#clock = parts.clock;
  }

  /** Null, with a printed line, where this machine lacks what the fault needs. */
  static async open(name: string, clips: CameraClips, options: SceneOptions, seed: number): Promise<FaultScene | null> {
    const volume = options.volumeMegabytes === undefined ? null : SmallVolume.mount(options.volumeMegabytes, name);
    if (options.volumeMegabytes !== undefined && !volume) return null;
    if (options.steppedClock && !readdirSafely(path.dirname(FAKE_CLOCK)).includes(path.basename(FAKE_CLOCK))) {
      console.log(`NOT RUN: ${name}, as no clock can be stepped here (apt-get install faketime)`);
      return null;
    }
    const udp = options.udp ?? false;
    const camera = await RtspCamera.start({ clip: clips.clip(640, 360), sound: true, udp, ...options.camera });
    const proxy = udp ? await LossyProxy.start(camera.port, seed) : null;
    const config = path.join(clips.folder, `${name}.yaml`);
    const clock = path.join(clips.folder, `${name}.clock`);
    const stream = {
      id: 'camera',
      input: proxy?.url ?? camera.url(),
      transport: udp ? 'udp' : 'tcp',
      pipeline: options.pipeline ?? 'passthrough',
      recording: { enhanced: volume !== null, segmentSeconds: 60 },
    };
    const recordings = { folder: volume?.folder ?? clips.folder, minFreeGigabytes: 0 };
    writeFileSync(config, JSON.stringify({ recordings, streams: [stream] }));
    writeFileSync(clock, '+0');
    const faked = options.steppedClock ? underClock(path.join(clips.folder, name), clock) : {};
    const program = await RunningAfterglow.start(['--config', config], faked);
    return new FaultScene(clips, program, camera, { proxy, volume, clock });
  }

  /** The stream's camera. */
  get camera(): RtspCamera {
    return this.#camera;
  }

  /** Puts another camera in the place of the last, which must have been killed. */
  async replaceCamera(options: Partial<CameraOptions> = {}): Promise<void> {
    const { port } = this.#camera;
    this.#camera = await RtspCamera.start({ clip: this.clips.clip(640, 360), sound: true, ...options, port });
  }

  /** Steps the program's clock to so many seconds from the true one. */
  stepClock(seconds: number): void {
    writeFileSync(this.#clock, `${seconds < 0 ? '' : '+'}${seconds}`);
  }

  /** Memory in bytes and open descriptors of the supervisor. */
  supervisor(): { readonly rss: number; readonly descriptors: number } {
    return processFigures(this.program.process.pid ?? 0);
  }

  async close(): Promise<void> {
    const children = this.program.descendants();
    await this.program.stop();
    const left = children.filter(isRunning);
    await this.#camera.kill();
    this.proxy?.close();
    this.volume?.unmount();
    if (left.length > 0) throw new Error(`processes ${left.join(', ')} outlived the program`);
  }
}

/**
 * The environment of a program whose clock, and whose streams' processes' clocks, are what a file says. Those processes
 * get no foreign variables from the program, so they are started by a script that sets them.
 */
function underClock(prefix: string, clock: string): Record<string, string> {
  const faked = {
    ...{ LD_PRELOAD: FAKE_CLOCK, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_CACHE_DURATION: '1' },
    ...{ DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  };
  const [script, preload] = [`${prefix}.node`, `${prefix}.cjs`];
  const exports = Object.entries(faked).map(([variable, value]) => `export ${variable}='${value}'\n`);
  writeFileSync(script, `#!/bin/sh\n${exports.join('')}exec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  writeFileSync(preload, `process.execPath = ${JSON.stringify(script)};\n`);
  return { ...faked, NODE_OPTIONS: `--require ${preload}` };
}

/** Memory in bytes and open descriptors of a process. */
export function processFigures(pid: number): { readonly rss: number; readonly descriptors: number } {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { rss: Number(kilobytes ?? 0) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

function readdirSafely(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
