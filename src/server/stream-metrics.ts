import { BUCKET_BOUNDS, type HistogramName, type HistogramValues } from '../stream/histogram-board.js';
import type { StreamState } from '../stream/stream-messages.js';
import { dropsOf } from '../supervisor/stream-status.js';
import type { TotalFigures } from '../supervisor/stream-totals.js';
import type { Delivery } from './delivery-totals.js';
import type { PublishedStream } from './published-stream.js';

/** One value of a family; its own name where a histogram has several. */
export interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

/** A family of figures that every stream has. */
export interface StreamMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly read: (stream: PublishedStream) => readonly MetricValue[] | Promise<readonly MetricValue[]>;
}

const STATES: readonly StreamState['kind'][] = ['starting', 'live', 'reconnecting', 'ended', 'failed'];
/** Stages of a picture; the network's runs have a family of their own. */
const STAGES: readonly HistogramName[] = ['downsample', 'denoise', 'grid', 'slice', 'encode'];

const one = (value: number, labels: MetricValue['labels'] = {}): MetricValue => ({ value, labels });

function counter(name: string, help: string, read: (totals: TotalFigures) => number): StreamMetric {
  return { name, help, type: 'counter', read: ({ handle }) => [one(read(handle.totals()))] };
}

/** A gauge that has no value while `read` gives null. */
function gauge(name: string, help: string, read: (stream: PublishedStream) => number | null): StreamMetric {
  const values = (stream: PublishedStream): MetricValue[] => {
    const value = read(stream);
    return value === null ? [] : [one(value)];
  };
  return { name, help, type: 'gauge', read: values };
}

/** How sending by WebRTC goes, with the engine as a label; no value while `read` gives null. */
function webrtc(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: (delivery: Delivery) => number | null,
): StreamMetric {
  const values = async ({ delivery, engine }: PublishedStream): Promise<readonly MetricValue[]> => {
    const value = read(await delivery.read());
    return value === null ? [] : [one(value, { engine })];
  };
  return { name, help, type, read: values };
}

