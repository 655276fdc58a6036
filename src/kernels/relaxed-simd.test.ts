import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../config/package-root.js';

/** Runs kernels that multiply 16-bit numbers over random planes, and prints a hash of what they leave. */
const SCRIPT = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const bytes = readFileSync(process.argv[1]);
if (!WebAssembly.validate(bytes)) { console.log('not valid'); process.exit(); }
const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true });
const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
const [width, height] = [200, 90];
const [source, average, scratch, smooth, tables, target] = [1, 2, 4, 6, 8, 9].map((n) => n * 0x40000);
const levels = new Uint8Array(memory.buffer), wide = new Int16Array(memory.buffer);
let seed = 7;
const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x80000000;
for (let i = 0; i < width * height; i++) {
  levels[source + i] = 256 * next();
  wide[average / 2 + i] = 16320 * next();
  wide[tables / 2 + i] = 65535 * next() - 32767;
  wide[target / 2 + i] = 65535 * next() - 32767;
}
kernels.denoisePlane(source, width, width, height, average, scratch, 3000, 600, 800);
kernels.smoothPlane(average, smooth, width, height, 4, 300, scratch);
kernels.approachTables(tables, target, width * 64, 12345);
const hash = createHash('sha256');
for (const [at, count] of [[average, width * height * 2], [smooth, width * height * 2], [tables, width * 64]]) hash.update(levels.subarray(at, at + count));
console.log(hash.digest('hex'));
`;

function outcomeOf(file: string, ...flags: readonly string[]): string {
  const args = [...flags, '--input-type=module', '-e', SCRIPT, path.join(packageRoot, 'dist', file)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return stdout.trim() || stderr;
}

describe('kernels with relaxed SIMD', () => {
  it('compute what those without compute, bit for bit', () => {
    const plain = outcomeOf('kernels.wasm');
    expect(plain).toMatch(/^[0-9a-f]{64}$/);
    // From Node 22 on the engine has it without being told; before, by a flag.
    const isBuiltIn = Number(process.versions.node.split('.')[0]) >= 22;
    expect(outcomeOf('kernels-relaxed.wasm', ...(isBuiltIn ? [] : ['--experimental-wasm-relaxed-simd']))).toBe(plain);
  });

  it.skipIf(Number(process.versions.node.split('.')[0]) >= 22)('are told from those an old engine takes', () => {
    expect(outcomeOf('kernels-relaxed.wasm')).toBe('not valid');
  });
});
