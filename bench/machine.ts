import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import type { BenchResult, Machine } from './bench-result.js';

/** What this machine is. */
export function thisMachine(): Machine {
  const cores = os.availableParallelism();
  const model = (os.cpus()[0]?.model ?? 'unknown processor').replace(/\s+/g, ' ').trim();
  // Hypervisors hide which processor it is: its vectors tell more. Its clock would, but changes.
  const cpu = [model, vectors()].filter((part) => part !== '').join(', ');
  return {
    slug: `${cpu} ${cores} cores`.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    cpu,
    cores,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** The widest vectors that the processor has, where the system tells. */
function vectors(): string {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    if (/ avx512_?vnni/.test(flags)) return 'AVX-512 with VNNI';
    if (flags.includes(' avx512f')) return 'AVX-512';
    return flags.includes(' avx2') ? 'AVX2' : '';
  } catch {
    return '';
  }
}

/** A result of this machine and this commit, without tables. */
export function emptyResult(): BenchResult {
  return {
    machine: thisMachine(),
    commit: git('rev-parse', '--short', 'HEAD') ?? 'unknown',
    // The figures themselves and what is written of them say nothing about the program.
    changed: git('status', '--porcelain', '--', '.', ':!bench/results', ':!docs') !== '',
    date: new Date().toISOString(),
    node: process.version,
    onnxruntime: versionOf('onnxruntime-node'),
    tables: [],
  };
}

/** What Git says, or null where there is no repository. */
function git(...args: readonly string[]): string | null {
  try {
    return execFileSync('git', args, {
      cwd: packageRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

function versionOf(name: string): string {
  const manifest = path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
