import type { Provider } from '../src/config/provider-names.js';
import { AfterglowError } from '../src/errors/afterglow-error.js';
import { examineMachine } from '../src/inference/machine.js';
import { measureNetwork, type Measurement } from '../src/inference/measurement.js';
import { findCard, modelNames } from '../src/inference/model-library.js';
import type { InputSize } from '../src/inference/network-session.js';
import { NOT_RUN, type Row } from './bench-result.js';
import type { BenchTable } from './bench-table.js';
import { figureOf } from './figure.js';
import { comparedAt } from './networks.js';

/** The size of a stream that is seen whole, at which networks for dark pictures are measured too. */
const WHOLE: InputSize = { width: 1280, height: 720 };

interface Work {
  readonly model: string;
  readonly size: InputSize;
}

/** Each network on each provider that this machine may have, a picture at a time. */
export const providerTable: BenchTable = {
  name: 'providers',
  about: 'each network on the processor and on every provider of a GPU that this machine may have',
  seconds: [0, 120],
  measure: async ({ rounds, steps, step, note }) => {
    const { providers, cores, gpus } = await examineMachine();
    const columns = COLUMNS.filter(({ provider }) => providers.includes(provider));
    const works = modelNames().flatMap(worksOf);
    note(`providers: graphics cards: ${gpus.join(', ') || 'none'}; tried: ${providers.join(', ')}`);
    steps(works.length * rounds);
    const rows: Row[] = [];
    for (const { model, size } of works) {
      const label = `${model} at ${size.width}x${size.height}`;
      const measured: Measurement[] = [];
      for (let round = 0; round < rounds; round++) {
        try {
          const options = { providers, device: null, cores, inBackground: false };
          measured.push(await measureNetwork({ model, size }, options));
        } catch (thrown) {
          note(`providers: ${label} is not run: ${AfterglowError.from(thrown).message}`);
        }
        step();
      }
      for (const { provider, reason } of measured[0]?.unfit ?? []) note(`providers: ${label}: ${provider}: ${reason}`);
      const times = columns.map(({ provider, threads }) => {
        const each = measured.map(({ timings }) =>
          timings.find((timing) => timing.provider === provider && timing.threads === threads(cores)),
        );
        const known = each.flatMap((timing) => (timing ? [timing.milliseconds] : []));
        return known.length === rounds ? known : null;
      });
      const fastest = times.flatMap((all) => (all ? [figureOf(all).median] : []));
      rows.push({
        label,
        cells: [
          ...times.map((all) => (all ? figureOf(all) : NOT_RUN)),
          fastest.length > 0 ? figureOf([1000 / Math.min(...fastest)]) : NOT_RUN,
        ],
      });
    }
    return [
      {
        name: 'providers',
        title:
          'Milliseconds from a picture in main memory to the network’s answer there, one picture at a time, the copies to a card and back included; frames a second of the fastest.',
        rowsAre: 'network',
        columns: [...columns.map(({ name }) => ({ name, digits: 1 })), { name: 'fastest, frames a second', digits: 1 }],
        rows,
      },
    ];
  },
};

const COLUMNS: readonly {
  readonly name: string;
  readonly provider: Provider;
  readonly threads: (cores: number) => number;
}[] = [
  { name: 'cpu, one thread, ms', provider: 'cpu', threads: () => 1 },
  { name: 'cpu, all cores, ms', provider: 'cpu', threads: (cores) => cores },
  { name: 'webgpu, ms', provider: 'webgpu', threads: () => 1 },
  { name: 'cuda, ms', provider: 'cuda', threads: () => 1 },
  { name: 'coreml, ms', provider: 'coreml', threads: () => 1 },
  { name: 'dml, ms', provider: 'dml', threads: () => 1 },
];

/** A live network at its small size, one for dark pictures also as it sees a whole stream. */
function worksOf(model: string): Work[] {
  const { task, input } = findCard(model);
  const [, , height, width] = input.shape;
  if (typeof height === 'number' && typeof width === 'number') return [{ model, size: { width, height } }];
  const sizes = task === 'low-light' ? [comparedAt(task), WHOLE] : [comparedAt(task)];
  return sizes.map((size) => ({ model, size }));
}
