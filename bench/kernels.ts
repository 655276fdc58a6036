import { decodeAll, SIZES } from './bench-clip.js';
import { inTurn, type BenchTable } from './bench-table.js';
import type { Table } from './bench-result.js';
import { cpuOf } from './cpu-time.js';
import { figureOf } from './figure.js';
import { kernelWorks } from './kernel-works.js';
import { bandwidthMeter, type Bandwidth } from './memory-bandwidth.js';

/** Runs of a kernel in a round, of which the median is taken. */
const RUNS = 25;

/** What each kernel costs, and how far that is from what memory allows. */
export const kernelTable: BenchTable = {
  name: 'kernels',
  about: 'each kernel at 1080p, beside the memory bandwidth of the same round',
  seconds: [15, 4],
  measure: async ({ rounds, steps, step }) => {
    const meter = await bandwidthMeter();
    const works = kernelWorks(somePicture());
    steps(rounds * (works.length + 1));
    const bandwidths: Bandwidth[] = [];
    const measured = await inTurn(
      [
        { label: 'memory', run: () => bandwidths.push(meter()) },
        ...works.map(({ label, run }) => ({ label, run: () => cpuOf(run, RUNS) })),
      ],
      rounds,
      step,
    );
    const rows = works.map(({ label, on, count, bytes }, i) => {
      const times = measured[i + 1]?.samples ?? [];
      const each = times.map((milliseconds) => (milliseconds * 1e6) / count);
      const overFloor = each.map((time, round) => time / (bytes / (bandwidths[round]?.kernel ?? NaN)));
      const cells = [on, figureOf(times), figureOf(each), figureOf([bytes]), figureOf(overFloor)];
      return { label, cells };
    });
    return [
      {
        name: 'kernels',
        title:
          'Kernels on one thread. Bytes are those that must be read or written, for each pixel (of grids: for each node); the floor is the time in which memory copies as many.',
        rowsAre: 'kernel',
        columns: [
          { name: 'on', digits: 0 },
          { name: 'CPU ms', digits: 2 },
          { name: 'ns a pixel', digits: 2 },
          { name: 'bytes a pixel', digits: 1 },
          { name: 'times the floor', digits: 1 },
        ],
        rows,
      },
      bandwidthTable(bandwidths),
    ];
  },
};

function bandwidthTable(bandwidths: readonly Bandwidth[]): Table {
  const row = (label: string, of: keyof Bandwidth): Table['rows'][number] => ({
    label,
    cells: [figureOf(bandwidths.map((bandwidth) => bandwidth[of]))],
  });
  return {
    name: 'bandwidth',
    title: 'Memory of the same rounds, bytes read and written together; the first row makes the floor.',
    rowsAre: 'copy',
    columns: [{ name: 'GB a second', digits: 1 }],
    rows: [
      row('WebAssembly loop of 16-byte registers, 64 MiB', 'kernel'),
      row('the same, one 1080p picture, as caches have it', 'picture'),
      row('Node’s Buffer.copy, 64 MiB', 'buffer'),
    ],
  };
}

/** A picture of the 1080p clip. */
function somePicture(): Uint8Array {
  const pictures: Uint8Array[] = [];
  let count = 0;
  decodeAll(SIZES[1]?.file() ?? '', (frame) => {
    if (count++ === 100) pictures.push(new Uint8Array(frame.toBuffer()));
  });
  const [picture] = pictures;
  if (!picture) throw new Error('the clip is too short');
  return picture;
}
