import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { packageRoot } from '../src/config/package-root.js';
import { streamAnswer } from '../src/server/api-schemas.js';
import type { PublishedStatus } from '../src/server/published-stream.js';
import { clipFolder } from './clip.js';
import { ask, type HttpAnswer, type HttpQuestion } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const MAIN = 'the-main-token-of-all';
const VIEW = 'a-token-for-the-wall-of-pictures';
const DESK = 'a-token-for-the-desk-of-control';

const folder = path.join(clipFolder, 'inputs');
let afterglow: RunningAfterglow;

/** A request with the token of the desk, unless another one is given. */
const desk = (target: string, question: HttpQuestion = {}): Promise<HttpAnswer> =>
  ask(afterglow, target, { token: DESK, ...question });

async function status(id: string): Promise<PublishedStatus> {
  return JSON.parse((await desk(`/api/streams/${id}`)).body) as PublishedStatus;
}

async function statusWhere(id: string, wanted: (status: PublishedStatus) => boolean): Promise<PublishedStatus> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await status(id);
    if (wanted(found)) return found;
    if (Date.now() > deadline) throw new Error(`not in time: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  copyFileSync(DEMO, path.join(folder, 'street.mp4'));
  const config = path.join(clipFolder, 'control.yaml');
  writeFileSync(
    config,
    `server:
  inputFolders: [${folder}]
  tokens:
    - {name: wall, token: ${VIEW}}
    - {name: desk, role: control, env: DESK_TOKEN}
streams:
  - {id: camera, input: ${DEMO}, pipeline: passthrough}
`,
  );
  afterglow = await RunningAfterglow.start(['--config', config], { AFTERGLOW_TOKEN: MAIN, DESK_TOKEN: DESK });
});
afterAll(async () => {
  const { output } = await afterglow.stop();
  for (const token of [MAIN, VIEW, DESK, 'hush']) expect(output).not.toContain(token);
  expect(output).not.toMatch(/\n\s+at /);
});

describe('tokens and their roles', () => {
  it.each([
    ['GET', '/api/streams', 200],
    ['GET', '/metrics', 200],
    ['GET', '/api/openapi.json', 200],
    ['GET', '/api/streams/camera/recordings', 200],
    ['POST', '/api/streams', 403],
    ['PATCH', '/api/streams/camera', 403],
    ['DELETE', '/api/streams/camera', 403],
  ])('%s %s by a token that may view', async (method, target, expected) => {
    expect((await ask(afterglow, target, { method })).status).toBe(401);
    expect((await ask(afterglow, target, { method, token: `${VIEW}x` })).status).toBe(401);
    const answer = await ask(afterglow, target, { method, token: VIEW });
    expect(answer.status).toBe(expected);
    if (expected === 403) expect(JSON.parse(answer.body)).toMatchObject({ remedy: expect.stringMatching(/control/) as string }); // prettier-ignore
  });

  it('let the main token and the desk change, and say in the log who did', async () => {
    for (const [token, strength, name] of [
      [MAIN, 0.3, 'server.token'],
      [DESK, 0.4, 'desk'],
    ] as const) {
      // prettier-ignore
      const answer = await ask(afterglow, '/api/streams/camera', { method: 'PATCH', token, body: { strength } });
      expect(JSON.parse(answer.body)).toMatchObject({ strength });
      await afterglow.outputMatching(new RegExp(`"who":"${name}".*stream changed: strength`));
    }
  });

  it('let a WebSocket of a viewer look and not change', async () => {
    const socket = new WebSocket(`${afterglow.address.replace('http', 'ws')}api/live`);
    const heard: string[] = [];
    socket.on('open', () => socket.send(JSON.stringify({ kind: 'token', token: VIEW })));
    const refused = new Promise<string>((resolve) => {
      socket.on('message', (data: Buffer) => {
        heard.push(data.toString());
        if (heard.length === 1) socket.send(JSON.stringify({ kind: 'strength', stream: 'camera', value: 0.9 }));
        if (data.toString().includes('refused')) resolve(data.toString());
      });
    });
    expect(await refused).toContain('may look and not change');
    expect((await status('camera')).strength).not.toBe(0.9);
    socket.close();
  });
});

describe('control by REST', () => {
  it('shows a stream as its document says', async () => {
    const live = await statusWhere('camera', ({ rates, state }) => state.kind === 'live' && rates !== null);
    const result = streamAnswer.safeParse(live);
    expect(result.error).toBeUndefined();
    // Nothing is shown that the document does not have.
    expect(Object.keys(live).sort()).toEqual(Object.keys(streamAnswer.shape).sort());
  });

  it('adds, changes and removes a stream', async () => {
    const input = path.join(folder, 'street.mp4');
    const added = await desk('/api/streams', {
      method: 'POST',
      body: { id: 'yard', name: 'Yard', input, pipeline: 'passthrough', maxPixels: 160_000 },
    });
    expect(added.status).toBe(201);
    expect(added.headers.location).toBe('/api/streams/yard');
    await statusWhere('yard', ({ totals }) => (totals?.encoded ?? 0) > 5);
    expect(afterglow.descendants().length).toBe(2);

    const again = await desk('/api/streams', { method: 'POST', body: { id: 'yard', input } });
    expect(again.status).toBe(409);
    expect(JSON.parse(again.body)).toMatchObject({ code: 'stream-exists' });

    const before = await status('yard');
    const renamed = await desk('/api/streams/yard', {
      method: 'PATCH',
      body: { name: 'Back yard', gate: { mode: 'dark', below: 0.1, above: 0.4 } },
    });
    expect(JSON.parse(renamed.body)).toMatchObject({ name: 'Back yard', gate: { mode: 'dark' }, lastRestart: null });

    const restarted = await desk('/api/streams/yard', { method: 'PATCH', body: { encoder: { bitrate: 500 } } });
    expect(restarted.status).toBe(200);
    expect(JSON.parse(restarted.body)).toMatchObject({ name: 'Back yard', lastRestart: { reason: 'changed' }, restarts: 0 }); // prettier-ignore
    const after = await statusWhere('yard', ({ totals }) => (totals?.encoded ?? 0) > (before.totals?.encoded ?? 0) + 5);
    expect(after.gate.mode).toBe('dark');

    expect((await desk('/api/streams/yard', { method: 'DELETE' })).status).toBe(204);
    expect((await desk('/api/streams/yard')).status).toBe(404);
    expect(afterglow.descendants().length).toBe(1);
    expect((await desk('/hls/yard/index.m3u8')).status).toBe(404);
  });

  it('changes the pipeline of a stream while it runs', async () => {
    const before = await statusWhere('camera', ({ state }) => state.kind === 'live');
    const changed = await desk('/api/streams/camera', { method: 'PATCH', body: { pipeline: 'exposure' } });
    expect(changed.status).toBe(200);
    expect(JSON.parse(changed.body)).toMatchObject({ pipeline: 'exposure', lastRestart: before.lastRestart });
    const running = await statusWhere('camera', ({ totals }) => (totals?.answers ?? 0) > (before.totals?.answers ?? 0));
    expect(running.restarts).toBe(before.restarts);
  });

  it('never shows the password of a camera', async () => {
    const input = 'rtsp://user:hush@127.0.0.1:9/ch1';
    const added = await desk('/api/streams', { method: 'POST', body: { id: 'guarded', input } });
    expect(added.status).toBe(201);
    expect(added.body).not.toContain('hush');
    const away = await statusWhere('guarded', ({ state }) => state.kind === 'reconnecting');
    expect(JSON.stringify(away)).not.toContain('hush');
    expect((await desk('/api/streams/guarded', { method: 'DELETE' })).status).toBe(204);
  });

  it.each([
    [{ id: 'x', input: '/etc/passwd' }, /^input: this file is in none/],
    [{ id: 'x', input: '/proc/self/environ' }, /^input: this file is in none/],
    [{ id: 'x', input: 'concat:a|b' }, /not supported/],
    [{ id: '../x', input: 'rtsp://a/b' }, /^id: /],
    [{ id: 'x', input: 'rtsp://a/b', pipeline: '/tmp/a.yaml' }, /^pipeline: /],
    [{ id: 'x', input: 'rtsp://a/b', pipeline: 'restore-film' }, /not for live video/],
    [{ id: 'x', input: 'rtsp://a/b', credentials: { env: 'AFTERGLOW_TOKEN' } }, /^credentials: /],
    [{ id: 'x', input: 'rtsp://a/b', more: 1 }, /more/],
    ['[]', /JSON object/],
    ['null', /JSON object/],
    ['{"a":', /./],
    ['{"__proto__": {"id": "x"}}', /./],
  ])('refuses to add %j with 400 and a sentence', async (body, message) => {
    const answer = await desk('/api/streams', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    const { error, remedy } = JSON.parse(answer.body) as { error: string; remedy: string };
    expect(error).toMatch(message);
    expect(remedy).toMatch(/\w/);
    expect(answer.body).not.toMatch(/\.[jt]s:\d/);
  });

  it.each([
    ['POST', '/api/streams', 'x'.repeat(70_000), 413],
    ['POST', '/api/streams', '<xml/>', 415],
    ['PATCH', '/api/streams/nobody', { strength: 1 }, 404],
    ['DELETE', '/api/streams/nobody', undefined, 404],
    ['PATCH', '/api/streams/camera', { id: 'other' }, 400],
    ['PATCH', '/api/streams/camera', { strength: 'much' }, 400],
    ['PATCH', '/api/streams/camera', { gate: { mode: 'sometimes' } }, 400],
    ['PUT', '/api/streams/camera', {}, 404],
    ['GET', '/api/streams/camera/snapshot.jpg?view=other', undefined, 400],
    ['GET', '/api/streams/camera/recordings?from=yesterday', undefined, 400],
    ['GET', '/api/streams/camera/recordings/..%2f..%2fpackage.json', undefined, 404],
    ['GET', '/api/streams/camera/recordings/index.json', undefined, 404],
    ['GET', '/api/streams/camera/recordings/enhanced-20260101T000000Z.mp4', undefined, 404],
  ])('%s %s answers without a fault of its own', async (method, target, body, expected) => {
    const headers = typeof body === 'string' ? { 'content-type': body.startsWith('<') ? 'text/xml' : 'application/json' } : {}; // prettier-ignore
    const answer = await desk(target, { method, body, headers });
    expect(answer.status).toBe(expected);
    expect(JSON.parse(answer.body)).toMatchObject({ error: expect.any(String) as string, remedy: expect.any(String) as string }); // prettier-ignore
  });

  it('describes every route', async () => {
    const document = JSON.parse((await desk('/api/openapi.json')).body) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string; security?: object[]; responses: object; requestBody?: { content: object } }>>; // prettier-ignore
    };
    expect(document.openapi).toBe('3.1.0');
    const found = Object.entries(document.paths).flatMap(([target, methods]) =>
      Object.entries(methods).map(([method, route]) => {
        expect(route.summary, target).toMatch(/\w/);
        const open = /^\/(healthz|readyz|downloads)\b/.test(target);
        expect(route.security, target).toEqual(open ? [] : [{ token: [] }]);
        expect(Object.keys(route.responses)).toContain(open ? '200' : '401');
        return `${method.toUpperCase()} ${target}`;
      }),
    );
    expect(found).toEqual(
      expect.arrayContaining([
        'GET /api/streams',
        'POST /api/streams',
        'PATCH /api/streams/{id}',
        'DELETE /api/streams/{id}',
        'POST /api/streams/{id}/whep',
        'POST /api/streams/{id}/whip',
        'GET /api/streams/{id}/snapshot.jpg',
        'GET /api/streams/{id}/recordings',
        'GET /api/streams/{id}/recordings/playlist.m3u8',
        'GET /api/streams/{id}/recordings/{file}',
        'GET /hls/{id}/{file}',
        'GET /metrics',
        'GET /healthz',
        'GET /readyz',
      ]),
    );
    expect(Object.keys(document.paths['/api/streams/{id}/whep']?.['post']?.requestBody?.content ?? {})).toEqual([
      'application/sdp',
    ]);
  });
});
