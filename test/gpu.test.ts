import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import type { RememberedMeasurement } from '../src/inference/choice-memory.js';
import { clipFolder, makeClip } from './clip.js';
import { decodeClip } from './decoded-clip.js';
import { ask } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';
import { RunningCommand } from './running-command.js';
import { smallClip } from './small-clip.js';
import { gpuPlace, networkRecipe, SOFTWARE_DRIVER } from './software-gpu.js';

const clip = smallClip('gpu.mp4', 60);
/** Dark for four seconds, then bright. */
const dawn = makeClip('dawn.mp4', {
  width: 320,
  height: 180,
  frames: 200,
  codec: 'libx264',
  draw: (picture, index) => {
    picture.fill(index < 100 ? 50 : 215, 0, 320 * 180);
    picture.fill(128, 320 * 180);
    picture.fill(90, (index % 180) * 320, (index % 180) * 320 + 320);
  },
});

let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

const matches = (text: string, pattern: RegExp): number => text.match(new RegExp(pattern, 'g'))?.length ?? 0;
const remembered = (file: string): RememberedMeasurement[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { entries: RememberedMeasurement[] }).entries;

describe('auto', () => {
  it('begins on the CPU, measures both beside the stream, stays with the faster CPU, and measures once', async () => {
    const place = gpuPlace('small', { small: 'brighten' }, true);
    const args = ['--input', clip, '--pipeline', networkRecipe('small', 64)];
    running = await RunningAfterglow.start(args, place.environment);
    await running.statusWhere(({ totals }) => (totals?.answers ?? 0) > 0);
    expect(running.output).not.toMatch(/the network small runs on/);
    const chosen =
      /the network small runs on cpu, by the time of a run: cpu [\d.]+ ms, webgpu [\d.]+ ms \(measured now/;
    await running.outputMatching(chosen);
    expect(await running.status()).toMatchObject({ provider: 'cpu', state: { kind: 'live' } });
    const [entry] = remembered(place.memory);
    expect(entry?.subject).toMatchObject({ model: 'small', width: 64, height: 40, gpus: [SOFTWARE_DRIVER] });
    expect(entry?.timings.map(({ provider }) => provider)).toContain('webgpu');
    await running.stop();

    const before = readFileSync(place.memory, 'utf8');
    running = await RunningAfterglow.start(args, place.environment);
    await running.outputMatching(/the network small runs on cpu, by .* \(measured on \d{4}-\d\d-\d\d/);
    await running.statusWhere(({ totals }) => (totals?.answers ?? 0) > 0);
    expect(running.output).not.toMatch(/measured now/);
    expect(readFileSync(place.memory, 'utf8')).toBe(before);
  });

  it('moves a running stream to the GPU where that is faster, and the next one begins there', async () => {
    const place = gpuPlace('curves', { curves: 'curves' }, true);
    const args = ['--input', clip, '--pipeline', networkRecipe('curves', 320, 2)];
    running = await RunningAfterglow.start(args, place.environment);
    await running.statusWhere(({ provider }) => provider === 'cpu');
    await running.outputMatching(/the network curves runs on webgpu, by the time of a run: webgpu/);
    const moved = await running.statusWhere(({ provider }) => provider === 'webgpu');
    const later = await running.statusWhere(({ totals }) => (totals?.answers ?? 0) > (moved.totals?.answers ?? 0) + 2);
    expect(later).toMatchObject({ restarts: 0, state: { kind: 'live' } });
    expect(later.drops).toMatchObject({ noSlot: 0 });
    await running.stop();
    running = await RunningAfterglow.start(args, place.environment);
    const first = await running.statusWhere(({ provider }) => provider !== null);
    expect(first.provider).toBe('webgpu');
  });

  it('needs no measurement where there is no GPU', async () => {
    const place = gpuPlace('none', { small: 'brighten' }, false);
    running = await RunningAfterglow.start(
      ['--input', clip, '--pipeline', networkRecipe('small', 64)],
      place.environment,
    );
    await running.outputMatching(/the network small runs on cpu: there is no GPU/);
    await running.statusWhere(({ provider }) => provider === 'cpu');
    expect(existsSync(place.memory)).toBe(false);
  });
});

describe('a provider that is asked for', () => {
  it('is used and shown', async () => {
    const place = gpuPlace('asked', { small: 'brighten' }, true);
    const args = ['--input', clip, '--pipeline', networkRecipe('small', 64), '--provider', 'webgpu'];
    running = await RunningAfterglow.start(args, place.environment);
    await running.statusWhere(({ provider, totals }) => provider === 'webgpu' && (totals?.answers ?? 0) > 3);
    expect((await ask(running, '/metrics')).body).toContain(
      'afterglow_network_provider{stream="camera",provider="webgpu"} 1',
    );
  });

  it.each(['webgpu', 'cuda', 'dml'])(
    '%s and is not there leaves the stream to the CPU, with one line',
    async (name) => {
      const place = gpuPlace(`missing-${name}`, { small: 'brighten' }, false);
      const args = ['--input', clip, '--pipeline', networkRecipe('small', 64), '--provider', name];
      running = await RunningAfterglow.start(args, place.environment);
      await running.statusWhere(({ provider, totals }) => provider === 'cpu' && (totals?.answers ?? 0) > 3);
      const line = new RegExp(`camera.*the network small goes on with cpu: ${name} does not take it \\(`);
      await running.outputMatching(line);
      expect(matches(running.output, /goes on with/)).toBe(1);
    },
  );

  it('and fails in the midst leaves the stream live, on the CPU, with one line', async () => {
    const place = gpuPlace('fragile', { fragile: 'fragile' }, true);
    const args = ['--input', dawn, '--pipeline', networkRecipe('fragile', 64), '--provider', 'webgpu'];
    running = await RunningAfterglow.start(args, place.environment);
    await running.statusWhere(({ provider, totals }) => provider === 'webgpu' && (totals?.answers ?? 0) > 0);
    await running.outputMatching(
      /camera.*the network fragile goes on with cpu: webgpu has failed \(.*Tile repeat value/,
    );
    const after = await running.statusWhere(({ provider }) => provider === 'cpu');
    // Through bright and dark.
    const later = await running.statusWhere(
      ({ totals }) => (totals?.encoded ?? 0) > (after.totals?.encoded ?? 0) + 220,
    );
    expect(later).toMatchObject({ provider: 'cpu', restarts: 0, state: { kind: 'live' } });
    expect(later.totals?.answers).toBeGreaterThan((after.totals?.answers ?? 0) + 10);
    expect(matches(running.output, /goes on with/)).toBe(1);
  });

  it('and takes the process with it is not used by the next one', async () => {
    const place = gpuPlace('crash', { small: 'brighten' }, true);
    const args = ['--input', clip, '--pipeline', networkRecipe('small', 64), '--provider', 'webgpu'];
    running = await RunningAfterglow.start(args, place.environment);
    await running.statusWhere(({ provider }) => provider === 'webgpu');
    // As a driver does.
    for (const pid of running.descendants()) process.kill(pid, 'SIGSEGV');
    await running.outputMatching(/camera.*its network does without webgpu from now on: its process ended \(SIGSEGV\)/);
    const after = await running.statusWhere(({ provider, restarts }) => restarts === 1 && provider === 'cpu');
    await running.statusWhere(({ totals }) => (totals?.answers ?? 0) > (after.totals?.answers ?? 0) + 3);
  });
});

describe('afterglow process', () => {
  it('makes the same of a picture on the GPU as on the CPU', async () => {
    const { environment } = gpuPlace('picture', { small: 'brighten' }, true);
    const input = path.join(clipFolder, 'picture.png');
    const noise = Uint8Array.from({ length: 96 * 64 * 3 }, (_, i) => (i * 7919) % 211);
    await sharp(noise, { raw: { width: 96, height: 64, channels: 3 } })
      .png()
      .toFile(input);
    const made: Buffer[] = [];
    for (const provider of ['cpu', 'webgpu']) {
      const output = path.join(clipFolder, `picture-${provider}.png`);
      const args = ['process', input, '-o', output, '-p', networkRecipe('small', 64), '--provider', provider];
      const { code, output: said } = await new RunningCommand(args, environment).outcome;
      expect(code, said).toBe(0);
      expect(said).not.toMatch(/goes on with/);
      made.push(await sharp(output).raw().toBuffer());
    }
    const [onCpu = Buffer.of(), onGpu = Buffer.of()] = made;
    const largest = onCpu.reduce((most, value, i) => Math.max(most, Math.abs(value - (onGpu[i] ?? 0))), 0);
    expect(onCpu.length).toBe(noise.length);
    expect(largest).toBeLessThanOrEqual(1);
  });

  it('finishes a film whose network fails on the GPU in the midst, with two networks in each process', async () => {
    const { environment } = gpuPlace('film', { fragile: 'fragile', fill: 'fill' }, true);
    const recipe = path.join(clipFolder, 'film-gpu.yaml');
    const network = { stage: 'network', model: 'fragile', workingSize: 64, rate: 10, grid: [8, 6, 8] };
    const stages = [{ stage: 'repair', model: 'fill' }, network];
    writeFileSync(recipe, JSON.stringify({ description: 'Two networks', stages }));
    const made: Uint8Array[] = [];
    for (const provider of ['cpu', 'webgpu']) {
      const output = path.join(clipFolder, `dawn-${provider}.mkv`);
      const args = [
        'process',
        dawn,
        '-o',
        output,
        '-p',
        recipe,
        '--codec',
        'ffv1',
        '--provider',
        provider,
        '--jobs',
        '1',
      ];
      const { code, output: said } = await new RunningCommand(args, environment).outcome;
      expect(code, said).toBe(0);
      expect(said).toContain('200 pictures');
      expect(matches(said, /the network fragile goes on with cpu: webgpu has failed/)).toBe(provider === 'cpu' ? 0 : 1);
      const { conformed } = decodeClip(output);
      expect(conformed).toHaveLength(200);
      made.push(...conformed);
    }
    for (let i = 0; i < 200; i += 20) {
      const [onCpu = new Uint8Array(), onGpu = new Uint8Array()] = [made[i], made[i + 200]];
      const largest = onCpu.reduce((most, value, at) => Math.max(most, Math.abs(value - (onGpu[at] ?? 0))), 0);
      expect(largest, `picture ${i}`).toBeLessThanOrEqual(1);
    }
  });
});

it('threads of one process take turns with WebGPU, which would crash it otherwise', async () => {
  const { environment } = gpuPlace('threads', { small: 'brighten' }, true);
  const program = path.join(packageRoot, 'test', 'provider-threads.js');
  const args = [program, environment['AFTERGLOW_MODELS'] ?? '', '3', 'shared'];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...environment },
  }).catch(
    // It ends by a signal to itself.
    (ended: unknown) => ended as { readonly stdout: string },
  );
  expect(JSON.parse(stdout)).toEqual([150, 150, 150]);
});

it('what cannot be remembered is said once', async () => {
  const place = gpuPlace('damaged', { small: 'brighten' }, true);
  // A file stands where the folder is to be.
  writeFileSync(`${place.environment['XDG_CACHE_HOME'] ?? ''}/afterglow`, '');
  const args = ['--input', clip, '--pipeline', networkRecipe('small', 64)];
  running = await RunningAfterglow.start(args, place.environment);
  await running.outputMatching(/the network small runs on cpu, by the time of a run/);
  expect(matches(running.output, /inference\.json cannot be/)).toBe(1);
  expect(running.output).toMatch(/measured now, not remembered/);
});
