import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RtpPacket } from 'werift';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { makeClip } from './clip.js';
import { ask } from './http-answer.js';
import { isRunning, RunningAfterglow } from './running-afterglow.js';
import { ViewerBrowser } from './viewer-browser.js';
import { ENGINES } from './webrtc-engines.js';
import { WhepClient } from './whep-client.js';

/** A viewer in a process of its own. */
const VIEWER_PROCESS = path.join(packageRoot, 'dist', 'bench', 'viewer-process.js');

/** A small camera with a tone: what is tried here is the way of packets, not pictures. */
function clip(): string {
  const [width, height] = [320, 180];
  return makeClip('bars.mp4', {
    width,
    height,
    frames: 250,
    codec: 'libx264',
    tone: 440,
    draw: (picture, index) => {
      picture.fill(180, 0, width * height).fill(128, width * height);
      const x = (index * 4) % (width - 16);
      for (let y = 0; y < height; y++) picture.fill(40, y * width + x, y * width + x + 16);
    },
  });
}

let camera = '';
beforeAll(() => {
  camera = clip();
});

let running: RunningAfterglow | null = null;
let clients: WhepClient[] = [];
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await running?.stop();
  running = null;
  clients = [];
});

async function start(environment: Record<string, string>): Promise<RunningAfterglow> {
  running = await RunningAfterglow.start(['--input', camera, '--pipeline', 'passthrough'], environment);
  await running.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 5);
  return running;
}

async function join(
  afterglow: RunningAfterglow,
  view?: string,
  media?: readonly ('video' | 'audio')[],
): Promise<WhepClient> {
  const client = await WhepClient.join(afterglow.address, 'camera', {
    ...(view === undefined ? {} : { view }),
    ...(media === undefined ? {} : { media }),
  });
  clients.push(client);
  await client.packets(1);
  return client;
}

/** A figure of /metrics of the one stream; null where it has no value. */
async function figure(afterglow: RunningAfterglow, name: string, engine: string): Promise<number | null> {
  const { body } = await ask(afterglow, '/metrics');
  const value = new RegExp(`^${name}\\{stream="camera",engine="${engine}"\\} (\\S+)$`, 'm').exec(body)?.[1];
  return value === undefined ? null : Number(value);
}

