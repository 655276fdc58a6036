// node dist/bench/film-workers.js: how much faster a film is with two workers of one core each than with one.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { FormatContext, type Packet } from 'node-av/lib';
import { packageRoot } from '../src/config/package-root.js';
import { planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { frameOver, VideoEncoder } from '../src/media/video-encoder.js';
import { benchFolder, RATE } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';
import { RedisServer } from './redis-server.js';

const PROGRAM = path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js');
const [WIDTH, HEIGHT] = [640, 352];
const SHOTS = 12;
const SHOT = 60;
const ROUNDS = 3;

/** Writes a film of shots that no two of look alike, each with a light that moves through it. */
function makeFilm(file: string): void {
  const format: PictureFormat = { width: WIDTH, height: HEIGHT, matrix: 'bt709', range: 'limited' };
  const { bytes } = planeLayout(WIDTH, HEIGHT);
  const arena = SharedArena.create(bytes + 4096);
  const address = arena.allocate(bytes);
  const picture = arena.bytes(address, bytes);
  const target = frameOver(arena.memory, address, format);
  const encoder = new VideoEncoder({
    encoder: 'libx264',
    format,
    frameRate: RATE,
    bitrate: 3_000_000,
    preset: 'veryfast',
  });
  const output = new FormatContext();
  output.allocOutputContext2(null, 'mp4', file);
  const stream = output.newStream(null);
  stream.codecpar.fromContext(encoder.context);
  stream.timeBase = encoder.context.timeBase;
  output.openOutputSync();
  output.writeHeaderSync(null);
  const write = (packet: Packet): void => {
    packet.streamIndex = 0;
    packet.duration = BigInt(90_000 / RATE);
    packet.rescaleTs(encoder.context.timeBase, stream.timeBase);
    output.interleavedWriteFrameSync(packet);
  };
  picture.fill(128);
  for (let number = 0; number < SHOTS * SHOT; number++) {
    draw(picture, Math.floor(number / SHOT), number);
    encoder.encode(target, BigInt((number * 90_000) / RATE), number % RATE === 0, write);
  }
  encoder.finish(write);
  output.writeTrailerSync();
  output.closeOutputSync();
  output.freeContext();
}

function draw(picture: Uint8Array, shot: number, number: number): void {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const bars = Math.sin((x * (1 + (shot % 3)) + number * 2) * 0.03) * Math.cos(y * 0.02 * (1 + (shot % 4)));
      const isLit = [x < WIDTH / 2, y < HEIGHT / 2, x >= WIDTH / 2, y >= HEIGHT / 2][shot % 4] ?? false;
      const grain = Math.imul(x * 374761393 + y * 668265263 + number * 40503, 1274126177) >>> 29;
      picture[y * WIDTH + x] = Math.round(30 + (isLit ? 70 : 0) + 12 * bars + grain);
    }
  }
}

/** Starts a worker of one core and waits until it is ready. */
async function startWorker(redis: RedisServer, root: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'worker', redis.url, '--root', root, '--jobs', '1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for (let log = ''; !log.includes('waits for segments');) {
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    log += chunk.toString();
  }
  child.stderr.resume();
  return child;
}

/** Seconds from the film's being looked through until all parts are there. */
async function secondsWith(workers: number, film: string): Promise<number> {
  const redis = await RedisServer.start();
  const root = path.dirname(film);
  const children = await Promise.all(Array.from({ length: workers }, () => startWorker(redis, root)));
  const output = path.join(root, 'done.mp4');
  const args = ['process', film, '-o', output, '-p', 'night-cctv', '--workers', redis.url, '--json', '--overwrite'];
  const caller = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [from, until] = [0, 0];
  for await (const line of createInterface(caller.stdout)) {
    const { phase, shots } = JSON.parse(line) as { phase: string; shots?: readonly unknown[] };
    if (phase === 'found') {
      from = performance.now();
      if ((shots?.length ?? 0) < 8) throw new Error(`the film has ${shots?.length ?? 0} shots`);
    }
    if (phase === 'assemble') until ||= performance.now();
  }
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map((child) => once(child, 'exit')));
  await redis.stop();
  rmSync(output, { force: true });
  return (until - from) / 1000;
}

silenceFfmpeg();
const root = path.join(benchFolder, 'films');
mkdirSync(root);
const film = path.join(root, 'film.mp4');
makeFilm(film);
console.log(
  `${SHOTS} shots of ${SHOT} pictures, ${WIDTH}x${HEIGHT}, night-cctv; ${ROUNDS} rounds, each with one and two:`,
);
const rounds: { readonly one: number; readonly two: number }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  rounds.push({ one: await secondsWith(1, film), two: await secondsWith(2, film) });
}
printTable(
  ['round', 'one worker, s', 'two workers, s', 'times as fast'],
  rounds.map(({ one, two }, i) => [String(i + 1), one.toFixed(1), two.toFixed(1), (one / two).toFixed(2)]),
);
console.log(`median: ${median(rounds.map(({ one, two }) => one / two)).toFixed(2)} times as fast`);
