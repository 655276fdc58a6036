import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageVersion } from '../src/config/package-version.js';
import { QUEUE_NAME } from '../src/film/queue/queue-messages.js';
import { clipFolder, makeClip } from './clip.js';
import { makeModelFolder } from './fixture-models.js';
import { drawScene, random } from './pictures.js';
import { freePort, RedisServer } from '../bench/redis-server.js';
import { RunningCommand } from './running-command.js';
import type { Outcome } from './running-afterglow.js';

const SHOT = 40;
const SHOTS = 4;
// x264's AVX-512 code reads beyond its tables where a row's 16x16 blocks are no multiple of 8: not the same bits each time.
const [WIDTH, HEIGHT] = [128, 96];

const models = makeModelFolder({ 'queue-brighten': 'brighten' });
const environment = { AFTERGLOW_MODELS: models };
const recipe = path.join(clipFolder, 'queue.yaml');
const film = path.join(clipFolder, 'shots.mkv');
/** The film made by this machine alone. */
let expected: Buffer;

let redis: RedisServer;
let root: string;
const started: RunningCommand[] = [];

beforeAll(async () => {
  writeFileSync(
    recipe,
    'description: x\nstages:\n  - {stage: temporal-denoise}\n  - {stage: network, model: queue-brighten, workingSize: 128}\n',
  );
  const grain = random(7);
  makeClip(path.basename(film), {
    width: WIDTH,
    height: HEIGHT,
    frames: SHOT * SHOTS,
    codec: 'libx264',
    tone: 440,
    draw: (picture, index) => {
      drawShot(picture, Math.floor(index / SHOT), index);
      for (let i = 0; i < WIDTH * HEIGHT; i += 3) picture[i] = (picture[i] ?? 0) + Math.floor(grain() * 6);
    },
  });
  const output = path.join(clipFolder, 'alone.mp4');
  const alone = await command('process', film, '-o', output, ...SETTINGS).outcome;
  expect(alone.output).toMatch(/wrote .*: 160 pictures in 4 shots/);
  expected = readFileSync(output);
});

beforeEach(async () => {
  redis = await RedisServer.start();
  root = mkdtempSync(path.join(os.tmpdir(), 'afterglow-root-'));
  writeFileSync(path.join(root, 'film.mkv'), readFileSync(film));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((running) => running.end('SIGKILL')));
  await redis.stop();
  rmSync(root, { recursive: true, force: true });
});
afterAll(() => rmSync(models, { recursive: true, force: true }));

/** Scenes that no two of look alike: another half of each is bright. */
function drawShot(picture: Uint8Array, shot: number, phase: number): void {
  drawScene(picture, WIDTH, HEIGHT, phase);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const isBright = [x < WIDTH / 2, y < HEIGHT / 2, x >= WIDTH / 2, y >= HEIGHT / 2][shot] ?? false;
      const at = y * WIDTH + x;
      picture[at] = ((picture[at] ?? 0) >> 2) + (isBright ? 150 : 20);
    }
  }
}

// Slow, so that there is a middle of a segment to be killed in.
const SETTINGS = ['-p', recipe, '--preset', 'veryslow'];

function command(...args: string[]): RunningCommand {
  const running = new RunningCommand(args, environment);
  started.push(running);
  return running;
}

function worker(...more: string[]): RunningCommand {
  return command('worker', redis.url, '--root', root, '--jobs', '1', ...more);
}

function caller(...more: string[]): RunningCommand {
  const [input, output] = [path.join(root, 'film.mkv'), path.join(root, 'out', 'film.mp4')];
  return command('process', input, '-o', output, '--workers', redis.url, '--root', root, ...SETTINGS, ...more);
}

/** The film is as if this machine had made it alone, and nothing is left of the work. */
function expectWhole({ code, output }: Outcome): void {
  expect(output).toMatch(/wrote .*: 160 pictures in 4 shots/);
  expect(code).toBe(0);
  expect(readFileSync(path.join(root, 'out', 'film.mp4')).equals(expected)).toBe(true);
  expect(readdirSync(path.join(root, 'out'))).toEqual(['film.mp4']);
}

/** Files of segments that are being made. */
function begunParts(): string[] {
  const parts = path.join(root, 'out', 'film.mp4.afterglow', 'parts');
  return existsSync(parts) ? readdirSync(parts).filter((file) => file.endsWith('.tmp')) : [];
}

/** One clear sentence with the remedy, no stack trace. */
function expectClear({ code, output }: Outcome, sentence: RegExp): void {
  expect(output).toMatch(sentence);
  expect(output).not.toMatch(/\n\s+at /);
  expect(code).toBe(1);
}

