import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

let camera: RtspCamera | null = null;
let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  await camera?.kill();
  running = camera = null;
});

const isLive = (status: { state: { kind: string }; totals: { encoded: number } | null }): boolean =>
  status.state.kind === 'live' && (status.totals?.encoded ?? 0) > 10;

describe('an RTSP camera', () => {
  it('is shown, with its sound', async () => {
    camera = await RtspCamera.start({ clip: DEMO, sound: true });
    running = await RunningAfterglow.start(['--input', camera.url()]);
    const status = await running.statusWhere(isLive);
    expect(status.state).toMatchObject({
      kind: 'live',
      source: { width: 1280, height: 720, codec: 'h264', sound: true },
    });
    expect(status.drops?.damaged).toBe(0);
  });

  it('needs its password, which is never shown', async () => {
    camera = await RtspCamera.start({ clip: DEMO, user: 'guard', password: 's3cret' });
    running = await RunningAfterglow.start(['--input', camera.url('guard:s3cret@')]);
    const status = await running.statusWhere(isLive);
    expect(status.input).toBe(camera.url('***@'));
    expect(JSON.stringify(status) + running.output).not.toContain('s3cret');
    await running.stop();

    const refused = await RunningAfterglow.toEnd(['--port', '0', '--input', camera.url('guard:wr0ng@')]);
    running = null;
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/refuses the user name or password \(401\): correct them/);
    expect(refused.output).not.toContain('wr0ng');
    expect(refused.output).not.toMatch(/\n\s+at /);
  });

  it('is tried again when it goes away, and shown again when it comes back', async () => {
    camera = await RtspCamera.start({ clip: DEMO });
    const { port } = camera;
    running = await RunningAfterglow.start(['--input', camera.url()]);
    await running.statusWhere(isLive);
    await camera.kill();
    const away = await running.statusWhere((status) => status.state.kind === 'reconnecting');
    expect(away.state.kind === 'reconnecting' && away.state.error.message).toMatch(
      /went away|refuses|cannot be reached/,
    );
    camera = await RtspCamera.start({ clip: DEMO, port });
    const before = away.totals?.encoded ?? 0;
    await running.statusWhere((status) => status.state.kind === 'live' && (status.totals?.encoded ?? 0) > before + 10);
  });

  it('is given up when it freezes without closing, and tried again', async () => {
    camera = await RtspCamera.start({ clip: DEMO });
    const { port } = camera;
    running = await RunningAfterglow.start(['--input', camera.url()]);
    await running.statusWhere(isLive);
    camera.freeze();
    await running.statusWhere((status) => status.state.kind === 'reconnecting' || status.restarts > 0);
    await camera.kill();
    camera = await RtspCamera.start({ clip: DEMO, port });
    const { totals } = await running.status();
    await running.statusWhere(
      (status) => status.state.kind === 'live' && (status.totals?.encoded ?? 0) > (totals?.encoded ?? 0) + 10,
    );
  });

  it('is waited for when it is not there at the start', async () => {
    running = await RunningAfterglow.start(['--input', 'rtsp://127.0.0.1:9/camera']);
    const status = await running.statusWhere(({ state }) => state.kind === 'reconnecting');
    expect(status.state.kind === 'reconnecting' && status.state.error).toMatchObject({
      code: 'input-unreachable',
      message: 'rtsp://127.0.0.1:9/camera refuses the connection',
    });
    expect(running.output).toMatch(/refuses the connection: check that the camera is on/);
  });
});
