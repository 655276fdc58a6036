import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RATE, scaledDemo, type BenchSize } from '../bench/bench-clip.js';
import { medianOf, readResult, writeResult } from '../bench/bench-result.js';
import { ffmpegTranscode } from '../bench/ffmpeg-transcode.js';
import { fastStream, liveStream, noStream } from '../bench/measured-stream.js';
import { filterPicture, SCRIPT_NETWORKS, scriptVideo, whyNoScript, type ScriptNetwork } from '../bench/peers.js';
import { readRgb } from '../bench/validation-pairs.js';
import { packageRoot } from '../src/config/package-root.js';
import { modelNames } from '../src/inference/model-library.js';

const run = promisify(execFile);
const COMMAND = path.join(packageRoot, 'dist', 'bench', 'run.js');
/** Pictures of the demo. */
const FRAMES = 250;

let folder: string;
let small: BenchSize;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-benchmarks-'));
  const file = scaledDemo(320, 180);
  small = { name: '180p', width: 320, height: 180, file: () => file };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what is compared', () => {
  it('brings the same pictures from one end to the other, and says what that took', async () => {
    const all = [
      await ffmpegTranscode(small, 1),
      await ffmpegTranscode(small, 0, 'eq=gamma=3'),
      await noStream(small),
      await fastStream(small, 'passthrough'),
    ];
    for (const { frames, framesPerSecond, cpuPerFrame, memoryMiB } of all) {
      expect(frames).toBe(FRAMES);
      expect(framesPerSecond).toBeGreaterThan(RATE);
      expect(cpuPerFrame).toBeGreaterThan(0);
      if (memoryMiB !== null) expect(memoryMiB).toBeGreaterThan(10);
    }
  });

  it('runs a camera at its own rate', async () => {
    const { framesPerSecond, networkPerSecond } = await liveStream(small, 'night-cctv', 3);
    expect(framesPerSecond).toBeLessThan(RATE * 1.2);
    expect(networkPerSecond).toBeGreaterThan(1);
  });

  it('says what is wrong where a stream cannot run', async () => {
    const nothing = { ...small, file: () => path.join(folder, 'nothing.mp4') };
    await expect(fastStream(nothing, 'passthrough')).rejects.toThrow('ended with');
    await expect(ffmpegTranscode(nothing, 1)).rejects.toThrow('No such file');
  });

  it('has a filter’s picture in its own size', async () => {
    const output = path.join(folder, 'bright.png');
    await filterPicture('atadenoise,eq=gamma=3', path.join(packageRoot, 'demo', 'street-by-day.jpg'), output);
    const [before, after] = [await readRgb(path.join(packageRoot, 'demo', 'street-by-day.jpg')), await readRgb(output)];
    expect([after.width, after.height]).toEqual([before.width, before.height]);
  });
});

const [ours] = SCRIPT_NETWORKS;
const why = whyNoScript(ours as ScriptNetwork);
if (why !== null) console.log(`NOT RUN: the test of the user's script: ${why}`);

describe.runIf(why === null)('the script of a user', () => {
  it('runs our network on a clip and says how fast that was', async () => {
    const { frames, framesPerSecond, cpuPerFrame } = await scriptVideo(ours as ScriptNetwork, small, 2);
    expect(frames).toBeGreaterThanOrEqual(2);
    expect(framesPerSecond).toBeGreaterThan(0);
    expect(cpuPerFrame).toBeGreaterThan(0);
  });
});

describe('npm run bench', () => {
  it('measures what it is asked for, prints it, and keeps it beside what was there', async () => {
    const file = path.join(folder, 'figures.json');
    const { stdout } = await run(process.execPath, [COMMAND, '--only', 'networks', '--rounds', '2', '--json', file]);
    const result = readResult(file);
    expect(result.tables.map(({ name, rounds }) => [name, rounds])).toEqual([['networks', 2]]);
    for (const model of modelNames()) {
      expect(stdout).toContain(`| ${model} |`);
      expect(medianOf(result, 'networks', model, 'CPU ms a run')).toBeGreaterThan(0);
    }
    const kept = { ...result, tables: result.tables.map((table) => ({ ...table, name: 'others' })) };
    writeResult(file, kept);
    await run(process.execPath, [COMMAND, '--only', 'networks', '--rounds', '1', '--json', file]);
    expect(readResult(file).tables.map(({ name, rounds }) => [name, rounds])).toEqual([['others', 2], ['networks', 1]]); // prettier-ignore
  });

  it('refuses what it does not know, and teaches', async () => {
    const refused = run(process.execPath, [COMMAND, '--only', 'nonsense']);
    await expect(refused).rejects.toThrow(/There is no "nonsense"; choose from stages, kernels/);
    await expect(run(process.execPath, [COMMAND, '--rounds', '0'])).rejects.toThrow(/whole number from 1 to 99/);
    const { stdout } = await run(process.execPath, [COMMAND, '--help']);
    for (const word of ['kernels', 'AFTERGLOW_PYTHON', 'bench:document', 'AFTERGLOW_DATA'])
      expect(stdout).toContain(word);
  });
});
