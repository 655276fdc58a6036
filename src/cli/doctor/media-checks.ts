import { H264_ENCODER_NAMES } from '../../config/encoder-names.js';
import { describeInput, parseInput } from '../../config/input-location.js';
import type { StreamConfig } from '../../config/stream-schema.js';
import { listModels } from '../../inference/model-table.js';
import { inputWithCredentials } from '../../supervisor/camera-credentials.js';
import { broken, brokenBy, doubtful, fine, type Finding } from './finding.js';
import { probe } from './probe.js';

/** Encoders and decoders that streams use, by FFmpeg's names. */
const ENCODERS = ['libx264', 'aac', 'libopus'];
const DECODERS = ['h264', 'hevc', 'mjpeg', 'aac', 'pcm_alaw', 'pcm_mulaw'];

/** Longest times that are waited, in milliseconds. */
const FFMPEG_LIMIT = 20_000;
const CAMERA_LIMIT = 15_000;

/** Whether FFmpeg loads, with what streams need. */
export async function checkFfmpeg(): Promise<Finding> {
  const remedy = 'run npm ci again; node-av must have its binary for this system';
  try {
    const { found, missing } = await probe({ kind: 'ffmpeg', encoders: ENCODERS, decoders: DECODERS }, FFMPEG_LIMIT);
    if (missing.length > 0) return broken('ffmpeg', `${found} is without ${missing.join(', ')}`, remedy);
    return fine('ffmpeg', `${found}, with all encoders and decoders that are needed`);
  } catch (thrown) {
    return { ...brokenBy('ffmpeg', thrown), remedy };
  }
}

/** Whether the encoders that the configuration names are part of this FFmpeg. */
export async function checkEncoders(streams: readonly StreamConfig[]): Promise<Finding[]> {
  const wanted = H264_ENCODER_NAMES.filter(
    (name) => name !== 'libx264' && streams.some((s) => s.encoder.name === name),
  );
  return Promise.all(
    wanted.map(async (name) => {
      const { missing } = await probe({ kind: 'ffmpeg', encoders: [name], decoders: [] }, FFMPEG_LIMIT);
      if (missing.length === 0)
        return fine(`encoder ${name}`, 'part of this FFmpeg; whether it works, the stream says');
      return doubtful(`encoder ${name}`, 'not part of this FFmpeg', 'nothing: libx264 serves instead');
    }),
  );
}

/** Whether each model's card can be read and its file is the one that the card describes. */
export function checkModels(): Finding[] {
  return listModels().map(({ name, state }) => {
    const check = `model ${name}`;
    if (state.kind === 'intact') return fine(check, 'card and file fit');
    return broken(check, state.message, 'restore it from the repository, or correct its card');
  });
}

/** Whether each camera can be opened, and what it sends. */
export function checkCameras(streams: readonly StreamConfig[]): Promise<Finding[]> {
  return Promise.all(streams.map(checkCamera));
}

async function checkCamera(stream: StreamConfig): Promise<Finding> {
  const check = `camera ${stream.id}`;
  const location = parseInput(stream.input);
  if (location.kind === 'whip') return fine(check, 'waits for whoever publishes by WHIP');
  try {
    const question = { kind: 'camera', input: inputWithCredentials(stream), transport: stream.transport } as const;
    return fine(check, `${describeInput(location)}: ${(await probe(question, CAMERA_LIMIT)).found}`);
  } catch (thrown) {
    const finding = brokenBy(check, thrown);
    const named = finding.found.includes(describeInput(location));
    return named ? finding : { ...finding, found: `${describeInput(location)}: ${finding.found}` };
  }
}
