// Tries what may hang or crash in native code, in a process that the doctor can end: one question, one answer.

import { availableParallelism } from 'node:os';
import { parseInput } from '../../config/input-location.js';
import type { RtspTransport } from '../../config/stream-schema.js';
import { AfterglowError, type ErrorReport } from '../../errors/afterglow-error.js';
import { NetworkSession, type Provider } from '../../inference/network-session.js';

/** What is to be tried. Sent by IPC: inputs hold passwords. */
export type ProbeQuestion =
  | { readonly kind: 'camera'; readonly input: string; readonly transport: RtspTransport }
  | { readonly kind: 'provider'; readonly provider: Provider; readonly model: string }
  | { readonly kind: 'ffmpeg'; readonly encoders: readonly string[]; readonly decoders: readonly string[] };

/** What came of it, in a sentence, or why nothing did. */
export type ProbeAnswer =
  | { readonly kind: 'found'; readonly found: string; readonly missing: readonly string[] }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** Runs that the time of a provider is the median of. */
const RUNS = 5;
const TRIAL = { width: 256, height: 144 };

async function answer(question: ProbeQuestion): Promise<ProbeAnswer> {
  switch (question.kind) {
    case 'camera':
      return { kind: 'found', found: await camera(question.input, question.transport), missing: [] };
    case 'provider':
      return { kind: 'found', found: await provider(question.provider, question.model), missing: [] };
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

async function provider(name: Provider, model: string): Promise<string> {
  const session = await NetworkSession.open(model, TRIAL, { provider: name });
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await session.run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(RUNS / 2)] ?? 0;
  return `${median.toFixed(1)} ms a run of ${model} at ${TRIAL.width}x${TRIAL.height}, one of ${availableParallelism()} cores`;
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

process.once('message', (question: ProbeQuestion) => {
  void answer(question)
    .catch((thrown: unknown): ProbeAnswer => ({ kind: 'failed', error: AfterglowError.from(thrown).toReport() }))
    // By a signal: native threads would keep an ordinary end waiting.
    .then((result) => process.send?.(result, () => process.kill(process.pid, 'SIGKILL')));
});
