import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';

/** A graphics driver in software, which Debian's Chromium brings along. */
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const MODELS = path.join(packageRoot, 'models');

interface Difference {
  readonly size: string;
  readonly values: number;
  readonly largest: number;
}

const names = readdirSync(MODELS).filter((name) => existsSync(path.join(MODELS, name, 'model.json')));

describe('the networks on the WebGPU provider', () => {
  it.each(names)(
    '%s computes what it computes on the CPU, at two sizes',
    async (name) => {
      expect(existsSync(SOFTWARE_DRIVER), `${SOFTWARE_DRIVER} comes with Debian's package chromium`).toBe(true);
      const card = JSON.parse(readFileSync(path.join(MODELS, name, 'model.json'), 'utf8')) as {
        readonly file: string;
        readonly input: { readonly shape: readonly [number, number, ...unknown[]] };
      };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          path.join(packageRoot, 'test', 'provider-parity.js'),
          path.join(MODELS, name, card.file),
          String(card.input.shape[1]),
          '64x48',
          '40x72',
        ],
        { env: { ...process.env, VK_ICD_FILENAMES: SOFTWARE_DRIVER } },
      );
      const differences = JSON.parse(stdout) as Difference[];
      expect(differences).toHaveLength(2);
      for (const { size, values, largest } of differences) {
        expect(values, size).toBeGreaterThan(0);
        expect(largest, size).toBeLessThan(1e-3);
      }
    },
    600_000,
  );
});
