// npm run bench: measures what Afterglow costs and gives, beside what others do, and keeps the figures.

import path from 'node:path';
import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { AfterglowError } from '../src/errors/afterglow-error.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { BenchProgress } from './bench-progress.js';
import { readResult, RESULTS, resultFileName, withTables, writeResult, type BenchResult } from './bench-result.js';
import { TABLES } from './bench-tables.js';
import type { BenchTable } from './bench-table.js';
import { emptyResult } from './machine.js';
import { tableMarkdown } from './table-text.js';

interface BenchFlags {
  readonly only?: readonly BenchTable[];
  readonly peers: boolean;
  readonly rounds: number;
  readonly json?: string;
}

const program = new Command('npm run bench --')
  .description('Measures Afterglow on this machine: medians of several rounds, things that are compared in turn.')
  .option('--only <names>', 'measure only these, names with commas between', tablesOf)
  .option('--peers', 'measure what others do too: a script in Python, published networks, FFmpeg’s filters', false)
  .option('--rounds <number>', 'how often each thing is measured', roundsOf, 5)
  .option('--json <file>', 'keep the figures in this file, not in bench/results/')
  .showHelpAfterError('(npm run bench -- --help explains)')
  .addHelpText(
    'after',
    `
Measurements:
${TABLES.map(({ name, about, ofPeers }) => `  ${name.padEnd(13)} ${about}${ofPeers ? ' (only with --peers)' : ''}`).join('\n')}

Examples:
  npm run bench                                      all of Afterglow's own, about a quarter of an hour
  npm run bench -- --peers                           and what others do, as long again
  npm run bench -- --only streams,kernels --rounds 3
  npm run bench -- --rounds 1 --json /tmp/bench.json a quick look that leaves nothing behind

The figures go to bench/results/, a file for each day, commit and machine; what is measured again replaces what was
there. "npm run bench:document" writes the newest ones into docs/performance.md and draws docs/performance.svg.

Nothing else should run meanwhile: medians and turns take out what is short, not what stays.
The script of --peers needs a Python with OpenCV and onnxruntime: AFTERGLOW_PYTHON names it (python3 by default).
FFmpeg's rows need its command line tool on the PATH. Pictures of known truth, and others' networks, are looked for in
../shared/data, or where AFTERGLOW_DATA says. What is missing is said, and its rows are "not run".`,
  )
  .action(measureAll);

function tablesOf(names: string): readonly BenchTable[] {
  return names.split(',').map((name) => {
    const table = TABLES.find((each) => each.name === name.trim());
    if (table) return table;
    throw new InvalidArgumentError(`There is no "${name}"; choose from ${TABLES.map((each) => each.name).join(', ')}.`);
  });
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 99) return rounds;
  throw new InvalidArgumentError('It must be a whole number from 1 to 99.');
}

/** Measures what was asked for; the figures are kept after each measurement, so that one that fails costs no other. */
async function measureAll(flags: BenchFlags): Promise<void> {
  const tables = TABLES.filter((table) => (flags.only ? flags.only.includes(table) : flags.peers || !table.ofPeers));
  if (flags.peers && flags.only) tables.push(...TABLES.filter((table) => table.ofPeers && !tables.includes(table)));
  let result = emptyResult();
  const file = flags.json ?? path.join(RESULTS, resultFileName(result));
  if (existsSync(file)) result = continued(readResult(file), result);
  const { machine, commit, changed, node, onnxruntime } = result;
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${node}, onnxruntime ${onnxruntime}, commit ${commit}${changed ? ' with changes' : ''}, rounds: ${flags.rounds}`); // prettier-ignore
  const progress = new BenchProgress(tables, flags.rounds);
  for (const table of tables) {
    const measured = await table.measure(progress.begin(table));
    progress.end(table, tables);
    result = withTables(
      result,
      measured.map((each) => ({ ...each, measured: new Date().toISOString(), rounds: flags.rounds })),
    );
    writeResult(file, result);
    progress.print(() => {
      for (const each of measured) console.log(`\n${each.title}\n\n${tableMarkdown(each)}`);
    });
  }
  progress.stop();
  console.log(`\nThe figures are in ${path.relative(process.cwd(), file)}.`);
}

/** What was measured of this commit before on this machine, on today's surroundings; what is of others is given up. */
function continued(before: BenchResult, now: BenchResult): BenchResult {
  if (before.commit !== now.commit || before.machine.slug !== now.machine.slug) return now;
  return { ...now, date: before.date, changed: before.changed || now.changed, tables: before.tables };
}

silenceFfmpeg();
try {
  await program.parseAsync();
} catch (thrown) {
  const error = AfterglowError.from(thrown);
  console.error(`bench: ${error.sentence}`);
  if (error.code === 'internal') console.error(error.cause);
  process.exit(1);
}
// Native threads would keep an ordinary end waiting.
process.exit(0);
