import { cpuMilliseconds } from '../src/frames/cpu-clock.js';
import { findCard, modelNames } from '../src/inference/model-library.js';
import type { ModelCard } from '../src/inference/model-card.js';
import { NetworkSession, type InputSize } from '../src/inference/network-session.js';
import { inTurn, type BenchTable } from './bench-table.js';
import { median } from './cpu-time.js';
import { figureOf } from './figure.js';

/** Runs in a round, of which the median is taken. */
const RUNS = 10;
/** Most CPU milliseconds that a live network of a task may take for one run on one core. */
const ALLOWED = { 'low-light': 60, exposure: 40, colorization: 80, inpainting: 400 } as const;

/** What each installed network costs on one thread. */
export const networkTable: BenchTable = {
  name: 'networks',
  about: 'each installed network at its live size on one thread',
  seconds: [8, 2],
  measure: async ({ rounds, steps, step }) => {
    const names = modelNames();
    steps(names.length * (rounds + 1));
    const networks = [];
    for (const name of names) {
      const { task } = findCard(name);
      const size = comparedAt(task);
      const start = cpuMilliseconds();
      const session = await openFilled(name, size);
      networks.push({ name, size, task, session, loading: cpuMilliseconds() - start });
      step();
    }
    const measured = await inTurn(
      networks.map(({ name, session }) => ({ label: name, run: () => medianRun(session) })),
      rounds,
      step,
    );
    for (const { session } of networks) await session.close();
    return [
      {
        name: 'networks',
        title: 'Networks, CPU milliseconds of one run on one thread; in loading, the first run.',
        rowsAre: 'network',
        columns: [
          { name: 'size', digits: 0 },
          { name: 'CPU ms a run', digits: 1 },
          { name: 'allowed', digits: 0 },
          { name: 'CPU ms of loading', digits: 0 },
        ],
        rows: networks.map(({ name, size, task, loading }, i) => ({
          label: name,
          cells: [
            `${size.width}x${size.height}`,
            figureOf(measured[i]?.samples ?? []),
            String(ALLOWED[task]),
            figureOf([loading]),
          ],
        })),
      },
    ];
  },
};

/** The size at which networks of a task are compared. */
export function comparedAt(task: ModelCard['task']): InputSize {
  return task === 'inpainting' ? { width: 256, height: 256 } : { width: 256, height: 144 };
}

/** Loads a network for one thread, with something to see. */
export async function openFilled(model: string, size: InputSize): Promise<NetworkSession> {
  const session = await NetworkSession.open(model, size);
  session.input.forEach((_, i) => (session.input[i] = ((i * 7919) % 1009) / 1008));
  return session;
}

/** CPU milliseconds of one run, the median of some. */
export async function medianRun(session: NetworkSession): Promise<number> {
  const runs: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const before = cpuMilliseconds();
    await session.run();
    runs.push(cpuMilliseconds() - before);
  }
  return median(runs);
}
