import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import type { BenchSize } from './bench-clip.js';
import type { RunResult } from './end-to-end.js';
import type { Transcode } from './transcode.js';

/** What a process is to run. */
export interface StreamTask {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Null: decoding and encoding alone, without a stream. */
  readonly pipeline: string | null;
  /** Seconds at the clip's own rate, as a camera; null: once, as fast as it goes. */
  readonly seconds: number | null;
}

const PROCESS = path.join(packageRoot, 'dist', 'bench', 'stream-process.js');

/** Runs a clip as fast as it goes through a whole stream, which waits for its network. */
export function fastStream(size: BenchSize, pipeline: string): Promise<RunResult> {
  return inProcess({ file: size.file(), width: size.width, height: size.height, pipeline, seconds: null });
}

/** Runs a clip at its own rate through a whole stream, as a camera. */
export function liveStream(size: BenchSize, pipeline: string, seconds: number): Promise<RunResult> {
  return inProcess({ file: size.file(), width: size.width, height: size.height, pipeline, seconds });
}

/** Decodes and encodes a clip, without a stream, in the same FFmpeg. */
export function noStream(size: BenchSize): Promise<Transcode> {
  return inProcess({ file: size.file(), width: size.width, height: size.height, pipeline: null, seconds: null });
}

async function inProcess<Result extends Transcode>(task: StreamTask): Promise<Result> {
  const child = fork(PROCESS, [JSON.stringify(task)]);
  const ended = new AbortController();
  const message = once(child, 'message', { signal: ended.signal }) as Promise<[Result]>;
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const first = await Promise.race([message.then(([result]) => result), exit]);
  if (first === null || typeof first === 'number') {
    ended.abort();
    await message.catch(() => undefined);
    throw new Error(`the stream's process ended with ${first}`);
  }
  await exit;
  return first;
}
