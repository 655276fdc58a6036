import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { ask } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

/** One line of Prometheus' text format. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

let afterglow: RunningAfterglow;
beforeAll(async () => {
  afterglow = await RunningAfterglow.start(['--input', DEMO]);
  await afterglow.statusWhere(({ totals, rates }) => (totals?.answers ?? 0) > 10 && rates !== null);
});
afterAll(async () => {
  await afterglow.stop();
});

async function scrape(): Promise<readonly Sample[]> {
  const { body } = await ask(afterglow, '/metrics');
  return body
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      expect(name, line).not.toBe('');
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text] as const);
      return { name, labels: Object.fromEntries(pairs), value: Number(value === '+Inf' ? 'Infinity' : value) };
    });
}

function valueOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const found = samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  if (!found) throw new Error(`there is no ${name} ${JSON.stringify(labels)}`);
  return found.value;
}

describe('/metrics', () => {
  it('agrees with the status', async () => {
    const before = await afterglow.status();
    const samples = await scrape();
    const after = await afterglow.status();
    const between = (value: number, low = 0, high = 0): void => {
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
    };
    between(valueOf(samples, 'afterglow_frames_decoded_total'), before.totals?.decoded, after.totals?.decoded);
    between(valueOf(samples, 'afterglow_frames_encoded_total'), before.totals?.encoded, after.totals?.encoded);
    between(valueOf(samples, 'afterglow_network_runs_total'), before.totals?.answers, after.totals?.answers);
    expect(valueOf(samples, 'afterglow_stream_state', { stream: 'camera', state: 'live' })).toBe(1);
    expect(valueOf(samples, 'afterglow_stream_state', { state: 'failed' })).toBe(0);
    expect(valueOf(samples, 'afterglow_process_memory_bytes')).toBeGreaterThan(5e7);
    expect(valueOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(valueOf(samples, 'afterglow_event_loop_delay_p99_seconds')).toBeLessThan(5);
  });

  it('has histograms in seconds whose buckets add up', async () => {
    const samples = await scrape();
    for (const [family, labels] of [
      ['afterglow_frame_age_seconds', {}],
      ['afterglow_network_run_seconds', {}],
      ['afterglow_stage_seconds', { stage: 'slice' }],
    ] as const) {
      const has = (sample: Sample): boolean =>
        Object.entries(labels).every(([key, text]) => sample.labels[key] === (text as string));
      const buckets = samples.filter((sample) => sample.name === `${family}_bucket` && has(sample));
      expect(buckets.map(({ labels: { le } }) => le)).toEqual(expect.arrayContaining(['0.05', '0.2', '+Inf']));
      for (const [i, { value }] of buckets.entries()) expect(value).toBeGreaterThanOrEqual(buckets[i - 1]?.value ?? 0);
      const count = valueOf(samples, `${family}_count`, labels);
      expect(count).toBeGreaterThan(0);
      expect(buckets.at(-1)?.value).toBe(count);
      // A mean below ten seconds: in milliseconds it would be above.
      expect(valueOf(samples, `${family}_sum`, labels) / count).toBeLessThan(10);
    }
  });

  it('never lets a counter fall when a process is replaced, and counts what was missed', async () => {
    await afterglow.statusWhere(({ state }) => state.kind === 'live');
    const counters = (samples: readonly Sample[]): readonly Sample[] =>
      samples.filter(({ name }) => name.startsWith('afterglow_') && /_(total|count|bucket|sum)$/.test(name));
    const before = counters(await scrape());
    const [child] = afterglow.descendants();
    process.kill(child ?? 0, 'SIGKILL');
    const check = async (): Promise<readonly Sample[]> => {
      const now = await scrape();
      for (const { name, labels, value } of before) {
        expect(valueOf(now, name, labels), `${name} ${JSON.stringify(labels)}`).toBeGreaterThanOrEqual(value);
      }
      return now;
    };
    await check();
    const decoded = valueOf(before, 'afterglow_frames_decoded_total');
    await afterglow.statusWhere(({ restarts, totals }) => restarts === 1 && (totals?.decoded ?? 0) > decoded + 10);
    await afterglow.statusWhere(({ drops }) => (drops?.away ?? 0) > 0);
    const after = await check();
    expect(valueOf(after, 'afterglow_process_restarts_total', { reason: 'crashed' })).toBe(1);
    expect(valueOf(after, 'afterglow_frames_dropped_total', { reason: 'away' })).toBeGreaterThan(0);
  });

  it('has every figure that the dashboard shows', async () => {
    const dashboard = readFileSync(path.join(packageRoot, 'docs', 'grafana-dashboard.json'), 'utf8');
    const parsed = JSON.parse(dashboard) as { panels: readonly unknown[]; templating: { list: { name: string }[] } };
    expect(parsed.panels.length).toBeGreaterThan(8);
    expect(parsed.templating.list.map(({ name }) => name)).toEqual(expect.arrayContaining(['datasource', 'stream']));
    // By their families: some figures, such as luminance, have no value on every stream.
    const { body } = await ask(afterglow, '/metrics');
    const families = [...body.matchAll(/^# TYPE (\w+) (\w+)/gm)].map(([, name = '', type]) => ({ name, type }));
    const names = new Set(
      families.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`] : [name])),
    );
    const shown = new Set(dashboard.match(/\b(?:afterglow|process|nodejs)_[a-z0-9_]+/g));
    expect(shown.size).toBeGreaterThan(15);
    for (const name of shown) expect(names, name).toContain(name);
  });

  it('has every figure that the operator’s page lists, and no other of its own', async () => {
    const page = readFileSync(path.join(packageRoot, 'docs', 'operation.md'), 'utf8');
    const listed = new Set([...page.matchAll(/^\| `(afterglow_[a-z0-9_]+)`/gm)].map(([, name]) => name));
    const { body } = await ask(afterglow, '/metrics');
    const families = new Set([...body.matchAll(/^# TYPE (afterglow_\w+) /gm)].map(([, name]) => name));
    expect([...listed].sort()).toEqual([...families].sort());
  });
});

describe('health', () => {
  it('says that all is well, and how many streams are how', async () => {
    for (const target of ['/healthz', '/readyz']) {
      const { status, body } = await ask(afterglow, target);
      expect(status).toBe(200);
      expect(JSON.parse(body)).toMatchObject({ status: 'ok', failed: [], streams: { live: 1 } });
      expect(body).not.toContain('camera');
    }
  });

  it('is not ready before its streams are heard of, nor with a camera that is away unready', async () => {
    const other = await RunningAfterglow.start(['--input', 'rtsp://127.0.0.1:9/x']);
    const first = await ask(other, '/readyz');
    // Its process has just been started: it takes longer to speak than the server to answer.
    expect(first.status).toBe(503);
    expect(first.body).toMatch(/streams: 1 not heard of yet|starting/);
    await other.statusWhere(({ state, totals }) => state.kind === 'reconnecting' && totals !== null);
    const then = await ask(other, '/readyz');
    expect(then.status).toBe(200);
    expect(JSON.parse(then.body)).toMatchObject({ streams: { reconnecting: 1 } });
    await other.stop();
  });
});

describe('snapshots', () => {
  it.each(['', '?view=original', '?view=compare'])('are pictures of this moment%s', async (query) => {
    await afterglow.statusWhere(({ state }) => state.kind === 'live');
    const { status, headers, body } = await ask(afterglow, `/api/streams/camera/snapshot.jpg${query}`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('image/jpeg');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-disposition']).toMatch(/^inline; filename="camera-\w+-\d{8}T\d{6}Z\.jpg"$/);
    expect(Math.abs(Date.now() - Date.parse(headers['last-modified'] ?? ''))).toBeLessThan(10_000);
    expect(body.startsWith('\xff\xd8\xff')).toBe(true);
  });
});