describe.each(ENGINES)('a viewer by $name', ({ name, environment }) => {
  it('gets pictures and sound, and is gone after it says so', async () => {
    const afterglow = await start(environment);
    expect(afterglow.output).toMatch(new RegExp(`WebRTC by ${name}`));
    const client = await join(afterglow);
    await client.packets(60);
    expect(client.keyFrames).toBeGreaterThan(0);
    // A busy machine may drop packets on its own loopback: two of the first sixty are too many, of some hundred not.
    await expect.poll(() => client.missing / client.received).toBeLessThan(0.02);
    await expect.poll(() => client.audioPackets).toBeGreaterThan(10);
    expect((await afterglow.status()).viewers).toBe(1);
    expect(await client.leave()).toBe(204);
    expect((await afterglow.status()).viewers).toBe(0);
    expect((await ask(afterglow, new URL(client.location).pathname, { method: 'DELETE' })).status).toBe(404);
  });

  it.each([
    ['video alone', ['video']],
    ['sound first', ['audio', 'video']],
  ] as const)('that offers %s gets what it offers', async (_name, media) => {
    const afterglow = await start(environment);
    const client = await join(afterglow, 'enhanced', media);
    await client.packets(60);
    expect(client.keyFrames).toBeGreaterThan(0);
    const kinds = [...client.answer.matchAll(/^m=(\w+) [1-9]/gm)].map(([, kind]) => kind);
    expect(kinds).toEqual(media);
    if (client.answer.includes('m=audio')) {
      await expect.poll(() => client.audioPackets).toBeGreaterThan(10);
    }
    expect((await afterglow.status()).viewers).toBe(1);
    expect(await client.leave()).toBe(204);
    expect((await afterglow.status()).viewers).toBe(0);
  });

  it('that is a browser and offers video alone, as a tile of the wall does, gets pictures', async () => {
    const afterglow = await start(environment);
    const browser = await ViewerBrowser.open(afterglow.address);
    try {
      const frames = await browser.page.evaluate(async () => {
        const connection = new RTCPeerConnection();
        connection.addTransceiver('video', { direction: 'recvonly' });
        const video = document.createElement('video');
        video.muted = true;
        connection.ontrack = ({ track }) => {
          video.srcObject = new MediaStream([track]);
          void video.play();
        };
        await connection.setLocalDescription();
        const headers = { 'content-type': 'application/sdp' };
        const body = connection.localDescription?.sdp ?? '';
        const response = await fetch('/api/streams/camera/whep', { method: 'POST', headers, body });
        await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
        let shown = 0;
        while (shown < 10) shown = await new Promise((next) => video.requestVideoFrameCallback(() => next(shown + 1)));
        connection.close();
        return shown;
      });
      expect(frames).toBe(10);
    } finally {
      await browser.close();
    }
  });

  it.each(['compare', 'small'])('gets the rendition %s when it asks for it', async (view) => {
    const afterglow = await start(environment);
    const [client, other] = [await join(afterglow, view), await join(afterglow)];
    // Key frames come at once for the first viewer, and in their turn for one who joins soon after.
    while (client.keyFrames === 0 || other.keyFrames === 0) await Promise.all([client.packets(1), other.packets(1)]);
  });

  it('gets a key frame and lost packets when it asks for them', async () => {
    const afterglow = await start(environment);
    const client = await join(afterglow);
    await client.packets(30);
    const seen = client.keyFrames;
    const asked = performance.now();
    // Requests are answered at most once in a while; one that came too early is asked again, as decoders do.
    while (client.keyFrames === seen) {
      await client.askKeyFrame();
      await client.packets(10);
      expect(performance.now() - asked).toBeLessThan(60_000);
    }
    const [wanted] = (await once(client, 'packet')) as [RtpPacket];
    const { sequenceNumber } = wanted.header;
    const again = new Promise<void>((resolve) =>
      client.on('packet', ({ header }) => header.sequenceNumber === sequenceNumber && resolve()),
    );
    await client.askAgain([sequenceNumber]);
    await again;
    expect(await figure(afterglow, 'afterglow_webrtc_nacks_total', name)).toBeGreaterThan(0);
    expect(await figure(afterglow, 'afterglow_webrtc_key_frame_requests_total', name)).toBeGreaterThan(0);
  });

  it('stays when the stream’s process is started anew, and time goes on', async () => {
    const afterglow = await start(environment);
    const client = await join(afterglow);
    await client.packets(30);
    let last: RtpPacket | null = null;
    const jumps: number[] = [];
    const repeated: number[] = [];
    client.on('packet', (packet) => {
      const { header } = packet;
      if (last) {
        const step = (header.sequenceNumber - last.header.sequenceNumber) & 0xffff;
        // One that was lost on the way and is sent again.
        if (step >= 0x8000) return;
        if (step === 0 || step > 100) repeated.push(step);
        jumps.push(((header.timestamp - last.header.timestamp) | 0) / 90_000);
      }
      last = packet;
    });
    process.kill(afterglow.descendants()[0] ?? 0, 'SIGKILL');
    await afterglow.statusWhere(({ restarts }) => restarts === 1);
    await client.packets(60);
    expect(repeated).toEqual([]);
    expect(Math.min(...jumps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...jumps)).toBeLessThan(20);
    expect((await afterglow.status()).viewers).toBe(1);
  });

  it('is counted in the figures, also when it has gone', async () => {
    const afterglow = await start(environment);
    const client = await join(afterglow);
    await client.packets(60);
    // Receiver reports come every few seconds, and tell how far away it is.
    await expect.poll(() => figure(afterglow, 'afterglow_webrtc_round_trip_seconds', name)).toBeLessThan(5);
    const sent = await figure(afterglow, 'afterglow_webrtc_sent_bytes_total', name);
    expect(sent).toBeGreaterThan(0.9 * client.bytes);
    await client.leave();
    await expect
      .poll(() => figure(afterglow, 'afterglow_webrtc_sent_bytes_total', name))
      .toBeGreaterThanOrEqual(sent ?? 0);
    await expect.poll(() => figure(afterglow, 'afterglow_webrtc_round_trip_seconds', name)).toBeNull();
  });
});

