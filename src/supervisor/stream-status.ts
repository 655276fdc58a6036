import type { CounterValues } from '../stream/counter-board.js';
import type { StreamState, StreamStats } from '../stream/stream-messages.js';

/** Figures of a stream over the last second or so, as viewers see them. */
export interface StreamRates {
  /** Pictures a second: decoded, and sent. */
  readonly sourceRate: number;
  readonly outputRate: number;
  /** Runs of the network a second. */
  readonly networkRate: number;
  /** Bits a second of encoded video. */
  readonly bitrate: number;
  /** Mean milliseconds from a picture's coming in to its being encoded. */
  readonly ageMs: number;
  /** Mean milliseconds of each stage of a picture. */
  readonly stages: Readonly<Record<'downsample' | 'denoise' | 'grid' | 'slice' | 'encode', number>>;
}

/** Pictures that did not reach the viewer, by reason, since the stream's process began. */
export interface Drops {
  /** Newer pictures came before the pipeline was free. */
  readonly overtaken: number;
  /** All slots were being read. */
  readonly noSlot: number;
  /** Packets that could not be decoded. */
  readonly damaged: number;
}

/** One stream as the API shows it. Holds no credentials. */
export interface StreamStatus {
  readonly id: string;
  readonly name: string;
  /** The input without user name and password. */
  readonly input: string;
  readonly pipeline: string;
  readonly strength: number;
  readonly state: StreamState;
  readonly restarts: number;
  readonly rates: StreamRates | null;
  readonly drops: Drops | null;
  readonly totals: { readonly decoded: number; readonly encoded: number; readonly answers: number } | null;
  readonly anchors: StreamStats['anchors'];
  readonly encoder: string;
  readonly networkMilliseconds: number | null;
  readonly noise: number | null;
  readonly memoryBytes: number;
}

/** Figures between two readings of the counters, `seconds` apart. */
export function ratesBetween(before: CounterValues, after: CounterValues, seconds: number): StreamRates {
  const change = (name: keyof CounterValues): number => after[name] - before[name];
  const per = (total: number, count: number): number => (count > 0 ? total / count : 0);
  return {
    sourceRate: per(change('decoded'), seconds),
    outputRate: per(change('encoded'), seconds),
    networkRate: per(change('answers'), seconds),
    bitrate: per(change('bytes') * 8, seconds),
    ageMs: per(change('ageMs'), change('encoded')),
    stages: {
      downsample: per(change('downsampleMs'), change('enhanced')),
      denoise: per(change('denoiseMs'), change('enhanced')),
      grid: per(change('gridMs') + change('networkMs'), change('enhanced')),
      slice: per(change('sliceMs'), change('enhanced')),
      encode: per(change('encodeMs'), change('encoded')),
    },
  };
}
