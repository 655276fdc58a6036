import { Frame, Packet } from 'node-av/lib';
import { cpuMilliseconds } from '../src/frames/cpu-clock.js';
import { BilateralGrid } from '../src/enhance/bilateral-grid.js';
import { frameAt } from '../src/enhance/frame-view.js';
import { gridGeometry } from '../src/enhance/grid-geometry.js';
import { fitScratchBytes } from '../src/enhance/grid-solver.js';
import { TemporalDenoiser } from '../src/enhance/temporal-denoiser.js';
import { WorkingPicture } from '../src/enhance/working-picture.js';
import { networkSize } from '../src/enhance/working-size.js';
import { colourCoefficients, planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { findCard } from '../src/inference/model-library.js';
import { KernelCrew } from '../src/kernels/kernel-crew.js';
import { frameOver, VideoEncoder } from '../src/media/video-encoder.js';
import { decodeAll, SIZES } from './bench-clip.js';
import { inTurn, type BenchTable } from './bench-table.js';
import { cpuOf, median } from './cpu-time.js';
import { figureOf } from './figure.js';
import { medianRun, openFilled } from './networks.js';
import { networkStageOf } from './recipe-network.js';

/** Stages in the order of a picture's way, with the median CPU milliseconds of one run of each. */
type StageTimes = ReadonlyMap<string, number>;

/** What every stage costs alone. */
export const stageTable: BenchTable = {
  name: 'stages',
  about: 'each stage of a stream, alone on one thread',
  seconds: [20, 8],
  measure: async ({ rounds, steps, step }) => {
    steps(SIZES.length * rounds);
    const measured = await inTurn(
      SIZES.map((size) => ({ label: size.name, run: () => measureStages(size.file()) })),
      rounds,
      step,
    );
    const stages = [...(measured[0]?.samples[0]?.keys() ?? [])];
    return [
      {
        name: 'stages',
        title: 'Stages, each alone on one thread, CPU milliseconds of a picture, or of a run of the network.',
        rowsAre: 'stage',
        columns: measured.map(({ label }) => ({ name: label, digits: 2 })),
        rows: stages.map((stage) => ({
          label: stage,
          cells: measured.map(({ samples }) => figureOf(samples.map((times) => times.get(stage) ?? NaN))),
        })),
      },
    ];
  },
};

/** Measures every stage alone on one picture of a clip. */
async function measureStages(file: string): Promise<StageTimes> {
  const times = new Map<string, number>();
  const decodeTimes: number[] = [];
  const clone = new Frame();
  clone.alloc();
  let last = cpuMilliseconds();
  let format: PictureFormat | null = null;
  decodeAll(file, (frame) => {
    decodeTimes.push(cpuMilliseconds() - last);
    format ??= { width: frame.width, height: frame.height, matrix: 'bt709', range: 'limited' };
    if (decodeTimes.length === 100) clone.ref(frame);
    last = cpuMilliseconds();
  });
  times.set('decode (H.264)', median(decodeTimes));
  await measurePicture(clone, format as unknown as PictureFormat, times);
  return times;
}

async function measurePicture(picture: Frame, format: PictureFormat, times: Map<string, number>): Promise<void> {
  const { width, height } = format;
  const { bytes } = planeLayout(width, height);
  const network = networkStageOf('night-cctv');
  const size = networkSize(format, network.workingSize, findCard(network.model));
  const geometry = gridGeometry(format, network.grid);
  const arena = SharedArena.create(
    2 * bytes + TemporalDenoiser.bytes(format) + BilateralGrid.bytes(geometry, format) + (8 << 20),
  );
  const crew = new KernelCrew(arena.memory, 0);
  const { kernels } = crew;
  const [inputAt, outputAt] = [arena.allocate(bytes + 64), arena.allocate(bytes + 64)];
  const [input, output] = [frameAt(inputAt, width, height), frameAt(outputAt, width, height)];
  const inputFrame = frameOver(arena.memory, inputAt, format);
  times.set(
    'copy into shared memory',
    cpuOf(() => inputFrame.copy(picture)),
  );

  const working = new WorkingPicture(kernels, arena, size, width);
  times.set(
    'downsample luma to the working size',
    cpuOf(() => working.fill(input)),
  );
  times.set(
    'downsample chroma (per run)',
    cpuOf(() => working.fillChroma()),
  );

  const denoiser = new TemporalDenoiser(crew, arena, format);
  times.set(
    'temporal noise filter',
    cpuOf(() => denoiser.add(input, format, 0.8)),
  );

  const session = await openFilled(network.model, size);
  times.set(`network ${network.model} at ${size.width}x${size.height} (per run)`, await medianRun(session));

  const pixels = size.width * size.height;
  const planes = Array.from({ length: 3 }, () => arena.allocate(pixels * 4)) as [number, number, number];
  const rgb = arena.allocate(pixels * 12);
  const sums = arena.allocate(geometry.columns * geometry.rows * geometry.bins * 64);
  const fitScratch = arena.allocate(fitScratchBytes(geometry));
  const sumsBytes = arena.bytes(sums, geometry.columns * geometry.rows * geometry.bins * 64);
  const c = colourCoefficients(format.matrix, format.range);
  times.set(
    'colour conversion and grid fit (per run)',
    cpuOf(() => {
      kernels.yuvToRgb(
        working.y, working.u, working.v, rgb, pixels, c.black, c.lumaScale, c.chromaScale,
        c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
      ); // prettier-ignore
      kernels.rgbToYuv(
        rgb, ...planes, pixels, c.black, c.lumaScale, c.chromaScale, c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
      ); // prettier-ignore
      sumsBytes.fill(0);
      kernels.fitGrid(
        working.y, working.u, working.v, ...planes, size.width, size.height, sums,
        geometry.columns, geometry.rows, geometry.bins, c.black, c.lumaScale, fitScratch,
      ); // prettier-ignore
    }),
  );

  const grid = new BilateralGrid(crew, arena, geometry, format, size);
  grid.learn(sums, 0);
  grid.slice(input, denoiser.frame, output, format, 1);
  const slice = cpuOf(() => grid.slice(input, denoiser.frame, output, format, 1));
  const learnAndSlice = cpuOf(() => {
    grid.learn(sums, 0.8);
    grid.slice(input, denoiser.frame, output, format, 1);
  });
  times.set('grid smoothing, solve and tables (per run)', Math.max(0, learnAndSlice - slice));
  times.set('slice at full resolution (with the noise filter)', slice);
  times.set(
    'slice at full resolution (8 bits)',
    cpuOf(() => grid.slice(input, null, output, format, 1)),
  );

  const encoder = new VideoEncoder({
    encoder: 'libx264',
    format,
    frameRate: 25,
    bitrate: 4_000_000,
    preset: 'ultrafast',
  });
  const outputFrame = frameOver(arena.memory, outputAt, format);
  let count = 0;
  const ignore = (_packet: Packet): void => undefined;
  times.set(
    'encode (x264 ultrafast)',
    cpuOf(() => encoder.encode(outputFrame, BigInt(count++ * 3600), false, ignore)),
  );
  await session.close();
}
