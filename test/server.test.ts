import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { ask, type HttpAnswer } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const TOKEN = 'a-token-that-nobody-guesses';

/** How a WebSocket ended, and what it was told. */
function listen(
  address: string,
  options: { origin?: string; say?: string } = {},
): Promise<{ code: number; heard: string }> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = new WebSocket(address, options.origin === undefined ? {} : { origin: options.origin });
    socket.on('open', () => options.say !== undefined && socket.send(options.say));
    socket.on('message', (data: Buffer) => {
      heard += data.toString();
      if (heard.includes('"streams"')) socket.close(1000);
    });
    socket.on('unexpected-response', (_request, response) => resolve({ code: response.statusCode ?? 0, heard }));
    socket.on('close', (code) => resolve({ code, heard }));
    socket.on('error', () => undefined);
  });
}

describe('a server without a token', () => {
  let afterglow: RunningAfterglow;
  beforeAll(async () => {
    afterglow = await RunningAfterglow.start(['--input', DEMO, '--pipeline', 'passthrough']);
    await afterglow.statusWhere((status) => status.state.kind === 'live');
  });
  afterAll(async () => {
    const { output } = await afterglow.stop();
    expect(output).not.toMatch(/\n\s+at /);
  });

  it('listens on loopback alone and sends the page with a strict policy', async () => {
    expect(new URL(afterglow.address).hostname).toBe('127.0.0.1');
    const page = await ask(afterglow, '/');
    expect(page.status).toBe(200);
    expect(page.body).toMatch(/<title[ >]/);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    // What the policy forbids is not in the page.
    expect(page.body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/hls/camera/..%2findex.m3u8',
    '/hls/camera/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/hls/..%2f..%2fetc/passwd',
    '/hls/camera/segment-1.ts%00.m3u8',
    '/hls/camera/compare/../../../etc/passwd',
    '/hls/constructor/index.m3u8',
    '/api/streams/__proto__',
    '/api/streams/..%2f..%2fpackage.json',
    '/%',
    '//',
  ])('gives nothing away for %s', async (target) => {
    const { status, body } = await ask(afterglow, target);
    if (target === '//') expect(status).toBeLessThan(500);
    else expect([400, 403, 404]).toContain(status);
    expect(body).not.toContain('devDependencies');
    expect(body).not.toContain('root:');
  });

  it('says that a stream or a file is not there', async () => {
    const unknown = await ask(afterglow, '/api/streams/nobody');
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.body)).toMatchObject({ code: 'stream-unknown', remedy: expect.any(String) as string });
    const segment = await ask(afterglow, '/hls/camera/compare/segment-1.ts');
    expect(segment.status).toBe(404);
    expect(segment.headers['content-type']).toMatch('application/json');
  });

  it('refuses pages of other sites, and names that other sites may point here', async () => {
    expect((await ask(afterglow, '/api/streams', { headers: { origin: 'http://evil.example' } })).status).toBe(403);
    expect((await ask(afterglow, '/api/streams', { headers: { host: 'evil.example' } })).status).toBe(403);
    const live = `${afterglow.address.replace('http', 'ws')}api/live`;
    expect((await listen(live, { origin: 'http://evil.example' })).code).toBe(403);
    expect((await listen(live)).code).toBe(1000);
  });

  it('answers no offer that is too long, not SDP, or without H.264', async () => {
    const whep = '/api/streams/camera/whep';
    const offer = (body: string, type = 'application/sdp'): Promise<HttpAnswer> =>
      ask(afterglow, whep, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await offer('v=0'.padEnd(70_000, 'x'))).status).toBe(413);
    expect((await offer('v=0', 'text/html')).status).toBe(415);
    expect((await offer('{}', 'application/json')).status).toBe(415);
    for (const body of ['', 'hello', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n']) {
      const { status, body: answer } = await offer(body);
      expect([400, 415]).toContain(status);
      expect(answer).not.toMatch(/ at .*\.js/);
    }
    const gone = await ask(afterglow, `${whep}/0b0e9a4e-0000-4000-8000-000000000000`, { method: 'DELETE' });
    expect(gone.status).toBe(404);
    expect((await afterglow.status()).viewers).toBe(0);
  });

  it('ends WebSockets that send what is not understood, and goes on', async () => {
    const live = `${afterglow.address.replace('http', 'ws')}api/live`;
    const { port } = new URL(afterglow.address);
    for (const say of ['nonsense', '{"kind":"strength","stream":"camera","value":7}', '{"kind":"x"}']) {
      const socket = new WebSocket(live);
      socket.on('open', () => socket.send(say));
      const code = await new Promise((resolve) => socket.on('close', resolve));
      expect(code).toBe(1003);
    }
    // An upgrade of an address that is none.
    const upgrade = http.request({ port, host: '127.0.0.1', path: '//', headers: { connection: 'upgrade', upgrade: 'websocket' } }); // prettier-ignore
    upgrade.on('error', () => undefined).end();
    await new Promise((resolve) => upgrade.on('close', resolve));
    expect((await ask(afterglow, '/healthz')).status).toBe(200);
  });

  it('limits how many viewers may join in a minute', async () => {
    let last: HttpAnswer | null = null;
    for (let i = 0; i < 310; i++) {
      last = await ask(afterglow, '/api/streams/camera/whep', {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: 'x',
      });
      if (last.status === 429) break;
    }
    expect(last?.status).toBe(429);
  });
});

