import { describe, expect, it } from 'vitest';
import { changeBetween } from './config-change.js';
import { configSchema, type Config } from './schema.js';

function config(streams: readonly object[], rest: object = {}): Config {
  return configSchema.parse({ streams, ...rest });
}

const gate = { id: 'gate', input: 'rtsp://user:hush@10.0.0.7/ch1' };
const yard = { id: 'yard', input: 'yard.mp4' };

describe('changeBetween', () => {
  it('finds nothing where nothing is', () => {
    const change = changeBetween(config([gate, yard]), config([{ ...yard, strength: 1 }, gate]));
    expect(change).toEqual({ added: [], removed: [], changed: [], settings: false, lines: [], needRestart: [] });
  });

  it('tells streams that came, went and changed, line by line and without passwords', () => {
    const change = changeBetween(
      config([gate, yard]),
      config([{ ...gate, strength: 0.5, input: 'rtsp://user:secret@10.0.0.8/ch1' }, { id: 'door', input: 'rtsp://a:hush@b/c' }]), // prettier-ignore
    );
    expect(change.added.map(({ id }) => id)).toEqual(['door']);
    expect(change.removed).toEqual(['yard']);
    expect(change.changed.map(({ id }) => id)).toEqual(['gate']);
    expect(change.lines).toEqual([
      'stream yard: removed',
      'stream door: added (rtsp://***@b/c, night-cctv)',
      'stream gate: input: rtsp://***@10.0.0.7/ch1 -> rtsp://***@10.0.0.8/ch1',
      'stream gate: strength: 1 -> 0.5',
    ]);
  });

  it('tells what acts at once from what needs a new start, and shows no token', () => {
    const change = changeBetween(
      config([], { server: { token: 'the-old-token-here' } }),
      config([], {
        server: { token: 'the-new-token-here', port: 9000, cors: ['https://wall.example'], tls: { certificate: 'a', key: 'b' } }, // prettier-ignore
        log: { level: 'debug' },
        webrtc: { ports: [40000, 40100] },
      }),
    );
    expect(change.settings).toBe(true);
    expect(change.lines).toEqual(['server.token changed', 'server.cors: [] -> ["https://wall.example"]', 'log.level: info -> debug']); // prettier-ignore
    expect(change.needRestart).toEqual([
      'server.port: 8080 -> 9000',
      'server.tls: none -> {"certificate":"a","key":"b"}',
      'webrtc.ports: none -> [40000,40100]',
    ]);
  });
});
