import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { ask } from './http-answer.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const PASSWORD = 'hush hush:@/?';

let camera: RtspCamera | null = null;
let running: RunningAfterglow | null = null;
afterEach(async () => {
  await Promise.all([running?.stop(), camera?.kill()]);
  running = camera = null;
});

describe('credentials of a camera', () => {
  it('come from a file that is read at each start, and are to be seen nowhere', async () => {
    camera = await RtspCamera.start({ clip: DEMO, user: 'guard', password: PASSWORD });
    const folder = path.join(clipFolder, 'credentials');
    mkdirSync(folder, { recursive: true });
    const secret = path.join(folder, 'secret');
    rmSync(secret, { force: true });
    const config = path.join(folder, 'afterglow.yaml');
    writeFileSync(
      config,
      `log: {level: debug}
streams:
  - {id: locked, input: "${camera.url()}", credentials: {file: ${secret}}, pipeline: passthrough}
  - {id: other, input: ${DEMO}, pipeline: passthrough}
`,
    );
    running = await RunningAfterglow.start(['--config', config]);
    // Without the file, that stream alone has failed, and says what to do.
    const failed = await running.statusWhere(({ state }) => state.kind === 'failed', 'locked');
    expect(failed.state).toMatchObject({
      error: {
        code: 'credentials-missing',
        message: expect.stringMatching(/stream locked .*secret does not exist/) as string,
        remedy: expect.stringMatching(/user:password/) as string,
      },
    });
    await running.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 0, 'other');
    expect((await ask(running, '/readyz')).status).toBe(200);

    // It is looked for again by itself.
    writeFileSync(secret, `guard:${PASSWORD}\n`);
    await running.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 5, 'locked');
    const seen = [
      running.output,
      JSON.stringify(await running.status('locked')),
      (await ask(running, '/metrics')).body,
      ...readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
        .filter((file) => running?.descendants().includes(Number(file.split('/')[2])))
        .map((file) => readFileSync(file, 'utf8')),
    ].join('\n');
    expect(seen).toContain('other');
    expect(seen).not.toContain('hush');
  });

  it('leave pipelines to be changed while the camera is away', async () => {
    const config = path.join(clipFolder, 'away.yaml');
    writeFileSync(config, 'streams:\n  - {id: away, input: "rtsp://127.0.0.1:9/x", pipeline: passthrough}\n');
    running = await RunningAfterglow.start(['--config', config]);
    await running.statusWhere(({ state }) => state.kind === 'reconnecting', 'away');
    const start = performance.now();
    const { status, body } = await ask(running, '/api/streams/away', {
      method: 'PATCH',
      body: { pipeline: 'night-cctv' },
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ pipeline: 'night-cctv' });
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});
