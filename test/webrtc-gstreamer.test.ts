import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { GStreamerPeer } from './gstreamer-peer.js';
import { RunningAfterglow } from './running-afterglow.js';
import { smallClip } from './small-clip.js';
import { ENGINES } from './webrtc-engines.js';

let folder = '';
let running: RunningAfterglow | null = null;
let peer: GStreamerPeer | null = null;
afterEach(async () => {
  await peer?.kill();
  await running?.stop();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
  running = peer = null;
  folder = '';
});

describe.each(ENGINES)('GStreamer as a viewer by $name', ({ environment }) => {
  async function join(...options: readonly string[]): Promise<RunningAfterglow> {
    const clip = smallClip('gstreamer.mp4', 150, { width: 320, height: 180 }, 440);
    running = await RunningAfterglow.start(['--input', clip, '--pipeline', 'passthrough'], environment);
    await running.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 5);
    peer = new GStreamerPeer('whep_viewer.py', [`${running.address}api/streams/camera/whep`, ...options]);
    return running;
  }

  it('decodes pictures, gets sound, and is gone after it says so', async () => {
    const afterglow = await join();
    await peer?.lineMatching(/^picture 30 320x180$/);
    await peer?.lineMatching(/^sound 60$/);
    expect((await afterglow.status()).viewers).toBe(1);
    peer?.leave();
    await peer?.lineMatching(/^left 204$/);
    expect((await afterglow.status()).viewers).toBe(0);
  });

  it('decodes pictures without sound where it wants none', async () => {
    await join('--no-sound');
    await peer?.lineMatching(/^picture 30 320x180$/);
    expect(peer?.lines.filter((line) => line.startsWith('sound'))).toEqual([]);
  });
});

describe('GStreamer as a publisher', () => {
  it.each([
    ['h264', 'with sound'],
    ['vp8', 'without sound'],
  ] as const)('of %s %s is shown, and ends when it says so', async (codec, sound) => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-gstreamer-'));
    const config = path.join(folder, 'afterglow.yaml');
    writeFileSync(config, JSON.stringify({ streams: [{ id: 'studio', input: 'whip', pipeline: 'passthrough' }] }));
    running = await RunningAfterglow.start(['--config', config]);
    await running.statusWhere(({ state }) => state.kind === 'reconnecting', 'studio');
    const hasSound = sound === 'with sound';
    const address = `${running.address}api/streams/studio/whip`;
    peer = new GStreamerPeer('whip_publisher.py', [address, '--codec', codec, ...(hasSound ? ['--sound'] : [])]);
    await peer.lineMatching(/^joined/);
    const live = await running.statusWhere(
      ({ state, totals }) => state.kind === 'live' && (totals?.decoded ?? 0) > 30,
      'studio',
    );
    expect(live.state).toMatchObject({ source: { codec, sound: hasSound, width: 320, height: 180 } });
    peer.leave();
    await peer.lineMatching(/^left 200$/);
    await running.statusWhere(({ state }) => state.kind === 'reconnecting', 'studio');
  });
});
