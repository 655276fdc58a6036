import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/schema.js';
import type { ServerConfig } from '../config/server-schema.js';
import { Access } from './access.js';

const TOKEN = 'a-token-of-some-length';

function config(server: Partial<ServerConfig>): ServerConfig {
  return configSchema.parse({ server, streams: [{ id: 'a', input: 'b' }] }).server;
}

function request(headers: Record<string, string>): IncomingMessage {
  return { headers } as unknown as IncomingMessage;
}

describe('Access', () => {
  it.each(['0.0.0.0', '192.168.1.5', '::', 'camera.example'])(
    'does not open %s to the network without a token',
    (host) => {
      expect(() => new Access(config({ host }))).toThrow(/without a token/);
      expect(() => new Access(config({ host, token: TOKEN }))).not.toThrow();
    },
  );

  it('needs no token on loopback unless one is set', () => {
    expect(new Access(config({})).admits(request({}))).toBe(true);
    expect(new Access(config({ host: 'localhost' })).needsToken).toBe(false);
    expect(new Access(config({ token: TOKEN })).admits(request({}))).toBe(false);
  });

  it('admits the right token alone', () => {
    const access = new Access(config({ token: TOKEN }));
    expect(access.admits(request({ authorization: `Bearer ${TOKEN}` }))).toBe(true);
    for (const wrong of [`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, TOKEN, 'Bearer ', `Basic ${TOKEN}`]) {
      expect(access.admits(request({ authorization: wrong }))).toBe(false);
    }
  });

  it('refuses pages of other sites and names that others make resolve to this machine', () => {
    const access = new Access(config({}));
    expect(access.isSameSite(request({ host: 'localhost:8080' }))).toBe(true);
    expect(access.isSameSite(request({ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }))).toBe(true);
    expect(access.isSameSite(request({ host: '127.0.0.1:8080', origin: 'http://evil.example' }))).toBe(false);
    expect(access.isSameSite(request({ host: '127.0.0.1:8080', origin: 'null' }))).toBe(false);
    expect(access.isSameSite(request({ host: 'evil.example:8080' }))).toBe(false);
    const open = new Access(config({ host: '0.0.0.0', token: TOKEN }));
    expect(open.isSameSite(request({ host: 'camera.example:8080', origin: 'http://camera.example:8080' }))).toBe(true);
  });
});
