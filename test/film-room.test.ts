import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomItem, RoomJob } from '../src/film-room/room-item.js';
import { clipFolder } from './clip.js';
import { convertFilm, ffprobe, makeFilm } from './film-clips.js';
import { ask } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';

const TOKENS = { view: 'a-token-that-may-look', control: 'a-token-that-may-change' };
const CONTROL = { token: TOKENS.control };

const folder = path.join(clipFolder, 'room');
const config = path.join(clipFolder, 'room.yaml');
let afterglow: RunningAfterglow;
let film: string;
let picture: string;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  film = makeFilm(clipFolder, 'street.mp4');
  picture = path.join(clipFolder, 'room.png');
  await sharp({ create: { width: 640, height: 360, channels: 3, background: { r: 24, g: 16, b: 12 } } }).toFile(
    picture,
  );
  writeFileSync(
    config,
    JSON.stringify({
      server: {
        tokens: [
          { name: 'wall', role: 'view', token: TOKENS.view },
          { name: 'desk', role: 'control', token: TOKENS.control },
        ],
      },
      films: { folder, maxUploadGigabytes: 0.05, maxGigabytes: 1 },
    }),
  );
  afterglow = await RunningAfterglow.start(['--config', config]);
});
afterAll(async () => {
  const { output } = await afterglow.stop();
  expect(output).not.toMatch(/\n\s+at /);
});

/** An upload as the page makes it; `stopAfter` breaks it off, and `url` goes on with one. Returns where it went. */
function upload(
  file: string,
  options: { readonly name?: string; readonly stopAfter?: number; readonly url?: string; readonly token?: string } = {},
): Promise<string> {
  const { name = path.basename(file), stopAfter, url, token = TOKENS.control } = options;
  return new Promise((resolve, reject) => {
    const running = new Upload(readFileSync(file), {
      endpoint: `${afterglow.address}api/films/uploads`,
      ...(url === undefined ? {} : { uploadUrl: url }),
      metadata: { filename: name },
      headers: { authorization: `Bearer ${token}` },
      chunkSize: 16 * 1024,
      // A connection that was kept may have gone meanwhile.
      retryDelays: [50],
      onError: reject,
      onChunkComplete: (_size, sent) => {
        if (stopAfter === undefined || sent < stopAfter) return;
        void running.abort().then(() => resolve(running.url ?? ''), reject);
      },
      onSuccess: () => resolve(running.url ?? ''),
    });
    running.start();
  });
}

async function items(): Promise<readonly RoomItem[]> {
  const { body } = await ask(afterglow, '/api/films', { token: TOKENS.view });
  return (JSON.parse(body) as { films: RoomItem[] }).films;
}

const itemOf = async (id: string): Promise<RoomItem> => {
  const item = (await items()).find((one) => one.id === id);
  if (!item) throw new Error(`no item ${id}`);
  return item;
};

/** Uploads a file and waits until it has been looked at. */
async function brought(file: string, name?: string): Promise<RoomItem> {
  const id = (await upload(file, name === undefined ? {} : { name })).split('/').at(-1) ?? '';
  await expect.poll(async () => (await itemOf(id)).facts ?? (await itemOf(id)).error).not.toBeNull();
  return itemOf(id);
}

async function ordered(id: string, order: object): Promise<string> {
  const { status, body } = await ask(afterglow, `/api/films/${id}/jobs`, { method: 'POST', body: order, ...CONTROL });
  expect([status, body]).toEqual([201, expect.any(String)]);
  return (JSON.parse(body) as RoomJob).id;
}

async function stateOf(id: string, job: string): Promise<RoomJob['state']> {
  const found = (await itemOf(id)).jobs.find((one) => one.id === job);
  if (!found) throw new Error('no such job');
  return found.state;
}

