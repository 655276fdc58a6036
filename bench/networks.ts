import { findCard, modelNames } from '../src/inference/model-library.js';
import { NetworkSession } from '../src/inference/network-session.js';
import { cpuMilliseconds, median } from './cpu-time.js';

const RUNS = 20;
/** Most CPU milliseconds that a live network of a task may take for one run on one core. */
const ALLOWED = { 'low-light': 60, exposure: 40, colorization: 80, inpainting: 400 } as const;

/** One installed network's cost on one thread. */
export interface NetworkTime {
  readonly name: string;
  /** Width and height of its input: that of live use, and for holes that of a crop around one. */
  readonly size: string;
  /** CPU milliseconds of a run, median. */
  readonly run: number;
  readonly allowed: number;
  /** CPU milliseconds of loading it and running it for the first time. */
  readonly load: number;
}

/** Measures every installed network. */
export async function measureNetworks(): Promise<readonly NetworkTime[]> {
  const times: NetworkTime[] = [];
  for (const name of modelNames()) {
    const { task } = findCard(name);
    const size = task === 'inpainting' ? { width: 256, height: 256 } : { width: 256, height: 144 };
    const start = cpuMilliseconds();
    const session = await NetworkSession.open(name, size);
    const load = cpuMilliseconds() - start;
    session.input.forEach((_, i) => (session.input[i] = ((i * 7919) % 1009) / 1008));
    const runs: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const before = cpuMilliseconds();
      await session.run();
      runs.push(cpuMilliseconds() - before);
    }
    times.push({ name, size: `${size.width}x${size.height}`, run: median(runs), allowed: ALLOWED[task], load });
    await session.close();
  }
  return times;
}
