import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureCard, fixtureNetwork, makeModelFolder } from '../../test/fixture-models.js';
import { adoptModel } from './model-adoption.js';
import { findModel, modelOfSize } from './model-library.js';
import { listModels } from './model-table.js';

let home: string;
let folder: string;

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-adoption-'));
  folder = makeModelFolder({ 'there-live': 'brighten', 'both-live': 'brighten', 'both-full': 'brighten' });
  process.env['AFTERGLOW_MODELS'] = folder;
});
afterAll(() => {
  delete process.env['AFTERGLOW_MODELS'];
  rmSync(home, { recursive: true });
  rmSync(folder, { recursive: true });
});

function card(content: object): string {
  const file = path.join(home, 'card.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe("a user's model", () => {
  it('is run, taken in, found and listed', async () => {
    // Neither hash nor file name need be in the card.
    const whole = fixtureCard('tint', 'my-tint');
    const { sha256 } = whole;
    const rest = { ...whole, sha256: undefined, file: undefined };
    const adoption = await adoptModel(
      fixtureNetwork('tint'),
      card({ ...rest, quality: { psnr: 20.5, split: 'x' } }),
      false,
    );
    expect(adoption.card.sha256).toBe(sha256);
    expect(findModel('my-tint').file).toBe(path.join(folder, 'my-tint', 'model.onnx'));
    expect(listModels().find(({ name }) => name === 'my-tint')).toMatchObject({
      task: 'colorization',
      state: { kind: 'intact' },
      quality: { psnr: 20.5 },
    });
    await expect(adoptModel(fixtureNetwork('tint'), card(rest), false)).rejects.toThrow(
      /there is a model "my-tint" already/,
    );
    await adoptModel(fixtureNetwork('tint'), card(rest), true);
  });

  it('of a fixed size is run at that size', async () => {
    await adoptModel(fixtureNetwork('brighten-fixed'), card(fixtureCard('brighten-fixed', 'fixed')), false);
    expect(existsSync(path.join(folder, 'fixed', 'model.json'))).toBe(true);
  });

  it.each([
    ['brighten', { ...fixtureCard('fill', 'wrong') }, /\(field "input\.shape"\)/],
    ['brighten', { ...fixtureCard('brighten', 'Wrong Name') }, /in field "name"/],
    ['brighten', { ...fixtureCard('brighten', 'liednet-live') }, /the installation has a model "liednet-live"/],
  ] as const)(
    '%s with a card that does not fit is refused and nothing is written',
    async (network, content, sentence) => {
      await expect(adoptModel(fixtureNetwork(network), card(content), false)).rejects.toThrow(sentence);
      expect(existsSync(path.join(folder, content.name))).toBe(false);
    },
  );

  it.skipIf(process.platform !== 'linux')('is refused where no folder can be made', async () => {
    process.env['AFTERGLOW_MODELS'] = '/proc/nowhere';
    try {
      await expect(adoptModel(fixtureNetwork('tint'), card(fixtureCard('tint')), false)).rejects.toMatchObject({
        code: 'output-invalid',
        message: expect.stringMatching(/^the folder \/proc\/nowhere cannot be made \(ENOENT/) as string,
        remedy: expect.stringContaining('name another folder in AFTERGLOW_MODELS') as string,
      });
    } finally {
      process.env['AFTERGLOW_MODELS'] = folder;
    }
  });

  it('that is no network is refused', async () => {
    const file = path.join(home, 'text.onnx');
    writeFileSync(file, 'text');
    await expect(adoptModel(file, card(fixtureCard('brighten', 'text')), false)).rejects.toThrow(/cannot be loaded/);
  });
});

describe('the list of models', () => {
  it('says what is missing or damaged', () => {
    writeFileSync(path.join(folder, 'there-live', 'model.onnx'), 'other');
    expect(listModels().find(({ name }) => name === 'there-live')?.state.kind).toBe('damaged');
    rmSync(path.join(folder, 'there-live', 'model.onnx'));
    expect(listModels().find(({ name }) => name === 'there-live')?.state.kind).toBe('missing');
    expect(listModels().find(({ name }) => name === 'liednet-live')).toMatchObject({ state: { kind: 'intact' } });
  });

  it('knows the sizes of a network', () => {
    expect(modelOfSize('both-live', 'full')).toBe('both-full');
    expect(() => modelOfSize('there-live', 'full')).toThrow(/there is no model "there-full"/);
  });
});
