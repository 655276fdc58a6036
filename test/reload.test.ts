import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { ask } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';
import { WhepClient } from './whep-client.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const TOKEN = 'a-token-that-nobody-guesses';

let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

function config(name: string, text: string): string {
  const file = path.join(clipFolder, name);
  writeFileSync(file, text);
  return file;
}

const stream = (id: string, more = ''): string => `  - {id: ${id}, input: ${DEMO}, pipeline: passthrough${more}}\n`;

describe('SIGHUP', () => {
  it('applies the differences alone, refuses what is at fault, and names what needs a new start', async () => {
    const file = config('reload.yaml', `streams:\n${stream('kept')}${stream('changed')}${stream('gone')}`);
    running = await RunningAfterglow.start(['--config', file]);
    const afterglow = running;
    await afterglow.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 5, 'kept');
    await afterglow.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 5, 'changed');

    config('reload.yaml', `streams:\n${stream('kept')}${stream('changed', ', strenth: 1')}`);
    afterglow.signal('SIGHUP');
    await afterglow.outputMatching(/configuration refused: .*reload\.yaml:3: streams\[1\]: .*strenth/);
    await afterglow.outputMatching(/the configuration before stays in force/);
    expect((await afterglow.status('gone')).id).toBe('gone');

    config(
      'reload.yaml',
      `server: {port: 1234, maxViewers: 3}\nlog: {level: debug}\nwebrtc: {ports: [41000, 41010]}\nstreams:\n${stream('kept')}` +
        `${stream('changed', ', strength: 0.25, name: Other')}${stream('new')}`,
    );
    afterglow.signal('SIGHUP');
    await afterglow.outputMatching(/configuration loaded anew/);
    for (const line of [
      'stream gone: removed',
      'stream new: added',
      'stream changed: strength: 1 -> 0.25',
      'stream changed: name: none -> Other',
      'server.maxViewers: 20 -> 3',
      'log.level: info -> debug',
    ]) {
      expect(afterglow.output).toContain(`configuration: ${line}`);
    }
    expect(afterglow.output).toContain('webrtc.ports: none -> [41000,41010] (acts after a new start of Afterglow)');
    await expect(afterglow.status('gone')).rejects.toThrow(/404/);
    expect(await afterglow.status('changed')).toMatchObject({ strength: 0.25, name: 'Other', lastRestart: null });
    expect(await afterglow.status('kept')).toMatchObject({ lastRestart: null });
    await afterglow.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 5, 'new');
  });

  it('disconnects who watches by a token that is gone, and nobody else', async () => {
    const yaml = (names: readonly string[]): string =>
      `server: {tokens: [${names.map((name) => `{name: ${name}, role: view, token: the-token-of-${name}-x}`).join(', ')}]}\nstreams:\n${stream('camera')}`;
    const file = config('tokens.yaml', yaml(['guest', 'desk']));
    running = await RunningAfterglow.start(['--config', file], { AFTERGLOW_TOKEN: TOKEN });
    const [guest, desk] = await Promise.all(
      ['guest', 'desk'].map((name) =>
        WhepClient.join(running?.address ?? '', 'camera', { token: `the-token-of-${name}-x` }),
      ),
    );
    try {
      await Promise.all([guest?.packets(1), desk?.packets(1)]);
      config('tokens.yaml', yaml(['desk']));
      running.signal('SIGHUP');
      const viewers = async (): Promise<number> => {
        const { body } = await ask(running as RunningAfterglow, '/api/streams/camera', { token: TOKEN });
        return (JSON.parse(body) as { viewers: number }).viewers;
      };
      await expect.poll(viewers).toBe(1);
      const seen = guest?.received;
      await desk?.packets(20);
      expect(guest?.received).toBe(seen);
    } finally {
      await Promise.all([guest?.close(), desk?.close()]);
    }
  });

  it('takes back what the API has changed', async () => {
    const file = config('back.yaml', `streams:\n${stream('camera')}`);
    running = await RunningAfterglow.start(['--config', file]);
    await ask(running, '/api/streams/camera', { method: 'PATCH', body: { name: 'By hand' } });
    await ask(running, '/api/streams', { method: 'POST', body: { id: 'guest', input: 'rtsp://127.0.0.1:9/x' } });
    expect((await running.status('guest')).id).toBe('guest');
    running.signal('SIGHUP');
    await running.outputMatching(/configuration loaded anew/);
    expect((await running.status('camera')).name).toBe('camera');
    await expect(running.status('guest')).rejects.toThrow(/404/);
  });

  it('has nothing to load where there is no file, and ends nothing', async () => {
    running = await RunningAfterglow.start(['--input', DEMO, '--pipeline', 'passthrough']);
    running.signal('SIGHUP');
    await running.outputMatching(/no configuration file to load anew/);
    expect((await running.status()).id).toBe('camera');
  });
});

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

