import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { parseInput } from '../config/input-location.js';
import { loadRecipe, pipelineNames } from '../config/recipe.js';
import { streamSchema } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { chromeTrace } from '../frames/chrome-trace.js';
import { TRACE_SPANS, TraceBoard, type TraceSpan, type TraceSpanName } from '../frames/trace-board.js';
import { silenceFfmpeg } from '../media/ffmpeg-log.js';
import { tryStream, type TrialResult } from '../stream/stream-trial.js';
import { printColumns } from './columns.js';
import { DEMO_CAMERA } from './demo-camera.js';
import { numberWithin } from './number-flag.js';

const SECONDS = 10;
const HELP = 'afterglow bench --help';

interface BenchFlags {
  readonly pipeline: string;
  readonly seconds?: string;
  readonly exact: boolean;
  readonly trace?: string;
}

/** `afterglow bench`: what this machine does with one stream, and where the time of each picture goes. */
export function benchCommand(command: Command): void {
  command
    .argument('[input]', 'a file, rtsp://… or /dev/videoN (default: the demo camera)')
    .option(
      '-p, --pipeline <name>',
      `what to do with the pictures: ${pipelineNames().join(', ')}, or a .yaml file`,
      'night-cctv',
    ) // prettier-ignore
    .option('--seconds <n>', `how long, at the input's own rate (default: ${SECONDS})`)
    .option('--exact', 'the whole file as fast as it goes, no picture dropped, instead', false)
    .option('--trace <file>', "write the time of each picture through each stage, in Chrome's trace format")
    .addHelpText(
      'after',
      `
A trace is a JSON file for https://ui.perfetto.dev or chrome://tracing: a row for each thread, an arrow along the way of
each picture. It shows whether decoding, enhancing and encoding of neighbouring pictures overlap, and what takes long.

Examples:
  afterglow bench                                      the demo camera, ten seconds
  afterglow bench rtsp://10.0.0.7/ch1 --seconds 30     a camera of yours
  afterglow bench film.mp4 --exact -p passthrough      how fast decoding and encoding alone are
  afterglow bench --trace trace.json                   where the time goes`,
    )
    .action(bench);
}

async function bench(input: string | undefined, flags: BenchFlags): Promise<void> {
  silenceFfmpeg();
  if (flags.exact && flags.seconds !== undefined) {
    throw new AfterglowError('config-invalid', '--exact takes the whole file', { remedy: 'leave out --seconds' });
  }
  const seconds =
    flags.seconds === undefined ? SECONDS : numberWithin(flags.seconds, '--seconds', [1, 600], false, HELP);
  // Its own error says more than the schema's.
  if (input !== undefined) parseInput(input);
  const config = streamSchema.parse({
    id: 'bench',
    input: input ?? DEMO_CAMERA,
    pipeline: flags.pipeline,
    loop: !flags.exact,
  });
  const recipe = loadRecipe(flags.pipeline);
  const hlsFolder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-bench-'));
  const trace = new TraceBoard();
  const progress = process.stderr.isTTY ? new SingleBar({ format: '{bar} {value}/{total} s', clearOnComplete: true }) : null; // prettier-ignore
  if (!flags.exact) progress?.start(seconds, 0);
  try {
    const begin = performance.now();
    const result = await tryStream({
      config,
      recipe,
      hlsFolder,
      mode: flags.exact ? { exact: true } : { seconds },
      trace,
      onStats: () => progress?.update(Math.min(seconds, Math.round((performance.now() - begin) / 1000))),
    });
    progress?.stop();
    const spans = trace.read();
    report(result, spans);
    if (flags.trace !== undefined) {
      writeTrace(flags.trace, spans);
      console.log(`\nThe trace is in ${flags.trace}: open it at https://ui.perfetto.dev`);
    }
  } finally {
    progress?.stop();
    rmSync(hlsFolder, { recursive: true, force: true });
  }
}

function report(result: TrialResult, spans: readonly TraceSpan[]): void {
  const { framesPerSecond, cpuPerFrame, frames, dropped, networkPerSecond, memoryBytes } = result;
  console.log(`${framesPerSecond.toFixed(1)} pictures a second (${frames} sent, ${dropped} dropped)`);
  if (networkPerSecond > 0) console.log(`the network ran ${networkPerSecond.toFixed(1)} times a second`);
  const cores = (cpuPerFrame * framesPerSecond) / 1000;
  console.log(`${cpuPerFrame.toFixed(1)} ms CPU a picture, ${cores.toFixed(2)} of ${os.availableParallelism()} cores`);
  console.log(`at most ${Math.round(memoryBytes / 1e6)} MB of memory\n`);
  const rows = (Object.keys(TRACE_SPANS) as TraceSpanName[]).flatMap((name) => {
    const times = spans.filter((span) => span.name === name).map(({ milliseconds }) => milliseconds);
    if (times.length === 0) return [];
    times.sort((a, b) => a - b);
    const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
    return [[name, TRACE_SPANS[name], String(times.length), at(0.5), at(0.95), at(1)]];
  });
  const head = ['stage', 'thread', 'times', 'median ms', '95 % ms', 'longest ms'];
  printColumns(head, rows, 2);
}

/** Throws AfterglowError `output-invalid`. */
function writeTrace(file: string, spans: readonly TraceSpan[]): void {
  try {
    writeFileSync(file, chromeTrace(spans));
  } catch (cause) {
    throw new AfterglowError('output-invalid', `the trace ${file} cannot be written`, {
      remedy: 'choose a folder that exists and may be written to',
      cause,
    });
  }
}
