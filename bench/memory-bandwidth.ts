import { SharedArena } from '../src/frames/shared-arena.js';
import { cpuOf } from './cpu-time.js';

/** Larger than processors' caches. */
const LARGE = 64 << 20;
const RUNS = 7;

/** Copies bytes, a multiple of 64, in SIMD registers. */
const SOURCE = `
export function copy(from: usize, to: usize, bytes: usize): void {
  for (let end = from + bytes; from < end; from += 64, to += 64) {
    v128.store(to, v128.load(from), 0);
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
}
`;

/** By name, not as a type: its declarations would change those of plain arrays in the whole program. */
const COMPILER = ['assemblyscript', 'asc'].join('/');

/** What is used of the compiler. */
interface AssemblyScript {
  compileString(
    source: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly binary: Uint8Array | null; readonly error: Error | null }>;
}

/** What memory gives when nothing is computed, in bytes a nanosecond, read and written ones together. */
export interface Bandwidth {
  /** A WebAssembly loop, as kernels are ones, over more than caches hold. */
  readonly kernel: number;
  /** The same loop over as much as a picture of 1080p has, which the cache may hold. */
  readonly picture: number;
  /** Node's own copy of a buffer. */
  readonly buffer: number;
}

/** Measures how fast memory is. Each call to the result is one round. */
export async function bandwidthMeter(): Promise<() => Bandwidth> {
  const arena = SharedArena.create(2 * LARGE + 4096);
  const [from, to] = [arena.allocate(LARGE), arena.allocate(LARGE)];
  const copy = await compiledCopy(arena.memory);
  const [plain, target] = [Buffer.alloc(LARGE, 1), Buffer.alloc(LARGE, 2)];
  arena.bytes(from, LARGE).fill(1);
  const picture = (1920 * 1080 * 3) / 2;
  return () => ({
    kernel: rate(LARGE, () => copy(from, to, LARGE)),
    picture: rate(picture, () => copy(from, to, picture)),
    buffer: rate(LARGE, () => plain.copy(target)),
  });
}

/** By processor time, as kernels are measured: what others do meanwhile falls out. */
function rate(bytes: number, work: () => void): number {
  const times = Math.max(1, Math.round(LARGE / bytes));
  const milliseconds = cpuOf(() => {
    for (let i = 0; i < times; i++) work();
  }, RUNS);
  return (2 * bytes * times) / (milliseconds * 1e6);
}

async function compiledCopy(memory: WebAssembly.Memory): Promise<(from: number, to: number, bytes: number) => void> {
  const { default: asc } = (await import(COMPILER)) as { default: AssemblyScript };
  const { binary, error } = await asc.compileString(SOURCE, {
    optimizeLevel: 3,
    noAssert: true,
    runtime: 'stub',
    importMemory: true,
    sharedMemory: true,
    initialMemory: 1,
    maximumMemory: 65536,
    enable: ['simd', 'threads'],
  });
  if (!binary) throw error ?? new Error('the copy loop cannot be compiled');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(binary)), { env: { memory } });
  return instance.exports['copy'] as (from: number, to: number, bytes: number) => void;
}