function makePair(name: string): Pair {
  const [certificate, key] = [path.join(clipFolder, `${name}.crt`), path.join(clipFolder, `${name}.key`)];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate]
      .concat(['-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']), // prettier-ignore
    { stdio: 'ignore' },
  );
  return { certificate, key };
}

/** One GET over TLS; says whose certificate was shown. */
function getSecure(
  address: string,
  ca: string,
  agent: https.Agent,
): Promise<{ readonly status: number; readonly name: string; readonly reused: boolean }> {
  return new Promise((resolve, reject) => {
    const request = https.get(
      `${address}api/streams`,
      { ca: readFileSync(ca), agent, headers: { authorization: `Bearer ${TOKEN}` } },
      (response) => {
        const { socket } = response;
        const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : '';
        response.resume().on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            name: typeof name === 'string' ? name : '',
            reused: request.reusedSocket,
          }),
        );
      },
    );
    request.on('error', reject);
  });
}

describe('TLS', () => {
  it('serves HTTPS and WSS, and takes a new certificate while connections stay', async () => {
    const [old, next] = [makePair('first.example'), makePair('second.example')];
    const yaml = ({ certificate, key }: Pair): string =>
      `server: {tls: {certificate: ${certificate}, key: ${key}}}\nstreams:\n${stream('camera')}`;
    const file = config('tls.yaml', yaml(old));
    running = await RunningAfterglow.start(['--config', file], { AFTERGLOW_TOKEN: TOKEN });
    expect(running.address).toMatch(/^https:/);
    const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
    expect(await getSecure(running.address, old.certificate, kept)).toMatchObject({
      status: 200,
      name: 'first.example',
    });

    const socket = new WebSocket(`${running.address.replace('https', 'wss')}api/live`, {
      ca: readFileSync(old.certificate),
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('message', () => resolve());
      socket.once('error', reject);
    });

    config('tls.yaml', yaml(next));
    running.signal('SIGHUP');
    await running.outputMatching(/configuration loaded anew/);
    const fresh = new https.Agent({ keepAlive: false, maxCachedSessions: 0 });
    expect(await getSecure(running.address, next.certificate, fresh)).toMatchObject({ name: 'second.example' });
    expect(await getSecure(running.address, old.certificate, kept)).toMatchObject({ status: 200, reused: true });
    expect(socket.readyState).toBe(socket.OPEN);
    socket.close();

    // One that does not fit is refused, and the good one stays.
    config('tls.yaml', yaml({ certificate: next.certificate, key: old.key }));
    running.signal('SIGHUP');
    await running.outputMatching(/configuration refused: the key .*first\.example\.key does not belong to/);
    expect(await getSecure(running.address, next.certificate, fresh)).toMatchObject({ name: 'second.example' });
    kept.destroy();
    fresh.destroy();
  });

  it.each([
    ['a file that is not there', (pair: Pair) => ({ ...pair, certificate: '/nowhere/a.crt' }), /server\.tls\.certificate, \/nowhere\/a\.crt, does not exist: check/], // prettier-ignore
    [
      'a key that is none',
      (pair: Pair) => ({ ...pair, key: pair.certificate }),
      /server\.tls\.key, .* holds no PEM key/,
    ],
  ])('says what is wrong with %s', async (_name, damage, message) => {
    const { certificate, key } = damage(makePair('broken.example'));
    const file = config('broken-tls.yaml', `server: {tls: {certificate: ${certificate}, key: ${key}}}\nstreams:\n${stream('camera')}`); // prettier-ignore
    const { code, output } = await RunningAfterglow.toEnd(['--config', file]);
    expect(code).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/\n\s+at /);
  });
});

describe('pages of other sites', () => {
  it('may use the API where they are named, by WebSocket too, and nowhere else', async () => {
    const file = config('cors.yaml', `server: {cors: ["https://wall.example"]}\nstreams:\n${stream('camera')}`);
    running = await RunningAfterglow.start(['--config', file], { AFTERGLOW_TOKEN: TOKEN });
    const preflight = (origin: string) =>
      ask(running as RunningAfterglow, '/api/streams/camera', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization',
        },
      });
    const allowed = await preflight('https://wall.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://wall.example');
    expect(allowed.headers['access-control-allow-methods']).toContain('PATCH');
    const refused = await preflight('https://evil.example');
    expect(refused.status).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();

    const get = (origin: string) =>
      ask(running as RunningAfterglow, '/api/streams', { token: TOKEN, headers: { origin } });
    expect((await get('https://wall.example')).headers['access-control-allow-origin']).toBe('https://wall.example');
    expect((await get('https://evil.example')).status).toBe(403);

    const live = `${running.address.replace('http', 'ws')}api/live`;
    const opened = (origin: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = new WebSocket(live, { origin });
        socket.on('open', () => resolve(true)).on('error', () => resolve(false));
        socket.on('open', () => socket.close());
      });
    expect(await opened('https://wall.example')).toBe(true);
    expect(await opened('https://evil.example')).toBe(false);
  });
});