describe('a server with a token', () => {
  let afterglow: RunningAfterglow;
  beforeAll(async () => {
    const config = path.join(clipFolder, 'token.yaml');
    writeFileSync(config, `streams:\n  - {id: camera, input: ${DEMO}, pipeline: passthrough}\n`);
    afterglow = await RunningAfterglow.start(['--config', config], { AFTERGLOW_TOKEN: TOKEN });
  });
  afterAll(async () => {
    const { output } = await afterglow.stop();
    expect(output).not.toContain(TOKEN);
  });

  it.each([
    '/api/streams',
    '/api/streams/camera',
    '/hls/camera/index.m3u8',
    '/%61pi/streams',
    '/api/%73treams/camera',
    '/hl%73/camera/index.m3u8',
  ])('wants it for %s, however it is written', async (target) => {
    const without = await ask(afterglow, target);
    expect(without.status).toBe(401);
    expect(without.headers['www-authenticate']).toBe('Bearer');
    expect(without.body).not.toContain('passthrough');
    for (const wrong of ['Bearer wrong', 'Bearer ', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
      expect((await ask(afterglow, target, { headers: { authorization: wrong } })).status).toBe(401);
    }
    const { status } = await ask(afterglow, target, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([200, 404]).toContain(status);
  });

  it('does not take it from the address, where logs would keep it', async () => {
    expect((await ask(afterglow, `/api/streams?token=${TOKEN}`)).status).toBe(401);
  });

  it('shows the page and its health without it', async () => {
    expect((await ask(afterglow, '/')).status).toBe(200);
    expect((await ask(afterglow, '/healthz')).status).toBe(200);
  });

  it('tells a WebSocket nothing before it', async () => {
    const live = `${afterglow.address.replace('http', 'ws')}api/live`;
    const wrong = await listen(live, { say: JSON.stringify({ kind: 'token', token: 'guess' }) });
    expect(wrong.code).toBe(4401);
    expect(wrong.heard).not.toContain('camera');
    const right = await listen(live, { say: JSON.stringify({ kind: 'token', token: TOKEN }) });
    expect(right.heard).toContain('camera');
    const early = await listen(live, { say: JSON.stringify({ kind: 'strength', stream: 'camera', value: 0 }) });
    expect(early.heard).not.toContain('camera');
    expect(early.code).toBe(4401);
  });
});
