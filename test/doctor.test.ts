import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { RunningCommand } from './running-command.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly remedy: string;
}

describe('afterglow doctor', () => {
  it('finds a sound installation sound, line by line', async () => {
    const { code, output } = await new RunningCommand(['doctor']).outcome;
    expect(code).toBe(0);
    const lines = output.trim().split('\n');
    for (const line of lines) expect(line).toMatch(/^(ok|warn) {1,3} ?[a-z0-9 -]+: \S/);
    expect(output).toMatch(/^ok {4}ffmpeg: FFmpeg \d+\.\d/m);
    expect(output).toMatch(/^ok {4}inference cpu: \d+\.\d ms a run/m);
    expect(output).toMatch(/^ok {4}model liednet-live: /m);
  });

  it('says what is amiss and what to do, waits for no camera for ever, and prints no secret', async () => {
    // A port that is in use, and a camera that takes connections and says nothing.
    const other = createServer().listen(0, '127.0.0.1');
    const silent = createServer().listen(0, '127.0.0.1');
    await Promise.all([once(other, 'listening'), once(silent, 'listening')]);
    const portOf = (server: typeof other): number => (server.address() as { port: number }).port;
    const folder = path.join(clipFolder, 'doctor');
    mkdirSync(folder, { recursive: true });
    const config = path.join(folder, 'afterglow.yaml');
    writeFileSync(
      config,
      `server: {port: ${portOf(other)}, tokens: [{name: wall, env: NOWHERE_SET}]}
recordings: {folder: ${folder}/recordings}
streams:
  - {id: good, input: ${DEMO}, recording: {enhanced: true, keepGigabytes: 0.01}}
  - {id: silent, input: "rtsp://user:hush@127.0.0.1:${portOf(silent)}/x"}
  - {id: gone, input: /nowhere/film.mp4}
  - {id: locked, input: "rtsp://127.0.0.1:9/x", credentials: {env: LOCKED_CAMERA}}
  - {id: film, input: ${DEMO}, pipeline: restore-film}
`,
    );
    const { code, output } = await new RunningCommand(['doctor', '--json', '-c', config]).outcome;
    expect(code).toBe(1);
    expect(output).not.toContain('hush');
    const findings = JSON.parse(output) as readonly Finding[];
    const of = (check: string): Finding | undefined => findings.find((finding) => finding.check === check);
    expect(of('camera good')).toMatchObject({ status: 'ok', found: expect.stringMatching(/1280x720 at 25\.00 .*h264, with sound/) as string }); // prettier-ignore
    expect(of('camera silent')).toMatchObject({ status: 'fail' });
    expect(of('camera gone')).toMatchObject({
      status: 'fail',
      found: expect.stringMatching(/does not exist/) as string,
    });
    expect(of('camera locked')?.found).toMatch(/LOCKED_CAMERA is not set/);
    expect(of('http port')).toMatchObject({ status: 'fail', found: expect.stringMatching(/is in use/) as string });
    expect(of('tokens')).toMatchObject({
      status: 'fail',
      found: expect.stringMatching(/NOWHERE_SET, and is not/) as string,
    });
    expect(of('pipeline restore-film')).toMatchObject({ status: 'fail' });
    expect(of('recordings')?.status).toMatch(/ok|warn/);
    for (const { status, remedy } of findings) expect(remedy !== '', status).toBe(status !== 'ok');
    other.close();
    silent.close();
  });

  it('names the faults of a configuration with their lines', async () => {
    const config = path.join(clipFolder, 'doctor-fault.yaml');
    writeFileSync(config, 'streams:\n  - id: a\n    input: x.mp4\n    strenth: 1\n');
    const { code, output } = await new RunningCommand(['doctor', '-c', config]).outcome;
    expect(code).toBe(1);
    expect(output).toMatch(/^fail {2}configuration: .*doctor-fault\.yaml:4: .*strenth/m);
  });
});
