// Tries what may hang or crash in native code, in a process that the doctor can end: one question, one answer.

import { parseInput } from '../../config/input-location.js';
import type { RtspTransport } from '../../config/stream-schema.js';
import { answerTrial } from '../../inference/trial-process.js';

/** What is to be tried. Sent by IPC: inputs hold passwords. */
export type ProbeQuestion =
  | { readonly kind: 'camera'; readonly input: string; readonly transport: RtspTransport }
  | { readonly kind: 'ffmpeg'; readonly encoders: readonly string[]; readonly decoders: readonly string[] };

/** What came of it, in a sentence. */
export interface ProbeAnswer {
  readonly kind: 'found';
  readonly found: string;
  readonly missing: readonly string[];
}

async function answer(question: ProbeQuestion): Promise<ProbeAnswer> {
  switch (question.kind) {
    case 'camera':
      return { kind: 'found', found: await camera(question.input, question.transport), missing: [] };
    case 'ffmpeg':
      return ffmpeg(question.encoders, question.decoders);
  }
}

async function camera(input: string, transport: RtspTransport): Promise<string> {
  const { silenceFfmpeg } = await import('../../media/ffmpeg-log.js');
  const { Demuxer } = await import('../../media/demuxer.js');
  const { Codec } = await import('node-av/lib');
  silenceFfmpeg();
  const demuxer = Demuxer.open(parseInput(input), transport);
  const { codecpar, avgFrameRate } = demuxer.video;
  const codec = Codec.findDecoder(codecpar.codecId);
  const rate = avgFrameRate.den === 0 ? 0 : avgFrameRate.num / avgFrameRate.den;
  const sound = demuxer.audio ? 'with sound' : 'without sound';
  const size = `${codecpar.width}x${codecpar.height}`;
  const found = `${size} at ${rate.toFixed(2)} pictures a second, ${codec?.name ?? 'unknown codec'}, ${sound}`;
  demuxer.close();
  return found;
}

async function ffmpeg(encoders: readonly string[], decoders: readonly string[]): Promise<ProbeAnswer> {
  const { Codec, getFFmpegInfo } = await import('node-av/lib');
  const { version } = getFFmpegInfo();
  const missing = [
    ...encoders.filter((name) => !Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0])),
    ...decoders.filter((name) => !Codec.findDecoderByName(name as Parameters<typeof Codec.findDecoderByName>[0])),
  ];
  return { kind: 'found', found: `FFmpeg ${version}`, missing };
}

answerTrial((question) => answer(question as ProbeQuestion));
