import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client';
import { packageVersion } from '../config/package-version.js';
import { STREAM_METRICS, type MetricValue, type StreamMetric } from './stream-metrics.js';
import type { StreamRegistry } from './stream-registry.js';

/** A window of the event loop's delay, in milliseconds. */
const WINDOW = 10_000;

/** How long the event loop kept things waiting lately. */
export class LoopWatch {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 });
  readonly #timer: NodeJS.Timeout;
  #last = 0;

  constructor() {
    this.#histogram.enable();
    this.#timer = setInterval(() => {
      this.#last = this.#present();
      this.#histogram.reset();
    }, WINDOW);
    this.#timer.unref();
  }

  /** What 99 % of its turns stayed below in the last ten to twenty seconds, in seconds. */
  get p99(): number {
    return Math.max(this.#last, this.#present());
  }

  close(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  #present(): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.percentile(99) / 1e9;
  }
}

/** All figures of a server for Prometheus, read when they are asked for. */
export function createMetrics(streams: StreamRegistry, loop: LoopWatch): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'afterglow_build_info',
    help: 'Version of Afterglow; the value is always 1.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: packageVersion }, 1);
  new Gauge({
    name: 'afterglow_event_loop_delay_p99_seconds',
    help: 'What 99 % of the turns of the event loop stayed below in the last ten to twenty seconds.',
    registers: [registry],
    collect() {
      this.set(loop.p99);
    },
  });
  new Gauge({
    name: 'afterglow_streams',
    help: 'Streams that there are.',
    registers: [registry],
    collect() {
      this.set(streams.all.length);
    },
  });
  for (const metric of STREAM_METRICS) registry.registerMetric(familyOf(metric, streams));
  return registry;
}

/**
 * A family whose values are read when they are asked for. prom-client has no setter for histograms and counters, and its
 * registry asks no more of a metric than this.
 */
function familyOf({ name, help, type, read }: StreamMetric, streams: StreamRegistry): Metric {
  const get = async (): Promise<object> => {
    const values = await Promise.all(
      streams.all.map(async (stream): Promise<MetricValue[]> => {
        const ofStream = await read(stream);
        return ofStream.map((value) => ({ ...value, labels: { stream: stream.handle.id, ...value.labels } }));
      }),
    );
    return { name, help, type, values: values.flat(), aggregator: 'sum' };
  };
  return { name, help, type, get, reset: () => undefined } as unknown as Metric;
}
