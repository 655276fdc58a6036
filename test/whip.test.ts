import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningAfterglow } from './running-afterglow.js';
import { ViewerBrowser } from './viewer-browser.js';

let folder = '';
let running: RunningAfterglow | null = null;
let browser: ViewerBrowser | null = null;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-whip-'))));
afterEach(async () => {
  await browser?.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
  running = browser = null;
});

/** Publishes the browser's camera and microphone. Returns the HTTP status and the address of the publication. */
function publish(page: Page, codec: 'video/H264' | 'video/VP8'): Promise<{ status: number; location: string | null }> {
  return page.evaluate(async (wanted) => {
    const connection = new RTCPeerConnection();
    const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
    for (const track of media.getTracks()) {
      const transceiver = connection.addTransceiver(track, { direction: 'sendonly' });
      if (track.kind !== 'video') continue;
      const { codecs } = RTCRtpSender.getCapabilities('video') ?? { codecs: [] };
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === wanted));
    }
    await connection.setLocalDescription(await connection.createOffer());
    const response = await fetch('/api/streams/studio/whip', {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: connection.localDescription?.sdp ?? '',
    });
    if (response.ok) await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    Object.assign(window, { publication: connection });
    return { status: response.status, location: response.headers.get('location') };
  }, codec);
}

/** Ends the connection without a word, as a lost network does for the server. */
function vanish(page: Page): Promise<void> {
  return page.evaluate(() => {
    (window as unknown as { publication: RTCPeerConnection }).publication.close();
  });
}

async function start(): Promise<RunningAfterglow> {
  const config = path.join(folder, 'afterglow.yaml');
  const streams = [
    { id: 'studio', input: 'whip', pipeline: 'passthrough' },
    { id: 'other', input: 'rtsp://127.0.0.1:9/none', pipeline: 'passthrough' },
  ];
  writeFileSync(config, JSON.stringify({ streams }));
  running = await RunningAfterglow.start(['--config', config]);
  return running;
}

describe('a stream whose input is whip', () => {
  it.each(['video/H264', 'video/VP8'] as const)('shows what a browser publishes as %s, with sound', async (codec) => {
    const afterglow = await start();
    const waiting = await afterglow.statusWhere(({ state }) => state.kind === 'reconnecting', 'studio');
    expect(waiting.input).toBe('WHIP');
    expect(waiting.state.kind === 'reconnecting' && waiting.state.error).toMatchObject({
      code: 'input-unreachable',
      message: 'waiting for a publisher',
      remedy: 'publish by WHIP to /api/streams/studio/whip',
    });

    browser = await ViewerBrowser.open(afterglow.address, { fakeCamera: true });
    const first = await publish(browser.page, codec);
    expect(first.status).toBe(201);
    const live = await afterglow.statusWhere(
      ({ state, totals }) => state.kind === 'live' && (totals?.decoded ?? 0) > 30,
      'studio',
      20,
    );
    expect(live.state).toMatchObject({
      source: { codec: codec === 'video/VP8' ? 'vp8' : 'h264', sound: true },
    });
    expect(live.restarts).toBe(0);

    // One at a time.
    expect((await publish(browser.page, codec)).status).toBe(409);
  });

  it('is live again when a publisher that left comes back', async () => {
    const afterglow = await start();
    browser = await ViewerBrowser.open(afterglow.address, { fakeCamera: true });
    const { location } = await publish(browser.page, 'video/H264');
    await afterglow.statusWhere(({ totals }) => (totals?.decoded ?? 0) > 15, 'studio', 20);

    const patched = await fetch(new URL(location ?? '', afterglow.address), { method: 'PATCH', body: '' });
    expect(patched.status).toBe(405);
    const ended = await fetch(new URL(location ?? '', afterglow.address), { method: 'DELETE' });
    expect(ended.status).toBe(200);
    const away = await afterglow.statusWhere(({ state }) => state.kind === 'reconnecting', 'studio', 10);
    const placeholders = away.totals?.placeholders ?? 0;
    await afterglow.statusWhere(({ totals }) => (totals?.placeholders ?? 0) > placeholders + 2, 'studio', 10);

    await publish(browser.page, 'video/H264');
    const back = await afterglow.statusWhere(
      ({ state, totals }) => state.kind === 'live' && (totals?.decoded ?? 0) > (away.totals?.decoded ?? 0) + 15,
      'studio',
      20,
    );
    expect(back.restarts).toBe(0);

    // Without a word: noticed all the same.
    await vanish(browser.page);
    await afterglow.statusWhere(({ state }) => state.kind === 'reconnecting', 'studio', 15);
    await publish(browser.page, 'video/H264');
    await afterglow.statusWhere(
      ({ state, totals }) => state.kind === 'live' && (totals?.decoded ?? 0) > (back.totals?.decoded ?? 0) + 15,
      'studio',
      20,
    );
  });

  it('is the only kind that takes publishers, and takes only offers of video', async () => {
    const afterglow = await start();
    const offer = (stream: string, body: string, type = 'application/sdp'): Promise<Response> =>
      fetch(`${afterglow.address}api/streams/${stream}/whip`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const refused = await offer('other', 'v=0');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'publisher-refused', remedy: 'set its input to whip' });
    expect((await offer('studio', 'v=0')).status).toBe(400);
    expect((await offer('studio', '{}', 'application/json')).status).toBe(415);
    expect((await offer('studio', `v=0\r\n${'a=x\r\n'.repeat(20_000)}`)).status).toBe(413);
    expect((await offer('nobody', 'v=0')).status).toBe(404);
  });
});
