import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureCard, fixtureNetwork, makeModelFolder, type FixtureNetwork } from '../../test/fixture-models.js';
import { modelCardSchema, readCard } from './model-card.js';
import { NetworkSession } from './network-session.js';
import { onCpu, type Placements, type ProviderMove } from './placement.js';

const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const SIZE = { width: 32, height: 16 };
let folder: string;

beforeAll(() => {
  folder = makeModelFolder({ brighten: 'brighten', tint: 'tint', fill: 'fill', fragile: 'fragile' });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a network session', () => {
  it('runs rgb to rgb, and at another size', async () => {
    const session = await NetworkSession.open('brighten', SIZE, { folder });
    session.input.fill(0.25);
    expect([...(await session.run())].every((value) => value === 0.5)).toBe(true);
    session.resize({ width: 48, height: 8 });
    session.input.fill(0.36);
    const result = await session.run();
    expect(result).toHaveLength(3 * 48 * 8);
    expect(result[7]).toBeCloseTo(0.6, 5);
    await session.close();
  });

  it('runs lab-l to lab-ab', async () => {
    const session = await NetworkSession.open('tint', SIZE, { folder });
    expect(session.input).toHaveLength(32 * 16);
    session.input.fill(0.9);
    const result = await session.run();
    expect(result).toHaveLength(2 * 32 * 16);
    expect(result[0]).toBeCloseTo(0.12, 5);
    expect(result[32 * 16]).toBeCloseTo(0.25, 5);
    await session.close();
  });

  it('runs rgb+mask to rgb', async () => {
    const session = await NetworkSession.open('fill', SIZE, { folder });
    const pixels = 32 * 16;
    session.input.fill(0.5);
    for (let plane = 0; plane < 4; plane++) session.input[plane * pixels] = plane === 3 ? 1 : 0;
    session.input.fill(0, 3 * pixels + 1);
    const result = await session.run();
    expect(result[0]).toBeCloseTo(0.5, 2);
    expect(result[1]).toBe(0.5);
    await session.close();
  });
});

describe('a network session on a GPU in software', () => {
  it('gives what the CPU gives, and goes on there with the picture on which the GPU fails', async () => {
    process.env['VK_ICD_FILENAMES'] = SOFTWARE_DRIVER;
    const placements: Placements = [{ provider: 'webgpu', device: null, threads: 1 }, onCpu(1)];
    const moves: ProviderMove[] = [];
    const moved = (move: ProviderMove): void => void moves.push(move);
    // Two at once in one process: each waits for the other.
    const sessions = await Promise.all(
      ['fragile', 'brighten'].map((name) => NetworkSession.open(name, SIZE, { folder, placements, moved })),
    );
    const run = (value: number): Promise<Float32Array[]> => {
      for (const session of sessions) session.input.fill(value);
      return Promise.all(sessions.map((session) => session.run()));
    };
    for (const value of [0.04, 0.25, 0.36]) {
      for (const result of await run(value)) expect(result[99]).toBeCloseTo(Math.sqrt(value), 5);
    }
    expect(sessions.map(({ placement }) => placement.provider)).toEqual(['webgpu', 'webgpu']);
    for (const result of await run(0.64)) expect(result[99]).toBeCloseTo(0.8, 5);
    expect(sessions.map(({ placement }) => placement.provider)).toEqual(['cpu', 'webgpu']);
    expect(moves).toMatchObject([
      { from: 'webgpu', to: 'cpu', message: expect.stringMatching(/^the network fragile goes on with cpu: webgpu has failed \(.*Tile repeat/) as string }, // prettier-ignore
    ]);
    for (const result of await run(0.81)) expect(result[99]).toBeCloseTo(0.9, 5);
    for (const session of sessions) await session.close();
  });

  it('is refused where no place is left', async () => {
    const placements: Placements = [{ provider: 'cuda', device: 1, threads: 1 }];
    const open = NetworkSession.open('brighten', SIZE, { folder, placements });
    await expect(open).rejects.toThrow(/cannot be loaded on provider cuda/);
  });
});

const wrong = (change: object, network: FixtureNetwork = 'brighten') => {
  const card = fixtureCard(network);
  const { input, output, ...rest } = change as { input?: object; output?: object };
  return { ...card, ...rest, input: { ...card.input, ...input }, output: { ...card.output, ...output } };
};

describe('a card', () => {
  it.each([
    [{ task: 'magic' }, 'task'],
    [{ input: { colourSpace: 'hsv' } }, 'input.colourSpace'],
    [{ input: { shape: [1, 4, 'height', 'width'] } }, 'input.shape'],
    [{ input: { shape: [1, 3, 'width', 'height'] } }, 'input.shape'],
    [{ input: { shape: [1, 3, 100, 160] } }, 'input.multiple'],
    [{ output: { meaning: 'lab-ab' } }, 'output.meaning'],
    [{ sha256: 'abc' }, 'sha256'],
  ])('with %j is refused by the name of the field', (change, field) => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-card-'));
    const file = path.join(home, 'model.json');
    writeFileSync(file, JSON.stringify(wrong(change)));
    expect(() => readCard(file)).toThrow(new RegExp(`is wrong in field "${field.replace('.', '\\.')}": `));
    rmSync(home, { recursive: true });
  });

  it.each([
    [{ input: { name: 'picture' } }, 'brighten', /has no input "picture" \(field "input\.name"; it has input\)/],
    [{ output: { name: 'picture' } }, 'brighten', /has no output "picture" \(field "output\.name"; it has output\)/],
    [{ input: { shape: [1, 3, 64, 64] } }, 'brighten-fixed', /takes \[1, 3, 96, 160\] .*\(field "input\.shape"\)/],
    [
      { input: { shape: [1, 3, 'height', 'width'], colourSpace: 'rgb' }, output: { meaning: 'rgb' } },
      'fill',
      /takes \[1, 4, height, width\] and not \[1, 3, .*\(field "input\.shape"\)/,
    ],
    [
      { input: { shape: [1, 1, 'height', 'width'], colourSpace: 'lab-l' }, output: { meaning: 'lab-ab' } },
      'brighten',
      /\(field "input\.shape"\)/,
    ],
  ] as const)('with %j that does not match its file is refused', async (change, network, sentence) => {
    const card = modelCardSchema.parse(wrong(change, network));
    await expect(NetworkSession.load({ card, file: fixtureNetwork(network) }, SIZE)).rejects.toThrow(sentence);
  });
});
