import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { RunningAfterglow } from './running-afterglow.js';
import { RunningCommand } from './running-command.js';
import { smallClip } from './small-clip.js';
import { gpuPlace, networkRecipe, SOFTWARE_DRIVER } from './software-gpu.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly remedy: string;
}

describe('afterglow doctor', () => {
  it('finds a sound installation sound, line by line', async () => {
    const { environment, memory } = gpuPlace('doctor', {}, false);
    const { code, output } = await new RunningCommand(['doctor'], environment).outcome;
    expect(code).toBe(0);
    const lines = output.trim().split('\n');
    for (const line of lines) expect(line).toMatch(/^(ok|warn) {1,3} ?[a-z0-9 -]+: \S/);
    expect(output).toMatch(/^ok {4}ffmpeg: FFmpeg \d+\.\d/m);
    expect(output).toMatch(/^ok {4}inference cpu: \d+\.\d ms a run/m);
    expect(output).toMatch(/^ok {4}gpu: \S/m);
    expect(output).toMatch(
      /^ok {4}inference choice: auto: the network liednet-live runs on \w+, by the time of a run: /m,
    );
    expect(output).toContain(`inference memory: 1 measurements in ${memory}`);
    expect(output).toMatch(/^ok {4}model liednet-live: /m);
    expect(output).toMatch(/^(ok|warn) +webrtc: WebRTC by (mediasoup, whose worker is \/|werift, since)/m);
    expect(output).toMatch(/^ok {4}webrtc ports: any free ones/m);
  });

  it('tries a graphics card that is there, keeps what it measures, and shows what is remembered', async () => {
    const { environment } = gpuPlace('doctor-gpu', { small: 'brighten' }, true);
    const args = ['--input', smallClip('doctor-gpu.mp4', 60), '--pipeline', networkRecipe('small', 64)];
    const running = await RunningAfterglow.start(args, environment);
    await running.outputMatching(/the network small runs on cpu, by .*measured now/);
    await running.stop();
    const { code, output } = await new RunningCommand(['doctor'], environment).outcome;
    expect(code).toBe(0);
    expect(output).toContain(`ok    gpu: ${SOFTWARE_DRIVER}`);
    // So slow a card may not answer in time: then it says so.
    expect(output).toMatch(
      /^ok {4}inference webgpu: \d+\.\d ms a run|^warn {2}inference webgpu: it does not work: it has not answered/m,
    );
    expect(output).toMatch(/^ok {4}inference of small at 64x40: remembered: cpu on \d [\d.]+ ms/m);
  });

  it.each([
    ['its worker is not there', '/nonexistent'],
    ['its worker \\S+ does not start', '/bin/false'],
  ])('says which WebRTC engine would serve: %s', async (reason, MEDIASOUP_WORKER_BIN) => {
    const port = createSocket('udp4').bind(0);
    await once(port, 'listening');
    const used = port.address().port;
    const config = path.join(clipFolder, 'doctor-webrtc.yaml');
    for (const [engine, line] of [
      ['auto', `^warn {2}webrtc: WebRTC by werift, since mediasoup cannot be used: ${reason}.*"npm run webrtc:worker"`],
      ['mediasoup', `^fail {2}webrtc: mediasoup cannot be used: ${reason}.*"npm run webrtc:worker"`],
    ] as const) {
      writeFileSync(config, `webrtc: {engine: ${engine}, ports: [${used}, ${used}]}`);
      const { code, output } = await new RunningCommand(['doctor', '-c', config], { MEDIASOUP_WORKER_BIN }).outcome;
      expect(output).toMatch(new RegExp(line, 'm'));
      expect(output).toMatch(new RegExp(`^warn {2}webrtc ports: ${used} to ${used}, 1 in use`, 'm'));
      expect(code).toBe(engine === 'auto' ? 0 : 1);
    }
    port.close();
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
