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
    expect(new Access(config({})).whoAsks(request({}))).toMatchObject({ role: 'control' });
    expect(new Access(config({ host: 'localhost' })).needsToken).toBe(false);
    expect(new Access(config({ token: TOKEN })).whoAsks(request({}))).toBeNull();
  });

  it('admits the right token alone', () => {
    const access = new Access(config({ token: TOKEN }));
    expect(access.whoAsks(request({ authorization: `Bearer ${TOKEN}` }))).toMatchObject({ role: 'control' });
    for (const wrong of [`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, TOKEN, 'Bearer ', `Basic ${TOKEN}`]) {
      expect(access.whoAsks(request({ authorization: wrong }))).toBeNull();
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

  it('lets pages of other sites in that are named', () => {
    const access = new Access(config({ cors: ['https://wall.example'] }));
    const from = (origin: string, host = '127.0.0.1:8080'): boolean => access.isSameSite(request({ host, origin }));
    expect(from('https://wall.example')).toBe(true);
    expect(from('http://wall.example')).toBe(false);
    expect(from('https://wall.example.evil')).toBe(false);
    // A name that others make resolve to this machine stays refused.
    expect(from('https://wall.example', 'evil.example:8080')).toBe(false);
  });

  it('takes other tokens while it runs, and knows who was admitted by which', () => {
    const first = { name: 'wall', role: 'view' as const, token: 'the-first-token-of-wall' };
    const access = new Access(config({ host: '0.0.0.0', tokens: [first] }));
    const who = access.whoKnows(first.token);
    expect(who).toEqual({ name: 'wall', role: 'view' });
    if (!who) throw new Error('not admitted');
    access.reload(config({ host: '0.0.0.0', tokens: [{ ...first, role: 'control' }] }));
    expect(access.renew(who)).toEqual({ name: 'wall', role: 'control' });
    access.reload(config({ host: '0.0.0.0', tokens: [{ ...first, token: 'another-token-of-wall' }] }));
    expect(access.renew(who)).toBeNull();
    expect(() => access.reload(config({ host: '0.0.0.0' }))).toThrow(/without a token/);
    expect(access.whoKnows('another-token-of-wall')).not.toBeNull();
  });
});
