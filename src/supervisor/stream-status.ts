import { describeInput, parseInput } from '../config/input-location.js';
import type { Provider } from '../config/provider-names.js';
import type { StreamConfig } from '../config/stream-schema.js';
import type { CounterValues } from '../stream/counter-board.js';
import { quantile } from '../stream/histogram-board.js';
import type { GovernorState, RecordingState, StreamState, StreamStats } from '../stream/stream-messages.js';
import { countsBetween, type TotalFigures } from './stream-totals.js';

/** Figures of a stream over the last seconds, as viewers see them. */
export interface StreamRates {
  /** Pictures a second: decoded, and sent. */
  readonly sourceRate: number;
  readonly outputRate: number;
  /** Runs of the network a second. */
  readonly networkRate: number;
  /** Bits a second of encoded video. */
  readonly bitrate: number;
  /** Mean milliseconds from a picture's coming in to its being encoded ... */
  readonly ageMs: number;
  /** ... and what half and 95 % of the pictures stay below. */
  readonly ageP50Ms: number;
  readonly ageP95Ms: number;
  /** Mean milliseconds of each stage of a picture. */
  readonly stages: Readonly<Record<'downsample' | 'denoise' | 'grid' | 'slice' | 'encode', number>>;
}

/** Pictures that did not reach the viewer, by reason, since the stream began. */
export interface Drops {
  /** Newer pictures came before the pipeline was free. */
  readonly overtaken: number;
  /** All slots were being read. */
  readonly noSlot: number;
  /** Packets that could not be decoded. */
  readonly damaged: number;
  /** The governor left them out. */
  readonly governor: number;
  /** The source would have sent them while it, or the stream's process, was away. */
  readonly away: number;
  /** They were lost on the way from a source that sends by UDP. */
  readonly network: number;
  /** Sent, but not recorded. */
  readonly recording: number;
}

/** What a stream has done since it began, over all its processes. */
export interface Totals {
  readonly decoded: number;
  readonly enhanced: number;
  readonly encoded: number;
  /** Pictures that showed the last one while the source was away. */
  readonly placeholders: number;
  /** Runs of the network. */
  readonly answers: number;
  /** Times the source was connected again. */
  readonly reconnects: number;
  readonly bytes: number;
  readonly recordedBytes: number;
}

/** Why a stream's process was started anew. changed: somebody changed its configuration. */
export const RESTART_REASONS = ['crashed', 'failed', 'hung', 'memory', 'changed'] as const;
/** One of RESTART_REASONS. */
export type RestartReason = (typeof RESTART_REASONS)[number];

/** One restart of a stream's process. */
export interface Restart {
  readonly reason: RestartReason;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
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
  /** Restarts of the process that nobody asked for. */
  readonly restarts: number;
  readonly lastRestart: Restart | null;
  readonly rates: StreamRates | null;
  readonly drops: Drops | null;
  readonly totals: Totals | null;
  readonly anchors: StreamStats['anchors'];
  readonly encoder: string;
  readonly networkMilliseconds: number | null;
  /** What the network runs on; null before the first report, and without a network. */
  readonly provider: Provider | null;
  readonly noise: number | null;
  readonly governor: GovernorState | null;
  readonly gate: {
    readonly mode: StreamConfig['gate']['mode'];
    /** Limits of the mode dark. */
    readonly below?: number;
    readonly above?: number;
    /** Times of the mode schedule. */
    readonly from?: string;
    readonly to?: string;
    /** Null before the first report. */
    readonly open: boolean | null;
    readonly luminance: number | null;
  };
  /** How many parts of the picture are blacked out, and left untouched. */
  readonly regions: { readonly private: number; readonly untouched: number };
  readonly recording: RecordingState | null;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
}

/** What a status is made of. */
export interface StatusParts {
  readonly config: StreamConfig;
  readonly state: StreamState;
  readonly restarts: number;
  readonly lastRestart: Restart | null;
  readonly rates: StreamRates | null;
  /** The last report of the present process. */
  readonly stats: StreamStats | null;
  /** Null before the first report of the first process. */
  readonly totals: TotalFigures | null;
}

/** Puts a stream's status together. */
export function statusOf({ config, state, restarts, lastRestart, rates, stats, totals }: StatusParts): StreamStatus {
  return {
    id: config.id,
    name: config.name ?? config.id,
    input: describeInput(parseInput(config.input)),
    pipeline: config.pipeline,
    strength: config.strength,
    state,
    restarts,
    lastRestart,
    rates,
    drops: totals && dropsOf(totals),
    totals: totals && totalsOf(totals),
    anchors: stats?.anchors ?? {},
    encoder: stats?.encoder ?? '',
    networkMilliseconds: stats?.networkMilliseconds ?? null,
    provider: stats?.provider ?? null,
    noise: stats?.noise ?? null,
    governor: stats?.governor ?? null,
    gate: {
      ...config.gate,
      open: stats?.gate.open ?? null,
      luminance: stats?.gate.luminance ?? null,
    },
    regions: { private: config.regions.private.length, untouched: config.regions.untouched.length },
    recording: stats && totals ? { ...stats.recording, bytes: totals.recordedBytes, lost: totals.recordingLost } : null,
    memoryBytes: stats?.memoryBytes ?? 0,
    memoryLimitBytes: config.memoryLimit * 1e6,
  };
}

/** Pictures that did not reach the viewer, by reason. */
export function dropsOf({ counters, overtaken, recordingLost }: TotalFigures): Drops {
  return {
    overtaken: overtaken.source + overtaken.output,
    noSlot: counters.droppedNoSlot,
    damaged: counters.damaged,
    governor: counters.droppedGovernor,
    away: counters.missedAway,
    network: counters.missedNetwork,
    recording: recordingLost,
  };
}

function totalsOf({ counters, recordedBytes }: TotalFigures): Totals {
  const { decoded, enhanced, encoded, placeholders, answers, reconnects, bytes } = counters;
  return { decoded, enhanced, encoded, placeholders, answers, reconnects, bytes, recordedBytes };
}

/** Figures between two reports of one process, `seconds` apart. */
export function ratesBetween(
  before: Pick<StreamStats, 'counters' | 'histograms'>,
  after: Pick<StreamStats, 'counters' | 'histograms'>,
  seconds: number,
): StreamRates {
  const change = (name: keyof CounterValues): number => after.counters[name] - before.counters[name];
  const per = (total: number, count: number): number => (count > 0 ? total / count : 0);
  const ages = countsBetween(before.histograms.age, after.histograms.age);
  return {
    sourceRate: per(change('decoded'), seconds),
    outputRate: per(change('encoded'), seconds),
    networkRate: per(change('answers'), seconds),
    bitrate: per(change('bytes') * 8, seconds),
    ageMs: per(change('ageMs'), change('encoded')),
    ageP50Ms: quantile(ages, 0.5),
    ageP95Ms: quantile(ages, 0.95),
    stages: {
      downsample: per(change('downsampleMs'), change('enhanced')),
      denoise: per(change('denoiseMs'), change('enhanced')),
      grid: per(change('gridMs') + change('networkMs'), change('enhanced')),
      slice: per(change('sliceMs'), change('enhanced')),
      encode: per(change('encodeMs'), change('encoded')),
    },
  };
}
