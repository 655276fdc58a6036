import { TRACE_SPANS, type TraceSpan } from './trace-board.js';

/** Threads in the order of a picture's way. */
const THREADS = ['source', 'enhance', 'network', 'output'] as const;

/**
 * Spans as a trace in Chrome's format (Trace Event Format), which chrome://tracing and ui.perfetto.dev show: a row for each
 * thread, and an arrow along the way of each picture.
 */
export function chromeTrace(spans: readonly TraceSpan[]): string {
  const origin = Math.min(...spans.map(({ start }) => start));
  const microseconds = (milliseconds: number): number => Math.round((milliseconds - origin) * 1000);
  const thread = (span: TraceSpan): number => THREADS.indexOf(TRACE_SPANS[span.name]) + 1;
  const names = THREADS.map((name, i) => ({ name: 'thread_name', ph: 'M', pid: 1, tid: i + 1, args: { name } }));
  const work = spans.map((span) => ({
    name: span.name,
    cat: 'picture',
    ph: 'X',
    ts: microseconds(span.start),
    dur: Math.round(span.milliseconds * 1000),
    pid: 1,
    tid: thread(span),
    args: { picture: Number(span.time.toFixed(4)) },
  }));
  // A picture is decoded, sliced and encoded, each on a thread of its own.
  const phases = { decode: 's', slice: 't', encode: 'f' } as const;
  const arrows = spans.flatMap((span) => {
    const ph = span.name in phases ? phases[span.name as keyof typeof phases] : null;
    if (ph === null) return [];
    const id = Math.round(span.time * 90_000);
    const middle = microseconds(span.start + span.milliseconds / 2);
    return [{ name: 'way', cat: 'picture', ph, bp: 'e', id, ts: middle, pid: 1, tid: thread(span) }];
  });
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: [...names, ...work, ...arrows] });
}
