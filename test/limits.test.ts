import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { ask } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

let afterglow: RunningAfterglow;
beforeAll(async () => {
  const config = path.join(clipFolder, 'limits.yaml');
  writeFileSync(
    config,
    `server: {maxRequestsPerMinute: 200}\nstreams:\n  - {id: camera, input: ${DEMO}, pipeline: passthrough}\n`,
  );
  afterglow = await RunningAfterglow.start(['--config', config]);
});
afterAll(async () => {
  const { output } = await afterglow.stop();
  expect(output).not.toMatch(/\n\s+at /);
});

/** Sends bytes as they are; says what came back until the connection was ended, and after how many seconds. */
async function send(text: string, drip?: string): Promise<{ readonly answer: string; readonly seconds: number }> {
  const { hostname, port } = new URL(afterglow.address);
  const socket = connect(Number(port), hostname);
  const start = performance.now();
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(text);
  const timer = drip === undefined ? null : setInterval(() => socket.write(drip), 500);
  await once(socket, 'close');
  if (timer) clearInterval(timer);
  return { answer, seconds: (performance.now() - start) / 1000 };
}

describe('limits', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    ['a head without end', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    ['two lengths', 'POST /api/streams HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', /^HTTP\/1\.1 400/], // prettier-ignore
    ['both length and chunks', 'POST /api/streams HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', /^HTTP\/1\.1 400/], // prettier-ignore
  ])('refuse %s', async (_name, text, expected) => {
    const { answer } = await send(text);
    expect(answer).toMatch(expected);
    expect(answer).not.toMatch(/\.js:\d|node:/);
  });

  it('end a request that comes in drops, and serve others meanwhile', async () => {
    const slow = send('GET /api/streams HTTP/1.1\r\nhost: localhost\r\n', 'x-drop: 1\r\n');
    const { seconds, answer } = await Promise.all([slow, ask(afterglow, '/healthz')]).then(([first, other]) => {
      expect(other.status).toBe(200);
      return first;
    });
    expect(seconds).toBeLessThan(60);
    expect(answer).toMatch(/^HTTP\/1\.1 408|^$/);
  });

  it('end a WebSocket that says too much', async () => {
    const socket = new WebSocket(`${afterglow.address.replace('http', 'ws')}api/live`);
    await once(socket, 'open');
    for (let i = 0; i < 400; i++) socket.send(JSON.stringify({ kind: 'ping', sent: i }));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1008);
  });

  it('refuse an address that asks too often, by the number of the configuration', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 230; i++) statuses.push((await ask(afterglow, '/api/streams')).status);
    const first = statuses.indexOf(429);
    expect(first).toBeGreaterThan(150);
    expect(first).toBeLessThanOrEqual(200);
    const refused = await ask(afterglow, '/api/streams');
    expect(JSON.parse(refused.body)).toMatchObject({ remedy: expect.any(String) as string });
    expect(refused.headers['retry-after']).toBeDefined();
  });
});

describe('recordings by HTTP', () => {
  it('are listed, sent whole and in parts, and put into a playlist', async () => {
    const folder = path.join(clipFolder, 'recordings-api');
    mkdirSync(folder, { recursive: true });
    const config = path.join(folder, 'afterglow.yaml');
    writeFileSync(
      config,
      `recordings: {folder: ${folder}/kept, minFreeGigabytes: 0}
streams:
  - {id: camera, input: ${DEMO}, pipeline: passthrough, recording: {enhanced: true, segmentSeconds: 5}}
`,
    );
    const running = await RunningAfterglow.start(['--config', config]);
    type Index = { segments: { file: string; complete: boolean; bytes: number; start: string; seconds: number }[] };
    const list = async (query = ''): Promise<Index['segments']> =>
      (JSON.parse((await ask(running, `/api/streams/camera/recordings${query}`)).body) as Index).segments;
    let whole: Index['segments'][number] | undefined;
    await running.statusWhere(({ recording }) => recording?.kind === 'recording');
    const deadline = Date.now() + 60_000;
    while (!whole && Date.now() < deadline) {
      whole = (await list()).find(({ complete }) => complete);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    if (!whole) throw new Error(`no file was completed:\n${running.output}`);
    const target = `/api/streams/camera/recordings/${whole.file}`;
    const answer = await fetch(`${running.address}${target.slice(1)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.length).toBe(whole.bytes);
    expect(bytes.subarray(4, 8).toString()).toBe('ftyp');
    const part = await fetch(`${running.address}${target.slice(1)}`, { headers: { range: 'bytes=4-7' } });
    expect(part.status).toBe(206);
    expect(await part.text()).toBe('ftyp');
    expect((await ask(running, target, { headers: { range: `bytes=${whole.bytes + 9}-` } })).status).toBe(416);

    const playlist = await ask(running, '/api/streams/camera/recordings/playlist.m3u8');
    expect(playlist.headers['content-type']).toMatch('audio/x-mpegurl');
    expect(playlist.body).toMatch(/^#EXTM3U\n#EXTINF:\d+,/);
    expect(playlist.body).toContain(`\n${whole.file}\n`);

    expect(await list('?kind=original')).toEqual([]);
    expect(await list(`?to=${whole.start}`)).toEqual([]);
    expect((await list(`?from=${whole.start}&to=2999-01-01`)).map(({ file }) => file)).toContain(whole.file);
    expect((await running.status()).totals?.recordedBytes).toBeGreaterThan(0);
    await running.stop();
  });
});
