import { SIZES, type BenchSize } from './bench-clip.js';
import { NOT_RUN, type Row } from './bench-result.js';
import { inTurn, type BenchTable, type Contender } from './bench-table.js';
import { ffmpegTranscode, whyNoFfmpeg } from './ffmpeg-transcode.js';
import { figureOf, figureOfAll, ratioOf } from './figure.js';
import { fastStream } from './measured-stream.js';
import { FILTERS, SCRIPT_NETWORKS, scriptVideo, whyNoScript } from './peers.js';
import type { Transcode } from './transcode.js';

/** Seconds after which a script that takes long is not asked for more frames. */
const SECONDS = 8;
const OURS = ['night-cctv', 'exposure'] as const;

/** Others' ways for the same job, on the same clips. */
export const peerTable: BenchTable = {
  name: 'peers',
  about: 'what others do: a script in Python, published networks, FFmpeg’s filters',
  seconds: [12, 190],
  ofPeers: true,
  measure: async ({ rounds, steps, step, note }) => {
    const missing = new Map<string, string>();
    const ffmpeg = whyNoFfmpeg();
    for (const { label } of FILTERS) if (ffmpeg !== null) missing.set(label, ffmpeg);
    for (const network of SCRIPT_NETWORKS) {
      const why = whyNoScript(network);
      if (why !== null) missing.set(network.label, why);
    }
    for (const [label, why] of missing) note(`peers: ${label} is not run: ${why}`);
    const all = (size: BenchSize): Contender<Transcode>[] => [
      ...OURS.map((pipeline) => ({ label: `Afterglow ${pipeline}`, run: () => fastStream(size, pipeline) })),
      ...SCRIPT_NETWORKS.map((network) => ({ label: network.label, run: () => scriptVideo(network, size, SECONDS) })),
      ...FILTERS.map(({ label, chain }) => ({ label, run: () => ffmpegTranscode(size, 1, chain) })),
    ];
    const sizes = SIZES.map((size) => ({ size, contenders: all(size) }));
    steps(rounds * sizes.reduce((sum, { contenders }) => sum + contenders.length - missing.size, 0));
    const rows: Row[] = [];
    for (const { size, contenders } of sizes) {
      size.file();
      const present = contenders.filter(({ label }) => !missing.has(label));
      const measured = await inTurn(present, rounds, step);
      const ratesOf = (label: string): number[] | undefined =>
        measured.find((each) => each.label === label)?.samples.map(({ framesPerSecond }) => framesPerSecond);
      const ours = ratesOf(`Afterglow ${OURS[0]}`) ?? [];
      for (const { label } of contenders) {
        const rates = ratesOf(label);
        const samples = measured.find((each) => each.label === label)?.samples ?? [];
        const cells = rates
          ? [
              figureOf(rates),
              figureOf(samples.map(({ cpuPerFrame }) => cpuPerFrame)),
              ratioOf(ours, rates),
              figureOfAll(samples.map(({ memoryMiB }) => memoryMiB)),
            ]
          : [NOT_RUN, NOT_RUN, NOT_RUN, NOT_RUN];
        rows.push({ label: `${size.name} ${label}`, cells });
      }
    }
    return [
      {
        name: 'peers',
        title: `Others' ways, as fast as they go, the same clips and x264 settings, two cores for all. A script takes the frames that it manages in ${SECONDS} seconds, but two at least, after loading and a first frame; its memory is Python's alone.`,
        rowsAre: 'what',
        columns: [
          { name: 'frames a second', digits: 2 },
          { name: 'CPU ms a frame', digits: 1 },
          { name: 'night-cctv is so many times as fast', digits: 2 },
          { name: 'memory, MiB', digits: 0 },
        ],
        rows,
      },
    ];
  },
};