/** Waits until a job has ended. */
async function ended(id: string, job: string): Promise<RoomJob['state']> {
  await expect.poll(async () => (await stateOf(id, job)).kind, { interval: 100 }).toMatch(/^(done|failed|stopped)$/);
  return stateOf(id, job);
}

async function bytesOf(target: string, token?: string): Promise<Buffer> {
  const response = await fetch(new URL(target, afterglow.address), {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the film room', () => {
  it('takes a film in pieces, goes on after an interruption, and looks at it', async () => {
    expect(afterglow.descendants()).toEqual([]);
    const url = await upload(film, { stopAfter: 40_000 });
    expect(await items()).toEqual([]);
    // What will look at it starts meanwhile.
    expect(afterglow.descendants()).toHaveLength(1);
    const { headers } = await ask(afterglow, new URL(url).pathname, {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
      ...CONTROL,
    });
    expect(Number(headers['upload-offset'])).toBeGreaterThanOrEqual(40_000);
    const id = (await upload(film, { url })).split('/').at(-1) ?? '';
    await expect.poll(async () => (await itemOf(id)).facts).not.toBeNull();
    const item = await itemOf(id);
    expect(item).toMatchObject({ name: 'street.mp4', error: null, jobs: [] });
    expect(item.facts).toMatchObject({ kind: 'film', width: 320, height: 240, frameRate: 24, codec: 'h264' });
    expect(digest(readFileSync(path.join(folder, id, 'original.mp4')))).toBe(digest(readFileSync(film)));
    const poster = await sharp(await bytesOf(`/api/films/${id}/view.jpg`, TOKENS.view)).metadata();
    expect(poster).toMatchObject({ format: 'jpeg', width: 320, height: 240 });
  });

  it('makes a sample with original and result beside each other', async () => {
    const { id } = (await items())[0] ?? { id: '' };
    const job = await ordered(id, { kind: 'sample', pipeline: 'night-cctv', at: 1, seconds: 1 });
    const state = await ended(id, job);
    expect(state).toMatchObject({ kind: 'done', outcome: { pictures: 24 } });
    const sample = path.join(clipFolder, 'sample.mp4');
    writeFileSync(sample, await bytesOf(`/api/films/${id}/jobs/${job}/result`, TOKENS.view));
    expect(ffprobe(sample, '-select_streams', 'v', '-show_entries', 'stream=width,height,codec_name')).toEqual([
      'h264,640,240',
    ]);
  });

  it('makes the whole film, with pictures of its shots, and lets it be saved without a token', async () => {
    const { id } = (await items())[0] ?? { id: '' };
    const job = await ordered(id, { kind: 'whole', pipeline: 'passthrough' });
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const state = await stateOf(id, job);
          seen.add(state.kind === 'working' ? state.phase : state.kind);
          return state.kind;
        },
        { interval: 20 },
      )
      .toBe('done');
    expect(seen.size).toBeGreaterThan(1);
    const item = await itemOf(id);
    expect(item.shots.map((seconds) => Math.round(seconds))).toEqual([0, 2, 4]);
    const shot = await sharp(await bytesOf(`/api/films/${id}/shots/2`, TOKENS.view)).metadata();
    expect(shot).toMatchObject({ format: 'jpeg', width: 320 });
    expect((await ask(afterglow, `/api/films/${id}/shots/3`, { token: TOKENS.view })).status).toBe(404);
    const ticket = await ask(afterglow, `/api/films/${id}/jobs/${job}/download`, {
      method: 'POST',
      token: TOKENS.view,
    });
    expect(ticket.status).toBe(201);
    const { address } = JSON.parse(ticket.body) as { address: string };
    expect(address).not.toContain(TOKENS.view);
    const response = await fetch(new URL(address, afterglow.address));
    expect(response.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''street.passthrough.mp4");
    const saved = path.join(clipFolder, 'saved.mp4');
    writeFileSync(saved, Buffer.from(await response.arrayBuffer()));
    expect(ffprobe(saved, '-count_packets', '-select_streams', 'v', '-show_entries', 'stream=nb_read_packets')).toEqual(
      ['120'],
    );
    expect(ffprobe(saved, '-select_streams', 'a', '-show_entries', 'stream=codec_name')).toEqual(['aac']);
    expect((await ask(afterglow, `${address}x`)).status).toBe(404);
  });

  it('keeps all tracks: in Matroska where MP4 cannot', async () => {
    const many = convertFilm(film, clipFolder, 'many.mkv', '-c:v', 'copy', '-c:a', 'pcm_s16le');
    const { id } = await brought(many);
    const state = await ended(id, await ordered(id, { kind: 'whole', pipeline: 'passthrough' }));
    expect(state).toMatchObject({ kind: 'done', outcome: { file: expect.stringMatching(/\.mkv$/) as string } });
  });

  it('brightens a picture', async () => {
    const { id, facts } = await brought(picture, 'C:\\Photos\\ni\u202eght.png');
    expect(facts).toEqual({ kind: 'picture', width: 640, height: 360, codec: 'png' });
    expect((await itemOf(id)).name).toBe('night.png');
    const job = await ordered(id, { kind: 'whole', pipeline: 'night-cctv' });
    expect(await ended(id, job)).toMatchObject({ kind: 'done' });
    const level = async (target: string): Promise<number> =>
      (await sharp(await bytesOf(target, TOKENS.view)).stats()).channels[0]?.mean ?? 0;
    expect(await level(`/api/films/${id}/jobs/${job}/view.jpg`)).toBeGreaterThan(
      2 * (await level(`/api/films/${id}/view.jpg`)),
    );
    const result = await sharp(await bytesOf(`/api/films/${id}/jobs/${job}/result`, TOKENS.view)).metadata();
    expect(result).toMatchObject({ format: 'png', width: 640, height: 360 });
    // Another strength than the one that its network was loaded for.
    const half = await ordered(id, { kind: 'whole', pipeline: 'night-cctv', strength: 0.5 });
    expect(await ended(id, half)).toMatchObject({ kind: 'done' });
    const ofHalf = await level(`/api/films/${id}/jobs/${half}/view.jpg`);
    expect(ofHalf).toBeGreaterThan(1.1 * (await level(`/api/films/${id}/view.jpg`)));
    expect(ofHalf).toBeLessThan(await level(`/api/films/${id}/jobs/${job}/view.jpg`));
    const sample = await ask(afterglow, `/api/films/${id}/jobs`, {
      method: 'POST',
      body: { kind: 'sample', pipeline: 'night-cctv' },
      ...CONTROL,
    });
    expect(sample.status).toBe(400);
  });

  it('says what is wrong with a file that is no film, and makes nothing of it', async () => {
    const junk = path.join(clipFolder, 'junk.mp4');
    writeFileSync(junk, Buffer.alloc(50_000, 'no film'));
    const { id, facts, error } = await brought(junk);
    expect(facts).toBeNull();
    expect(error).toMatchObject({ message: expect.any(String) as string, remedy: expect.any(String) as string });
    const order = { method: 'POST', body: { kind: 'whole', pipeline: 'passthrough' }, ...CONTROL };
    expect((await ask(afterglow, `/api/films/${id}/jobs`, order)).status).toBe(400);
    expect((await ask(afterglow, `/api/films/${id}`, { method: 'DELETE', ...CONTROL })).status).toBe(204);
    expect(readdirSync(folder)).not.toContain(id);
  });

  it('stops a job that is asked to stop', async () => {
    const long = convertFilm(film, clipFolder, 'long.mp4', '-vf', 'loop=20:120', '-an');
    const { id } = await brought(long);
    const job = await ordered(id, { kind: 'whole', pipeline: 'restore-film' });
    await expect.poll(async () => (await stateOf(id, job)).kind, { interval: 50 }).toBe('working');
    expect((await ask(afterglow, `/api/films/${id}/jobs/${job}`, { method: 'DELETE', ...CONTROL })).status).toBe(204);
    expect((await ended(id, job)).kind).toBe('stopped');
    expect((await ask(afterglow, `/api/films/${id}/jobs/${job}`, { method: 'DELETE', ...CONTROL })).status).toBe(204);
    expect((await itemOf(id)).jobs).toEqual([]);
    // It is written down after it is told: what is written anew lies beside it for a moment.
    const left = (): string[] => readdirSync(path.join(folder, id)).filter((name) => name !== 'shots');
    await expect.poll(() => left().sort()).toEqual(['item.json', 'original.mp4', 'view.jpg']);
  });

  it('goes on after a new start of the server', async () => {
    const { id } = await brought(film, 'again.mp4');
    const job = await ordered(id, { kind: 'whole', pipeline: 'night-cctv' });
    await expect.poll(async () => (await stateOf(id, job)).kind, { interval: 20 }).toBe('working');
    await afterglow.stop();
    expect(afterglow.descendants()).toEqual([]);
    afterglow = await RunningAfterglow.start(['--config', config]);
    expect(await ended(id, job)).toMatchObject({ kind: 'done', outcome: { pictures: 120 } });
  });

  it.each([
    ['an unknown kind of file', 415, { name: 'virus.exe' }],
    ['a file without a name', 415, { name: '' }],
    ['a playlist of other files', 415, { name: 'list.m3u8' }],
    ['a token that may look alone', 403, { token: TOKENS.view }],
    ['no token', 401, { token: 'x' }],
  ])('refuses uploads: %s', async (_name, status, options) => {
    const refused = upload(picture, options).catch((error: unknown) => String(error));
    expect(await refused).toContain(`response code: ${status}`);
  });

  it('refuses an upload that is too large before it comes', async () => {
    const { status, body } = await ask(afterglow, '/api/films/uploads', {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': '60000000',
        'upload-metadata': `filename ${Buffer.from('film.mp4').toString('base64')}`,
      },
      ...CONTROL,
    });
    expect([status, body]).toEqual([413, expect.any(String)]);
  });

  it.each([
    ['POST', '/api/films/none-there/jobs', { kind: 'whole', pipeline: 'passthrough' }, 404],
    ['POST', '/api/films/..%2f..%2fetc/jobs', { kind: 'whole', pipeline: 'passthrough' }, 404],
    ['GET', '/api/films/..%2f..%2f/view.jpg', undefined, 404],
    ['GET', '/api/films/none-there/shots/..%2fitem.json', undefined, 400],
    ['GET', '/downloads/nothing', undefined, 404],
    ['PATCH', '/api/films/uploads/..%2f..%2fitem.json', undefined, 404],
    ['HEAD', '/api/films/uploads/none', undefined, 404],
  ])('answers %s %s clearly', async (method, target, body, status) => {
    const headers = {
      'tus-resumable': '1.0.0',
      ...(method === 'PATCH' ? { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' } : {}),
    };
    const answer = await ask(afterglow, target, { method, body, headers, ...CONTROL });
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/\n\s+at /);
  });

  it.each([
    [{ kind: 'whole', pipeline: '../../etc/passwd' }],
    [{ kind: 'whole', pipeline: 'no-such-pipeline' }],
    [{ kind: 'whole', pipeline: 'passthrough', strength: 7 }],
    [{ kind: 'whole', pipeline: 'passthrough', codec: 'h264; rm -rf /' }],
    [{ kind: 'everything', pipeline: 'passthrough' }],
    ['nothing'],
  ])('refuses the order %j', async (body) => {
    const { id } = (await items()).find(({ facts }) => facts?.kind === 'film') ?? { id: '' };
    const { status } = await ask(afterglow, `/api/films/${id}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...CONTROL,
    });
    expect(status).toBe(400);
  });
});
