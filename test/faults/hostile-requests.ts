import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { randomBytes, type Random } from './random-source.js';

/** An answer that a server must never give, or null. */
export function offence(status: number, text: string): string | null {
  if (status >= 500 && status !== 503) return `status ${status}`;
  if (/\n\s+at .+:\d+:\d+|node_modules|\/dist\/src\//.test(text)) return 'a stack trace';
  return null;
}

/** Parts of addresses that people try. */
const PATHS = [
  'api/streams', 'api/streams/healthy', 'api/streams/healthy/whep', 'api/streams/healthy/whip', 'api/streams/nobody',
  'api/streams/healthy/snapshot.jpg', 'api/streams/healthy/recordings', 'hls/healthy/index.m3u8', 'healthz', 'readyz',
  'metrics', 'api/openapi.json', 'api/..%2f..%2fetc%2fpasswd', 'hls/healthy/..%2f..%2findex.m3u8', '..%5c..%5cwindows',
  'hls/healthy/segment-0.ts', 'hls/healthy/whip.sdp', 'api/streams/%00', 'api/streams/healthy%00', '%', '%ff%fe', '//',
  'api/streams/healthy/recordings/..%2findex.json', 'hls/%2e%2e/%2e%2e/etc/passwd', 'assets/../../package.json',
  'api/streams/healthy/recordings/enhanced-20260101T000000Z.mp4',
]; // prettier-ignore
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'BREW'];
const TYPES = [
  'application/json',
  'application/sdp',
  'text/plain',
  'multipart/form-data',
  '',
  'application/json; charset=\u00ff',
  'x',
];
const INPUTS = [
  'concat:/etc/passwd|/etc/shadow', 'file:/etc/passwd', '/etc/passwd', 'http://169.254.169.254/', 'rtsp://', 'rtsp://\u0000',
  'tcp://127.0.0.1:22', 'data:text/plain,x', 'subfile,,start,0,end,0,,:/etc/passwd', 'pipe:0', '/dev/zero', '/dev/video9999',
  'crypto:/etc/passwd', 'whip:/etc/passwd', '../../../etc/passwd', 'rtsp://a@b@c@d/e?f#g', 'x'.repeat(5000), '', ' ', '\n',
]; // prettier-ignore
const OFFER = [
  'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=recvonly', 'a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuvwx', 'a=rtcp-mux',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`, 'a=setup:actpass', 'a=rtpmap:96 H264/90000',
]; // prettier-ignore

/** A request as it goes over the wire. */
export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Makes the next hostile request. */
export function hostileRequest(random: Random): HostileRequest {
  const pick = <Value>(of: readonly Value[]): Value => of[Math.floor(random() * of.length)] as Value;
  const method = pick(METHODS);
  let path = `/${pick(PATHS)}`;
  if (random() < 0.3) path += `?${randomText(random, 40)}=${randomText(random, 200)}`;
  if (random() < 0.1) path = `/${'a/'.repeat(Math.floor(random() * 3000))}`;
  if (random() < 0.1) path = `/${encodeURI(randomText(random, 100))}`;
  const headers = [`content-type: ${pick(TYPES)}`];
  if (random() < 0.2) headers.push(`x-${'a'.repeat(Math.floor(random() * 20_000))}: b`);
  if (random() < 0.2) headers.push(`authorization: Bearer ${randomBytes(random, 60).toString('base64')}`);
  if (random() < 0.1) headers.push(`range: bytes=${randomText(random, 20)}`);
  if (random() < 0.1) headers.push(`origin: ${randomText(random, 30)}`);
  return {
    method,
    path,
    headers: headers.map((line) => line.replace(/[\r\n]/g, ' ')),
    body: hostileBody(random, pick),
  };
}

function hostileBody(random: Random, pick: <Value>(of: readonly Value[]) => Value): Buffer {
  const kind = random();
  if (kind < 0.2) return Buffer.alloc(0);
  if (kind < 0.35) return randomBytes(random, Math.floor(random() * 2000));
  if (kind < 0.45) return Buffer.from('{"id":"x","input":'.repeat(Math.floor(random() * 200)));
  if (kind < 0.7) return Buffer.from(mutatedOffer(random));
  const value = pick<unknown>([
    null,
    -1,
    1e308,
    [],
    {},
    '__proto__',
    { constructor: 1 },
    pick(INPUTS),
    true,
    'x'.repeat(9000),
  ]);
  const field = pick([
    'input',
    'strength',
    'gate',
    'regions',
    'recording',
    'pipeline',
    '__proto__',
    'id',
    'encoder',
    'name',
  ]);
  return Buffer.from(JSON.stringify({ id: `fuzz-${Math.floor(random() * 5)}`, input: pick(INPUTS), [field]: value }));
}

function mutatedOffer(random: Random): string {
  const lines = [...OFFER];
  for (let changes = 1 + Math.floor(random() * 5); changes > 0; changes--) {
    const at = Math.floor(random() * lines.length);
    const way = random();
    if (way < 0.25) lines.splice(at, 1);
    else if (way < 0.5) lines.splice(at, 0, lines[Math.floor(random() * lines.length)] ?? '');
    else if (way < 0.75) lines[at] = (lines[at] ?? '').slice(0, Math.floor(random() * 20)) + randomText(random, 30);
    else lines[at] = (lines[at] ?? '').replace(/\d+/, () => String(Math.floor(random() * 1e12) - 1e6));
  }
  return lines.join(random() < 0.9 ? '\r\n' : '\n');
}

function randomText(random: Random, longest: number): string {
  return randomBytes(random, Math.floor(random() * longest)).toString('latin1');
}

/** Sends a request as it is, which no HTTP library would. Resolves with status and text; status 0 for a closed connection. */
export function sendRaw(port: number, request: HostileRequest): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
    };
    socket.setTimeout(5000, end);
    socket.on('data', (chunk) => {
      // Enough to see what kind of answer it is.
      if (text.length < 65_536) text += chunk.toString('latin1');
      else end();
    });
    socket.on('error', end).on('close', end);
    const { method, path, headers, body } = request;
    const head = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', 'connection: close', ...headers];
    socket.write(
      Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1'), body]),
    );
  });
}

/** Sends hostile messages over a WebSocket. Resolves when it is closed or was silent for a moment. */
export function sendToSocket(address: string, random: Random): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${address.replace('http', 'ws')}api/live`);
    const end = (): void => {
      socket.terminate();
      resolve();
    };
    socket.on('error', end).on('close', end);
    socket.on('open', () => {
      for (let i = 0; i < 5; i++) {
        const kind = random();
        if (kind < 0.3) socket.send(randomBytes(random, Math.floor(random() * 5000)));
        else if (kind < 0.6)
          socket.send(JSON.stringify({ kind: 'strength', stream: 'healthy', value: { a: random() } }));
        else if (kind < 0.8) socket.send('{"kind":'.repeat(Math.floor(random() * 500)));
        else socket.send('x'.repeat(Math.floor(random() * 200_000)));
      }
      setTimeout(end, 50);
    });
  });
}
