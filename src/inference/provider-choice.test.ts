import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../../test/fixture-models.js';
import { inferenceSchema } from '../config/inference-schema.js';
import type { Measurement } from './measurement.js';
import { ProviderChoice, type NetworkUse } from './provider-choice.js';

const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LIVE: NetworkUse = { kind: 'live', rate: 10 };
const models = makeModelFolder({ small: 'brighten' });
const network = { model: 'small', size: { width: 64, height: 40 }, folder: models };
const before = { ...process.env };
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(path.join(os.tmpdir(), 'afterglow-choice-'));
  process.env['XDG_CACHE_HOME'] = cache;
});
afterEach(() => {
  rmSync(cache, { recursive: true });
  process.env = { ...before };
});
afterAll(() => rmSync(models, { recursive: true }));

async function open(config: object = {}): Promise<ProviderChoice> {
  return ProviderChoice.open(inferenceSchema.parse(config), (sentence) => {
    throw new Error(sentence);
  });
}

/** A choice for a machine with a GPU and some cores of which these times are remembered. */
async function withTimes(measurement: Measurement, cores: number, config: object = {}): Promise<ProviderChoice> {
  process.env['VK_ICD_FILENAMES'] = SOFTWARE_DRIVER;
  const choice = await open(config);
  const { cpu, gpus, providers, runtime } = Object.assign(choice.machine, { cores });
  const { createHash } = await import('node:crypto');
  const { readFileSync } = await import('node:fs');
  const sha256 = createHash('sha256')
    .update(readFileSync(path.join(models, 'small', 'model.onnx')))
    .digest('hex');
  const lists = { gpus: [...gpus], providers: [...providers] };
  choice.memory.keep(
    { model: 'small', sha256, ...network.size, cpu, cores, ...lists, device: null, runtime },
    measurement,
  );
  return choice;
}

const cpu = (threads: number, milliseconds: number) =>
  ({ provider: 'cpu', device: null, threads, milliseconds }) as const;
const gpu = (provider: 'webgpu' | 'cuda', milliseconds: number) =>
  ({ provider, device: null, threads: 1, milliseconds }) as const;
const order = (choice: ProviderChoice, use: NetworkUse): string[] =>
  (choice.known(network, use)?.placements ?? []).map(({ provider, threads }) => `${provider} ${threads}`);

describe('auto', () => {
  it.skipIf(process.platform !== 'linux')('is the CPU at once where there is no GPU', async () => {
    delete process.env['VK_ICD_FILENAMES'];
    const choice = await open();
    if (choice.machine.gpus.length > 0) return;
    expect(order(choice, LIVE)).toEqual(['cpu 1']);
    expect(choice.known(network, LIVE)?.sentence).toMatch(/runs on cpu: there is no GPU/);
    expect(order(choice, { kind: 'picture' })).toEqual([`cpu ${os.availableParallelism()}`]);
  });

  it('knows nothing of a new network on a machine with a GPU, and measures it', async () => {
    process.env['VK_ICD_FILENAMES'] = SOFTWARE_DRIVER;
    const choice = await open();
    expect(choice.machine.providers).toEqual(expect.arrayContaining(['cpu', 'webgpu']));
    expect(choice.known(network, LIVE)).toBeNull();
    expect(choice.meanwhile(LIVE)).toEqual([{ provider: 'cpu', device: null, threads: 1 }]);
    const measured = await choice.measure(network, LIVE, { inBackground: true });
    // The square root of a few numbers is not worth the way to a GPU.
    expect(measured.placements).toEqual([{ provider: 'cpu', device: null, threads: 1 }]);
    expect(measured.sentence).toMatch(
      /^the network small runs on cpu, .*cpu [\d.]+ ms, webgpu [\d.]+ ms \(measured now/,
    );
    expect((await open()).known(network, LIVE)?.placements).toEqual(measured.placements);
  });

  it('goes by time and never by name; what is slower than the CPU is not tried', async () => {
    const timings = [cpu(1, 30), cpu(2, 20), gpu('webgpu', 4), gpu('cuda', 25)];
    const choice = await withTimes({ timings, unfit: [] }, 2);
    expect(order(choice, LIVE)).toEqual(['webgpu 1', 'cuda 1', 'cpu 1']);
    // With two threads, which pictures take, the CPU is faster than one of them.
    expect(order(choice, { kind: 'picture' })).toEqual(['webgpu 2', 'cpu 2']);
    expect(order(choice, { kind: 'film' })).toEqual(['webgpu 1', 'cuda 1', 'cpu 1']);
  });

  it('takes more threads for a stream only where one is too slow and cores are free', async () => {
    const slow = { timings: [cpu(1, 300), cpu(2, 160), cpu(4, 90), gpu('webgpu', 9000)], unfit: [] };
    expect(order(await withTimes(slow, 2), LIVE)).toEqual(['cpu 1']);
    expect(order(await withTimes(slow, 4), LIVE)).toEqual(['cpu 2']);
    expect(order(await withTimes(slow, 8), LIVE)).toEqual(['cpu 4']);
    expect(order(await withTimes(slow, 8), { kind: 'live', rate: 2 })).toEqual(['cpu 1']);
    expect(order(await withTimes(slow, 8, { threads: 3 }), LIVE)).toEqual(['cpu 3']);
  });

  it('says what does not work', async () => {
    const unfit = [{ provider: 'webgpu', reason: 'it crashed (SIGSEGV)' }] as const;
    const choice = await withTimes({ timings: [cpu(1, 30)], unfit }, 2);
    expect(choice.known(network, LIVE)?.sentence).toMatch(/; webgpu does not work: it crashed \(SIGSEGV\)$/);
  });
});

it('a provider that is asked for comes first and the CPU after it, and nothing is measured', async () => {
  expect(order(await open({ provider: 'cuda', device: 1 }), LIVE)).toEqual(['cuda 1', 'cpu 1']);
  const choice = await open({ provider: 'cuda', device: 1, threads: 4 });
  expect(choice.known(network, LIVE)?.placements[0]).toEqual({ provider: 'cuda', device: 1, threads: 4 });
  expect(order(await open({ provider: 'cpu' }), { kind: 'film' })).toEqual(['cpu 1']);
});