describe('a film on several workers', () => {
  it('is the same as on one machine, bit for bit, with other paths on the workers', async () => {
    const elsewhere = path.join(clipFolder, `mount-${process.pid}`);
    symlinkSync(root, elsewhere);
    const workers = [worker(), command('worker', redis.url, '--root', elsewhere, '--jobs', '1')];
    const running = caller('--json');
    const outcome = await running.outcome;
    const lines = outcome.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { phase: string; done?: number });
    expect(lines.at(-1)).toMatchObject({ phase: 'done', pictures: 160, shots: 4 });
    const steps = lines.filter(({ phase }) => phase === 'process').map(({ done = 0 }) => done);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(readFileSync(path.join(root, 'out', 'film.mp4')).equals(expected)).toBe(true);
    const outcomes = await Promise.all(workers.map((one) => one.end()));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(
      outcomes
        .map(({ output }) => output)
        .join('')
        .match(/segment \d of .* done/g),
    ).toHaveLength(4);
  });

  it('is finished by the others when a worker is killed in the middle of a segment', async () => {
    const victim = worker();
    const running = caller();
    await expect.poll(() => begunParts(), { interval: 10 }).toHaveLength(1);
    await victim.end('SIGKILL');
    expect(victim.output).not.toMatch(/segment 0 .* done/);
    const other = worker();
    expectWhole(await running.outcome);
    expect(other.output).toMatch(/takes segment 0/);
  });

  it('goes on when its caller is killed and the same command is given again', async () => {
    const one = worker();
    const first = caller();
    await one.outputMatching(/segment 0 .* done/);
    await first.end('SIGKILL');
    const second = caller();
    expectWhole(await second.outcome);
    expect(second.output).toMatch(/\d+ done before/);
    // No segment twice.
    expect(one.output.match(/segment \d of .* done/g)).toHaveLength(4);
  });

  it('is taken off the queue by Ctrl-C, and taken up again', async () => {
    const running = caller();
    await running.outputMatching(/160 pictures in 4 shots/);
    await expect.poll(() => waitingJobs()).toBe(4);
    expect((await running.end('SIGINT')).output).toMatch(/the same command goes on/);
    expect(await waitingJobs()).toBe(0);
    worker();
    expectWhole(await caller().outcome);
  });

  it('is given back by a worker that is told to end', async () => {
    const first = worker();
    const running = caller();
    await first.outputMatching(/takes segment 0/);
    const outcome = await first.end('SIGTERM');
    expect(outcome.code).toBe(0);
    expect(outcome.output).toMatch(/segment 0 of out\/film\.mp4\.afterglow given back/);
    worker();
    expectWhole(await running.outcome);
  });

  it('is finished by the others when a worker hangs, and stays whole when that one wakes up', async () => {
    const sleeper = worker();
    const running = caller();
    await sleeper.outputMatching(/takes segment 0/);
    // The worker alone: its process goes on and finishes the part, of which nobody hears.
    sleeper.process.kill('SIGSTOP');
    worker();
    await running.outcome.then(expectWhole);
    sleeper.process.kill('SIGCONT');
    expect((await sleeper.end()).code).toBe(0);
    expect(readdirSync(path.join(root, 'out'))).toEqual(['film.mp4']);
  });

  it('is ordered again when Redis has lost everything', async () => {
    const one = worker();
    const running = caller();
    await one.outputMatching(/segment 0 .* done/);
    await redis.restart();
    expectWhole(await running.outcome);
    expect(running.output).toMatch(/the Redis is away; waiting for it[^]*the Redis is back/);
    expect(one.output).toMatch(/is away[^]*is back/);
  });

  it('says which segment failed on which worker, and why', async () => {
    const one = worker();
    const running = caller();
    await running.outputMatching(/160 pictures in 4 shots/);
    await one.outputMatching(/segment 0 .* done/);
    // The film is cut off under the workers' hands.
    writeFileSync(path.join(root, 'film.mkv'), '');
    const { code, output } = await running.outcome;
    expect(code).toBe(1);
    expect(output).toMatch(/pictures \d+ to \d+ \(shot \d\) failed on worker \S+:\d+: .*film/);
    expect(await waitingJobs()).toBe(0);
  });

  it('says so when there is no worker for half a minute', async () => {
    const running = caller();
    await running.outputMatching(/no worker is connected: start "afterglow worker"/);
    worker();
    expectWhole(await running.outcome);
    expect(running.output.match(/no worker/g)).toHaveLength(1);
  });

  async function waitingJobs(): Promise<number> {
    return withQueue((queue) => queue.getWaitingCount());
  }
});

async function withQueue<Result>(use: (queue: Queue) => Promise<Result>): Promise<Result> {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue(QUEUE_NAME, { connection });
  try {
    return await use(queue);
  } finally {
    await queue.close();
    connection.disconnect();
  }
}

