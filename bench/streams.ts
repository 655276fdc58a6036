import { isLive, loadRecipe, pipelineNames } from '../src/config/recipe.js';
import { SIZES, type BenchSize } from './bench-clip.js';
import { NOT_RUN, type Row } from './bench-result.js';
import { inTurn, type BenchTable, type Contender, type Samples } from './bench-table.js';
import { ffmpegTranscode, whyNoFfmpeg } from './ffmpeg-transcode.js';
import { figureOf, figureOfAll, ratioOf } from './figure.js';
import { fastStream, noStream } from './measured-stream.js';
import type { Transcode } from './transcode.js';

/** Rows of the identity transcode, which others are compared with. */
export const BY_FFMPEG = 'identity, FFmpeg';
const BY_NODE_AV = 'identity, node-av, one thread';
/** The same with as many threads as x264 likes, which a camera's stream has no delay to spare for. */
const BY_FFMPEG_THREADS = 'identity, FFmpeg, x264 with its own threads';

/** The pipeline without stages. */
const PLAIN = 'passthrough';

/** Whole streams as fast as they go, beside the identity transcode. */
export const streamTable: BenchTable = {
  name: 'streams',
  about: 'whole streams at 720p and 1080p as fast as they go, beside the identity transcode',
  seconds: [12, 90],
  measure: async ({ rounds, steps, step, note }) => {
    const without = whyNoFfmpeg();
    if (without !== null) note(`streams: the identity transcode by FFmpeg is not run: ${without}`);
    const others = pipelineNames().filter((name) => name !== PLAIN && isLive(loadRecipe(name)));
    const live = [PLAIN, ...others];
    const contenders = (size: BenchSize): Contender<Transcode>[] => [
      ...(without === null
        ? [
            { label: BY_FFMPEG, run: () => ffmpegTranscode(size, 1) },
            { label: BY_FFMPEG_THREADS, run: () => ffmpegTranscode(size, 0) },
          ]
        : []),
      { label: BY_NODE_AV, run: () => noStream(size) },
      ...live.map((pipeline) => ({ label: pipeline, run: () => fastStream(size, pipeline) })),
    ];
    const all = SIZES.map((size) => ({ size, contenders: contenders(size) }));
    steps(rounds * all.reduce((sum, { contenders }) => sum + contenders.length, 0));
    const rows: Row[] = [];
    for (const { size, contenders } of all) {
      // The clip is made before anything is measured.
      size.file();
      rows.push(...rowsOf(size, await inTurn(contenders, rounds, step)));
    }
    return [
      {
        name: 'streams',
        title:
          'A whole stream as fast as it goes (decode, pipeline, encode, HLS), the same x264 settings everywhere. Each answer of the network is taken in at a fixed picture, which waits for it, so that the result is the same each time.',
        rowsAre: 'stream',
        columns: [
          { name: 'frames a second', digits: 1 },
          { name: 'CPU ms a frame', digits: 1 },
          { name: 'to FFmpeg', digits: 2 },
          { name: 'to node-av', digits: 2 },
          { name: 'memory, MiB', digits: 0 },
        ],
        rows,
      },
    ];
  },
};

function rowsOf(size: BenchSize, measured: readonly Samples<Transcode>[]): Row[] {
  const rates = (label: string): readonly number[] | null =>
    measured.find((each) => each.label === label)?.samples.map(({ framesPerSecond }) => framesPerSecond) ?? null;
  return measured.map(({ label, samples }) => {
    const own = samples.map(({ framesPerSecond }) => framesPerSecond);
    const to = (other: string): Row['cells'][number] => {
      const theirs = rates(other);
      return theirs ? ratioOf(own, theirs) : NOT_RUN;
    };
    return {
      label: `${size.name} ${label}`,
      cells: [
        figureOf(own),
        figureOf(samples.map(({ cpuPerFrame }) => cpuPerFrame)),
        to(BY_FFMPEG),
        to(BY_NODE_AV),
        figureOfAll(samples.map(({ memoryMiB }) => memoryMiB)),
      ],
    };
  });
}
