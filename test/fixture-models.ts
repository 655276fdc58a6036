import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';

/** The networks of fixtures/make_networks.py. */
export type FixtureNetwork =
  'brighten' | 'brighten-fixed' | 'levelling' | 'tint' | 'fill' | 'fragile' | 'curves' | 'sharpen';

const FIXTURES = path.join(packageRoot, 'test', 'fixtures');

const KINDS = {
  brighten: { task: 'low-light', channels: 3, colourSpace: 'rgb', meaning: 'rgb' },
  'brighten-fixed': { task: 'low-light', channels: 3, colourSpace: 'rgb', meaning: 'rgb' },
  levelling: { task: 'exposure', channels: 3, colourSpace: 'rgb', meaning: 'rgb' },
  tint: { task: 'colorization', channels: 1, colourSpace: 'lab-l', meaning: 'lab-ab' },
  fragile: { task: 'low-light', channels: 3, colourSpace: 'rgb', meaning: 'rgb' },
  curves: { task: 'low-light', channels: 3, colourSpace: 'rgb', meaning: 'rgb' },
  sharpen: { task: 'exposure', channels: 3, colourSpace: 'rgb', meaning: 'rgb' },
  fill: { task: 'inpainting', channels: 4, colourSpace: 'rgb+mask', meaning: 'rgb' },
} as const satisfies Record<FixtureNetwork, unknown>;

/** Path of a network's file. */
export function fixtureNetwork(network: FixtureNetwork): string {
  return path.join(FIXTURES, `${network}.onnx`);
}

/** A right card for a network, as it stands in model.json. */
export function fixtureCard(network: FixtureNetwork, name: string = network) {
  const { task, channels, colourSpace, meaning } = KINDS[network];
  const size = network === 'brighten-fixed' ? ([96, 160] as const) : (['height', 'width'] as const);
  return {
    name,
    task,
    input: { name: 'input', shape: [1, channels, ...size], multiple: 8, range: [0, 1], colourSpace },
    output: { name: 'output', meaning },
    licence: 'MIT',
    file: 'model.onnx',
    sha256: createHash('sha256')
      .update(readFileSync(fixtureNetwork(network)))
      .digest('hex'),
    parameters: 1,
  };
}

/** A fresh folder of models, as $AFTERGLOW_MODELS names one: from a model's name to its network. */
export function makeModelFolder(models: Readonly<Record<string, FixtureNetwork>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-models-'));
  for (const [name, network] of Object.entries(models)) {
    const home = path.join(folder, name);
    mkdirSync(home);
    copyFileSync(fixtureNetwork(network), path.join(home, 'model.onnx'));
    writeFileSync(path.join(home, 'model.json'), JSON.stringify(fixtureCard(network, name)));
  }
  return folder;
}
