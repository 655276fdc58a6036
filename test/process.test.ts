import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { isRunning, RunningAfterglow } from './running-afterglow.js';

const TOKEN = 'a-token-that-nobody-guesses';
const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

async function startLive(): Promise<{ afterglow: RunningAfterglow; children: number[] }> {
  running = await RunningAfterglow.start(['--input', DEMO]);
  await running.statusWhere((status) => (status.totals?.encoded ?? 0) > 10);
  return { afterglow: running, children: running.descendants() };
}

/** Waits until none of the processes is left; says how long it took in milliseconds. */
async function untilGone(pids: readonly number[], limit: number): Promise<number> {
  const start = performance.now();
  while (pids.some(isRunning)) {
    if (performance.now() - start > limit)
      throw new Error(`still there after ${limit} ms: ${pids.filter(isRunning).join()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - start;
}

describe('processes', () => {
  it.each([
    ['Ctrl-C, which reaches the whole group', 'SIGINT', true],
    ['SIGTERM to the program alone', 'SIGTERM', false],
  ] as const)('end soon by %s', async (_name, signal, group) => {
    const { afterglow, children } = await startLive();
    expect(children.length).toBe(1);
    afterglow.signal(signal, group);
    const { code } = await afterglow.outcome;
    await untilGone(children, 10_000);
    expect(code).toBe(0);
    expect(afterglow.output).not.toMatch(/\n\s+at /);
  });

  it('leave none behind when the supervisor is killed', async () => {
    const { afterglow, children } = await startLive();
    afterglow.signal('SIGKILL');
    await afterglow.outcome;
    await untilGone(children, 20_000);
  });

  it('are started again at once when a stream crashes, and no figure falls', async () => {
    const { afterglow, children } = await startLive();
    const before = await afterglow.status();
    const killed = performance.now();
    process.kill(children[0] ?? 0, 'SIGKILL');
    const back = await afterglow.statusWhere(
      (status) => status.restarts === 1 && (status.totals?.encoded ?? 0) > (before.totals?.encoded ?? 0) + 5,
    );
    expect(performance.now() - killed).toBeLessThan(60_000);
    expect(back.lastRestart).toMatchObject({ reason: 'crashed', message: expect.stringMatching(/SIGKILL/) as string });
    expect(back.totals?.decoded).toBeGreaterThanOrEqual(before.totals?.decoded ?? 0);
    expect(afterglow.descendants()).not.toContain(children[0]);
  });

  it.skipIf(process.platform !== 'linux')('give way to the supervisor, and know no secrets', async () => {
    running = await RunningAfterglow.start(['--input', DEMO, '--pipeline', 'passthrough'], {
      AFTERGLOW_TOKEN: TOKEN,
      CAMERA_PASSWORD: 'user:hush',
    });
    const [child] = running.descendants();
    const of = (name: string): string => readFileSync(`/proc/${child}/${name}`, 'utf8');
    expect(of('environ')).not.toMatch(/AFTERGLOW_TOKEN|hush/);
    expect(of('environ')).toContain('PATH=');
    expect(of('oom_score_adj').trim()).toBe('500');
    // After the name in brackets: state, parent, group, ...; nice is the 19th field of all.
    expect(
      of('stat')
        .replace(/^.*\) /, '')
        .split(' ')[16],
    ).toBe(String(os.getPriority() + 5));
  });

  it('are started anew above their memory limit, and say so', async () => {
    const config = path.join(clipFolder, 'memory.yaml');
    writeFileSync(config, `streams:\n  - {id: camera, input: ${DEMO}, memoryLimit: 256}\n`);
    running = await RunningAfterglow.start(['--config', config]);
    const status = await running.statusWhere(({ lastRestart }) => lastRestart?.reason === 'memory');
    expect(status.lastRestart?.message).toMatch(/its process takes \d+ MB, more than memoryLimit \(256 MB\)/);
    expect(running.output).toMatch(/more than memoryLimit/);
  });

  it('are started again when one hangs without dying', async () => {
    const { afterglow, children } = await startLive();
    process.kill(children[0] ?? 0, 'SIGSTOP');
    await afterglow.statusWhere((status) => status.restarts === 1 && status.state.kind === 'live');
    expect(isRunning(children[0] ?? 0)).toBe(false);
  });

  it('leave no files behind', async () => {
    const { afterglow } = await startLive();
    const prefix = `afterglow-hls-${afterglow.process.pid}-`;
    const left = (): boolean => readdirSync(os.tmpdir()).some((name) => name.startsWith(prefix));
    expect(left()).toBe(true);
    await afterglow.stop();
    expect(left()).toBe(false);
  });
});
