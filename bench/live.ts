import { SIZES } from './bench-clip.js';
import { inTurn, type BenchTable } from './bench-table.js';
import { figureOf, figureOfAll } from './figure.js';
import { liveStream } from './measured-stream.js';

/** Seconds of each run. */
const SECONDS = 12;
const PIPELINES = ['night-cctv', 'exposure'] as const;

/** Streams at a camera's own rate. */
export const liveTable: BenchTable = {
  name: 'live',
  about: 'streams at 30 frames a second, as a camera: delay, processor and memory',
  seconds: [5, 4 * (SECONDS + 2)],
  measure: async ({ rounds, steps, step }) => {
    const contenders = SIZES.flatMap((size) =>
      PIPELINES.map((pipeline) => ({
        label: `${size.name} ${pipeline}`,
        run: () => liveStream(size, pipeline, SECONDS),
      })),
    );
    for (const size of SIZES) size.file();
    steps(rounds * contenders.length);
    const measured = await inTurn(contenders, rounds, step);
    return [
      {
        name: 'live',
        title: `A live camera at 30 frames a second for ${SECONDS} seconds. The network runs beside the frames.`,
        rowsAre: 'stream',
        columns: [
          { name: 'frames a second', digits: 1 },
          { name: 'dropped', digits: 0 },
          { name: 'network runs a second', digits: 1 },
          { name: 'ms from decoded to encoded', digits: 0 },
          { name: 'CPU, % of one core', digits: 0 },
          { name: 'memory, MiB', digits: 0 },
        ],
        rows: measured.map(({ label, samples }) => ({
          label,
          cells: [
            figureOf(samples.map((run) => run.framesPerSecond)),
            figureOf(samples.map((run) => run.dropped)),
            figureOf(samples.map((run) => run.networkPerSecond)),
            figureOf(samples.map((run) => run.age)),
            figureOf(samples.map((run) => (run.cpuPerFrame * run.framesPerSecond) / 10)),
            figureOfAll(samples.map((run) => run.memoryMiB)),
          ],
        })),
      },
    ];
  },
};