describe('viewers that vanish without a word', () => {
  // All engines at once: silence has to last half a minute (RFC 7675).
  it('are noticed', async () => {
    const started = await Promise.all(
      ENGINES.map(({ environment }) =>
        RunningAfterglow.start(['--input', camera, '--pipeline', 'passthrough'], environment),
      ),
    );
    try {
      const vanishing = started.map(async (afterglow) => {
        const viewer = fork(VIEWER_PROCESS, [afterglow.address, '1']);
        await once(viewer, 'message');
        viewer.kill('SIGKILL');
        await afterglow.statusWhere(({ viewers }) => viewers === 0, 'camera', 90);
      });
      await Promise.all(vanishing);
    } finally {
      await Promise.all(started.map((afterglow) => afterglow.stop()));
    }
  });
});

describe.skipIf(ENGINES.length < 2)('mediasoup’s worker', () => {
  it('has no secrets, and a new one serves viewers when it dies', async () => {
    const afterglow = await start({ CAMERA_PASSWORD: 'user:hush' });
    const client = await join(afterglow);
    const [worker] = afterglow.webRtcWorkers();
    const environ = readFileSync(`/proc/${worker}/environ`, 'utf8');
    expect(environ).not.toContain('hush');
    expect(environ).toContain('PATH=');
    process.kill(worker ?? 0, 'SIGKILL');
    await afterglow.outputMatching(/a WebRTC worker died .*SIGKILL/);
    await afterglow.outputMatching(/another WebRTC worker has started/);
    await afterglow.statusWhere(({ viewers }) => viewers === 0);
    await client.close();
    const next = await join(afterglow);
    await next.packets(20);
    expect(afterglow.webRtcWorkers()).not.toContain(worker);
  });

  it('is ended when it hangs', async () => {
    const afterglow = await start({});
    const [worker] = afterglow.webRtcWorkers();
    process.kill(worker ?? 0, 'SIGSTOP');
    await afterglow.outputMatching(/another WebRTC worker has started/);
    await (await join(afterglow)).packets(10);
  });

  it('ends with the program, also when that is killed', async () => {
    const afterglow = await start({});
    const workers = afterglow.webRtcWorkers();
    expect(workers.length).toBe(1);
    afterglow.signal('SIGKILL');
    await afterglow.outcome;
    await expect.poll(() => workers.some(isRunning)).toBe(false);
  });

  it('says nothing of dying when a terminal’s Ctrl-C ends all', async () => {
    const afterglow = await start({});
    await join(afterglow);
    afterglow.signal('SIGINT', true);
    const { code, output } = await afterglow.outcome;
    expect(code).toBe(0);
    expect(output).not.toMatch(/died/);
  });
});

describe('an engine that is asked for and cannot be had', () => {
  it('is named with what to do', async () => {
    const { code, output } = await RunningAfterglow.toEnd(
      ['--config', path.join(packageRoot, 'test', 'fixtures', 'mediasoup.yaml')],
      { MEDIASOUP_WORKER_BIN: '/nonexistent' },
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/mediasoup cannot be used: its worker is not there.*npm run webrtc:worker/s);
  });

  it('is werift by choice of its own, with the reason, where a worker does not start', async () => {
    running = await RunningAfterglow.start(['--input', camera], { MEDIASOUP_WORKER_BIN: '/bin/false' });
    expect(running.output).toMatch(/WebRTC by werift, since mediasoup cannot be used: its worker \/bin\/false/);
  });
});
