import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../src/config/package-root.js';
import type { BenchSize } from './bench-clip.js';
import { encoderArguments, whyNoFfmpeg } from './ffmpeg-transcode.js';
import type { Transcode } from './transcode.js';
import { DATA } from './validation-pairs.js';

/** The Python that runs the user's script. */
const PYTHON = process.env['AFTERGLOW_PYTHON'] ?? 'python3';
const SCRIPT = path.join(packageRoot, 'bench', 'peers', 'user_script.py');

/** A network in the user's script. */
export interface ScriptNetwork {
  readonly label: string;
  readonly file: string;
}

/** The networks that the script runs: ours at the frame's full size, and those of obs-backgroundremoval at their own. */
export const SCRIPT_NETWORKS: readonly ScriptNetwork[] = [
  {
    label: 'script: our network at full resolution',
    file: path.join(packageRoot, 'models', 'liednet-live', 'model.onnx'),
  },
  { label: 'script: semantic-guided LLIE at 324x180', file: path.join(DATA, 'baselines', 'sgllie_180x324.onnx') },
  { label: 'script: TBEFN at 320x180', file: path.join(DATA, 'baselines', 'tbefn_fp32.onnx') },
  { label: 'script: URetinex-Net at 320x180', file: path.join(DATA, 'baselines', 'uretinex_net_180x320.onnx') },
];

/**
 * What people take of FFmpeg's own filters for dark, noisy or flickering pictures. Gammas are the best for the validation pairs
 * themselves, of steps of a half.
 */
export const FILTERS: readonly { readonly label: string; readonly chain: string }[] = [
  { label: 'FFmpeg: eq', chain: 'eq=gamma=3' },
  { label: 'FFmpeg: curves', chain: 'curves=preset=lighter' },
  { label: 'FFmpeg: normalize', chain: 'normalize=smoothing=30' },
  { label: 'FFmpeg: normalize and eq', chain: 'normalize=smoothing=30,eq=gamma=2.5' },
  { label: 'FFmpeg: hqdn3d', chain: 'hqdn3d' },
  { label: 'FFmpeg: atadenoise', chain: 'atadenoise' },
  { label: 'FFmpeg: deflicker', chain: 'deflicker' },
];

/** Why the user's script cannot run a network here, or null where it can. */
export function whyNoScript({ file }: ScriptNetwork): string | null {
  if (!existsSync(file)) return `${file} is not there`;
  const ffmpeg = whyNoFfmpeg();
  if (ffmpeg !== null) return ffmpeg;
  try {
    execFileSync(PYTHON, ['-c', 'import cv2, numpy, onnxruntime'], { stdio: 'ignore' });
    return null;
  } catch {
    return `${PYTHON} has no OpenCV and onnxruntime (AFTERGLOW_PYTHON names another)`;
  }
}

/** Runs the user's script on a clip for some seconds. */
export async function scriptVideo({ file }: ScriptNetwork, size: BenchSize, seconds: number): Promise<Transcode> {
  const { stdout } = await promisify(execFile)(PYTHON, [
    ...[SCRIPT, 'video', file, size.file(), String(seconds), '--'],
    ...encoderArguments(size, 1),
  ]);
  return JSON.parse(stdout) as Transcode;
}

/** Runs the user's script on pictures; the results lie in a folder under their own names as PNG. */
export async function scriptPictures(
  { file }: ScriptNetwork,
  folder: string,
  pictures: readonly string[],
): Promise<void> {
  await promisify(execFile)(PYTHON, [SCRIPT, 'pictures', file, folder, ...pictures]);
}

/** Brings one picture through a chain of FFmpeg's filters, as a film that stands still: some filters wait for more than one. */
export async function filterPicture(chain: string, input: string, output: string): Promise<void> {
  const film = ['-f', 'image2', '-loop', '1', '-i', input];
  const args = ['-hide_banner', '-loglevel', 'error', '-y', ...film, '-vf', chain, '-frames:v', '1', output];
  await promisify(execFile)('ffmpeg', args, { timeout: 60_000 });
}
