import { BARS, reached, verdict, type Bar } from './bars.js';
import { medianOf, type BenchResult } from './bench-result.js';
import { peersPlot } from './peers-plot.js';
import { ENHANCING } from './photograph.js';
import { markdown, tableMarkdown } from './table-text.js';

/** What stands between two marks of a document: `<!-- bench:NAME -->` and `<!-- /bench -->`. */
const MARKED = /(<!-- bench:([a-z-]+) -->\n)[\s\S]*?(<!-- \/bench -->)/g;

/** What the table of changes tells of each result. */
const CHANGES = [
  { name: '720p, frames a second', from: ['streams', '720p night-cctv', 'frames a second'], digits: 0 },
  { name: 'of identity', from: ['streams', '720p night-cctv', 'to FFmpeg'], digits: 2 },
  { name: '1080p, frames a second', from: ['streams', '1080p night-cctv', 'frames a second'], digits: 0 },
  { name: 'of identity', from: ['streams', '1080p night-cctv', 'to FFmpeg'], digits: 2 },
  { name: 'noise filter, ms', from: ['kernels', 'temporal noise filter, whole', 'CPU ms'], digits: 1 },
  {
    name: 'slice, ms',
    from: ['kernels', 'slice, luma and chroma, of the noise filter’s 16 bits', 'CPU ms'],
    digits: 1,
  },
  { name: 'LIEDNet at 256x144, ms', from: ['networks', 'liednet-live', 'CPU ms a run'], digits: 1 },
  { name: '16 megapixels, exposure, ms', from: ['photograph', ENHANCING, 'exposure, ms'], digits: 0 },
] as const;

/** The drawing of others' speed and likeness, in the folder of the document. */
export const PEERS_PLOT = 'performance-peers.svg';
const PEERS_IN_WORDS =
  'Frames a second at 1080p and PSNR of dark pictures: night-cctv beside a script, published networks and FFmpeg’s filters.';

/** What is not a table as it was measured. */
const MADE: Readonly<Record<string, (results: readonly BenchResult[]) => string>> = {
  changes,
  bars,
  'peers-plot': (results) => (peersPlot(results) === null ? '' : `![${PEERS_IN_WORDS}](${PEERS_PLOT})`),
};

/** The text of a document with what stands between its marks made anew; what nobody has measured yet stays. */
export function withFigures(text: string, results: readonly BenchResult[]): string {
  return text.replace(MARKED, (old: string, begin: string, name: string, end: string) => {
    const made = MADE[name]?.(results) ?? table(results, name);
    return made === null ? old : `${begin}\n${made}\n\n${end}`;
  });
}

/** A table as each machine measured it last; null where none has. */
function table(results: readonly BenchResult[], name: string): string | null {
  const newest = new Map<string, BenchResult>();
  for (const result of results) {
    if (result.tables.some((each) => each.name === name)) newest.set(result.machine.slug, result);
  }
  const parts = [...newest.values()].map((result) => {
    const found = result.tables.find((each) => each.name === name);
    return found ? `${found.title}\n${whence(result, found.rounds)}:\n\n${tableMarkdown(found)}` : '';
  });
  return parts.length > 0 ? parts.join('\n\n') : null;
}

function whence({ machine, commit, changed, date, node, onnxruntime }: BenchResult, rounds: number): string {
  const of = rounds === 1 ? 'one round' : `median of ${rounds} rounds (lowest to highest)`;
  return `${machine.cpu}, ${machine.cores} cores, Node ${node}, onnxruntime ${onnxruntime}, ${date.slice(0, 10)}, commit ${commit}${changed ? ' with changes' : ''}; ${of}`;
}

function changes(results: readonly BenchResult[]): string {
  const rows = results.map((result) => [
    `${result.date.slice(0, 10)} ${result.commit}`,
    `${result.machine.cpu}, ${result.machine.cores} cores`,
    ...CHANGES.map(({ from, digits }) => medianOf(result, from[0], from[1], from[2])?.toFixed(digits) ?? ''),
  ]);
  return markdown(['change', 'machine', ...CHANGES.map(({ name }) => name)], rows);
}

/** Each bar, and how each machine of few enough cores last stood to it. */
function bars(results: readonly BenchResult[]): string {
  const machines = new Map<string, BenchResult[]>();
  for (const result of results) {
    if (!BARS.some((bar) => reached(result, bar) !== null)) continue;
    machines.set(result.machine.slug, [...(machines.get(result.machine.slug) ?? []), result]);
  }
  const names = [...machines.values()].map((own) => `on ${own.at(-1)?.machine.cpu ?? ''}`);
  const rows = BARS.map((bar) => {
    const limit = bar.least === undefined ? `at most ${bar.most ?? ''}` : `at least ${bar.least}`;
    return [bar.what, limit, ...[...machines.values()].map((own) => standing(own, bar))];
  });
  return markdown(['held to', '', ...names], rows);
}

/** The newest figure of one machine for a bar, what it means, and the commit. */
function standing(results: readonly BenchResult[], bar: Bar): string {
  const result = results.findLast((each) => reached(each, bar) !== null);
  const figure = result ? reached(result, bar) : null;
  if (!result || figure === null) return 'not measured yet';
  return `${figure.toFixed(bar.digits)}, ${verdict(figure, bar)} (${result.commit})`;
}