describe('what a worker refuses', () => {
  const order = (folder: string): object => ({
    format: 1,
    job: randomUUID(),
    folder,
    segment: 0,
    version: packageVersion,
    models: {},
  });

  it.each([
    ['a folder above the root', () => order('../elsewhere.afterglow'), /leads out of the root/],
    ['an absolute folder', () => order('/etc'), /leads out of the root/],
    [
      'a folder behind a link out of the root',
      () => {
        symlinkSync(clipFolder, path.join(root, 'link'));
        return order('link');
      },
      /leads out of the root/,
    ],
    [
      'a job whose parts would go elsewhere',
      () => {
        mkdirSync(path.join(root, 'job'));
        for (const name of ['job.json', 'analysis.json', 'workers.json'])
          writeFileSync(path.join(root, 'job', name), '{}');
        symlinkSync(clipFolder, path.join(root, 'job', 'parts'));
        return order('job');
      },
      /leads out of the root/,
    ],
    ['what is no order', () => ({ folder: 'x', run: 'rm -rf /' }), /not an order of afterglow process/],
  ])('%s', async (_name, data, reason) => {
    const one = worker();
    await withQueue((queue) => queue.add('segment', data()));
    await one.outputMatching(reason);
    expect((await one.end()).code).toBe(0);
  });

  it('a film outside of the root that a job names', async () => {
    const one = worker();
    const running = caller();
    await running.outputMatching(/160 pictures in 4 shots/);
    await one.outputMatching(/segment 0 .* done/);
    await running.end('SIGKILL');
    await one.end('SIGKILL');
    const file = path.join(root, 'out', 'film.mp4.afterglow', 'workers.json');
    const shared = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, string>; job: string };
    for (const name of Object.keys(shared.files)) shared.files[name] = '../../etc/passwd';
    writeFileSync(file, JSON.stringify(shared));
    const another = worker();
    await withQueue((queue) =>
      queue.add('segment', { ...order('out/film.mp4.afterglow'), job: shared.job, segment: 3 }),
    );
    await another.outputMatching(/leads out of the root/);
  });
});

describe('what users get wrong with workers', () => {
  it('no Redis at the address', async () => {
    const url = `redis://:very-secret@127.0.0.1:${await freePort()}`;
    const begun = performance.now();
    const outcomes = await Promise.all([
      command('worker', url, '--root', root).outcome,
      command('process', film, '-o', path.join(clipFolder, 'x.mkv'), '--workers', url, ...SETTINGS).outcome,
    ]);
    expect(performance.now() - begun).toBeLessThan(60_000);
    for (const outcome of outcomes) {
      expectClear(outcome, /no Redis answers at redis:\/\/\*\*\*@127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\): check/);
      expect(outcome.output).not.toMatch(/very-secret/);
    }
    expect(existsSync(path.join(clipFolder, 'x.mkv.afterglow'))).toBe(false);
  });

  it.each([
    [['worker', 'redis://127.0.0.1:1'], /must be told which folder it may read and write: give --root/],
    [['worker', 'http://127.0.0.1:1', '--root', '.'], /http:\/\/127\.0\.0\.1:1\/? is not the address of a Redis: give/],
    [['worker', 'redis://127.0.0.1:1', '--root', '/nowhere'], /--root \/nowhere is not a folder/],
    [['process', film, '-o', 'x.mkv', '--root', '/tmp'], /there is no --workers/],
  ])('%j', async (args, sentence) => {
    expectClear(await command(...args).outcome, sentence);
  });

  it('a film that the workers cannot see', async () => {
    const output = path.join(root, 'x.mkv');
    expectClear(
      await command('process', film, '-o', output, '--workers', redis.url, ...SETTINGS).outcome,
      /is not below the root .*: move it there, or name a folder above it with --root/,
    );
  });

  it('a wrong password; the right one comes from the environment', async () => {
    const closed = await RedisServer.start('the-right-one');
    try {
      const args = ['worker', closed.url, '--root', root];
      expectClear(await new RunningCommand(args).outcome, /lets nobody in without its password: set/);
      const wrong = await new RunningCommand(args, { AFTERGLOW_REDIS_PASSWORD: 'the-wrong-one' }).outcome;
      expectClear(wrong, /lets nobody in without its password/);
      expect(wrong.output).not.toMatch(/the-wrong-one/);
      const right = new RunningCommand(args, { AFTERGLOW_REDIS_PASSWORD: 'the-right-one' });
      await right.outputMatching(/waits for segments/);
      const { code, output } = await right.end();
      expect(code).toBe(0);
      expect(output).not.toMatch(/the-right-one/);
    } finally {
      await closed.stop();
    }
  });
});