/** Buckets as Prometheus has them: each holds what is below its bound, which is in seconds. */
function bucketsOf(name: string, values: HistogramValues, labels: MetricValue['labels']): MetricValue[] {
  let below = 0;
  const buckets = values.counts.map((count, i) => {
    below += count;
    const bound = BUCKET_BOUNDS[i];
    const le = bound === undefined ? '+Inf' : bound / 1000;
    return { value: below, labels: { ...labels, le }, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { value: values.sum / 1000, labels, metricName: `${name}_sum` },
    { value: below, labels, metricName: `${name}_count` },
  ];
}

function histogram(name: string, help: string, names: readonly HistogramName[], label?: string): StreamMetric {
  return {
    name,
    help,
    type: 'histogram',
    read: ({ handle }) => {
      const { histograms } = handle.totals();
      return names.flatMap((each) => bucketsOf(name, histograms[each], label === undefined ? {} : { [label]: each }));
    },
  };
}

/** All families that every stream has. Counters and histograms go on when a stream's process is replaced. */
export const STREAM_METRICS: readonly StreamMetric[] = [
  counter('afterglow_frames_decoded_total', 'Frames that came from the source.', ({ counters }) => counters.decoded),
  counter('afterglow_frames_processed_total', 'Frames that went through the pipeline.', (t) => t.counters.enhanced),
  counter('afterglow_frames_enhanced_total', 'Of those processed, the ones for which the gate was open.', (t) => t.enhancedOpen), // prettier-ignore
  counter('afterglow_frames_encoded_total', 'Frames that were encoded and sent.', ({ counters }) => counters.encoded),
  counter('afterglow_frames_placeholder_total', 'Frames that showed the last one while the source was away.', (t) => t.counters.placeholders), // prettier-ignore
  {
    name: 'afterglow_frames_dropped_total',
    help: 'Frames that did not reach viewers (recording: that were not recorded), by reason.',
    type: 'counter',
    read: ({ handle }) => {
      const { overtaken, noSlot, damaged, governor, away, network, recording } = dropsOf(handle.totals());
      const reasons = { overtaken, 'no-slot': noSlot, governor, damaged, away, network, recording };
      return Object.entries(reasons).map(([reason, value]) => one(value, { reason }));
    },
  },
  histogram('afterglow_frame_age_seconds', 'From a frame’s coming in to its being encoded.', ['age']),
  histogram('afterglow_stage_seconds', 'Time that a frame spent in each stage.', STAGES, 'stage'),
  histogram('afterglow_network_run_seconds', 'Time of one run of the network.', ['network']),
  {
    name: 'afterglow_network_provider',
    help: 'What the network runs on; the value is always 1.',
    type: 'gauge',
    read: ({ handle }) => {
      const provider = handle.stats?.provider ?? null;
      return provider === null ? [] : [one(1, { provider })];
    },
  },
  counter('afterglow_network_runs_total', 'Answers of the network.', ({ counters }) => counters.answers),
  counter('afterglow_scene_cuts_total', 'Cuts that were found.', ({ counters }) => counters.cuts),
  counter('afterglow_reconnects_total', 'Times the source was connected again.', ({ counters }) => counters.reconnects),
  counter('afterglow_key_frames_total', 'Key frames that were encoded.', ({ counters }) => counters.keyFrames),
  counter('afterglow_encoded_bytes_total', 'Bytes of encoded video.', ({ counters }) => counters.bytes),
  counter('afterglow_recorded_bytes_total', 'Bytes that were recorded.', ({ recordedBytes }) => recordedBytes),
  {
    name: 'afterglow_process_restarts_total',
    help: 'Restarts of the stream’s process, by reason; changed: its configuration was changed.',
    type: 'counter',
    read: ({ handle }) => Object.entries(handle.restarts).map(([reason, value]) => one(value, { reason })),
  },
  {
    name: 'afterglow_stream_state',
    help: '1 for the state that the stream is in, 0 for the others.',
    type: 'gauge',
    read: ({ handle }) => STATES.map((state) => one(handle.state.kind === state ? 1 : 0, { state })),
  },
  gauge('afterglow_viewers', 'Viewers by WebRTC.', ({ viewers }) => viewers),
  gauge(
    'afterglow_reduced_viewers',
    'Viewers by WebRTC that are sent half the size, as their connection carries no more.',
    ({ reducedViewers }) => reducedViewers,
  ),
  webrtc('counter', 'afterglow_webrtc_sent_bytes_total', 'Bytes of RTP sent to viewers.', (d) => d.bytesSent),
  webrtc(
    'counter',
    'afterglow_webrtc_lost_packets_total',
    'Packets that viewers reported as lost.',
    (d) => d.packetsLost,
  ),
  webrtc('counter', 'afterglow_webrtc_nacks_total', 'Times viewers asked for packets again.', (d) => d.nacks),
  webrtc('counter', 'afterglow_webrtc_key_frame_requests_total', 'Times viewers asked for a key frame.', (d) => d.keyFrameRequests), // prettier-ignore
  webrtc('gauge', 'afterglow_webrtc_round_trip_seconds', 'The longest round trip to a viewer.', (d) => d.roundTripSeconds), // prettier-ignore
  webrtc('gauge', 'afterglow_webrtc_available_bits_per_second', 'The least that the way to a viewer is thought to carry, where viewers let it be known.', (d) => d.availableBitsPerSecond), // prettier-ignore
  gauge('afterglow_governor_level', '0: the governor does nothing; each step takes more load off.', governor('level')),
  gauge('afterglow_governor_network_rate_hertz', 'Runs of the network a second that are aimed at.', governor('networkRate')), // prettier-ignore
  gauge('afterglow_governor_working_size_pixels', 'Long side of the picture that the network sees.', governor('workingSize')), // prettier-ignore
  gauge('afterglow_governor_frame_step', 'Every how many frames one is enhanced and sent.', governor('frameStep')),
  gauge('afterglow_gate_open', 'Whether the night gate lets the enhancement through.', ({ handle }) =>
    handle.stats ? Number(handle.stats.gate.open) : null,
  ),
  gauge('afterglow_luminance', 'Mean luma of the picture, 0 black to 1 white.', ({ handle }) => handle.stats?.gate.luminance ?? null), // prettier-ignore
  gauge('afterglow_recording_active', 'Whether the stream is being recorded.', ({ handle }) =>
    handle.stats ? Number(handle.stats.recording.kind === 'recording') : null,
  ),
  gauge('afterglow_recording_paused', 'Whether recording is wanted and cannot go on.', ({ handle }) =>
    handle.stats ? Number(handle.stats.recording.kind === 'paused') : null,
  ),
  gauge('afterglow_process_memory_bytes', 'Memory of the stream’s process.', ({ handle }) => handle.stats?.memoryBytes ?? null), // prettier-ignore
  gauge('afterglow_last_frame_timestamp_seconds', 'When the last frame came in, since 1970.', ({ handle }) => {
    const arrival = handle.stats?.lastArrival ?? 0;
    return arrival === 0 ? null : arrival / 1000;
  }),
];

function governor(
  field: 'level' | 'networkRate' | 'workingSize' | 'frameStep',
): (stream: PublishedStream) => number | null {
  return ({ handle }) => handle.stats?.governor[field] ?? null;
}
