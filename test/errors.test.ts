import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder, makeClip } from './clip.js';
import { drawScene, random } from './pictures.js';
import { RunningAfterglow, type Outcome } from './running-afterglow.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const demo = readFileSync(DEMO);

function file(name: string, content: string | Uint8Array): string {
  const at = path.join(clipFolder, name);
  writeFileSync(at, content);
  return at;
}

/** One clear sentence with the remedy, a non-zero exit, and no stack trace. */
function expectClear(outcome: Outcome, sentence: RegExp): void {
  expect(outcome.output).toMatch(sentence);
  expect(outcome.output).not.toMatch(/\n\s+at /);
  expect(outcome.output).not.toMatch(/\[object|undefined|NaN/);
  expect(outcome.code).toBe(1);
}

const run = (...args: string[]): Promise<Outcome> => RunningAfterglow.toEnd(['--port', '0', ...args]);

describe('what users get wrong', () => {
  it.each([
    ['/nowhere/film.mp4', /film\.mp4 does not exist: check the path/],
    [packageRoot, /is a folder: name a file in it/],
    ['rtsp://', /is not a valid RTSP address|names no host/],
    ['http://example.com/film.mp4', /inputs of kind "http:" are not supported: give a file/],
    ['/dev/video77', /\/dev\/video77 does not exist: check the path/],
  ])('the input %s', async (input, sentence) => {
    expectClear(await run('--input', input), sentence);
  });

  it('a file of nothing', async () => {
    expectClear(await run('--input', file('empty.mp4', '')), /empty\.mp4 is not a video that FFmpeg can read/);
  });

  it('a file that is not a video', async () => {
    expectClear(
      await run('--input', file('text.mp4', 'This is not a film. '.repeat(500))),
      /is not a video that FFmpeg can read/,
    );
  });

  it('a playlist that names other files', async () => {
    const list = file('list.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n');
    expectClear(await run('--input', list), /list\.m3u8 cannot be opened|not a video that FFmpeg can read/);
  });

  it('sound without a picture', async () => {
    const wave = Buffer.concat([Buffer.from('RIFF\x24\x10\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0\x77\x01\0\x02\0\x10\0data\0\x10\0\0', 'latin1'), Buffer.alloc(4096)]); // prettier-ignore
    expectClear(
      await run('--input', file('sound.wav', wave)),
      /has no video track: choose an input with pictures|cannot be opened/,
    );
  });

  it('an unknown pipeline', async () => {
    expectClear(
      await run('--pipeline', 'day'),
      /there is no pipeline "day": choose one of .*night-cctv, .*passthrough/,
    );
  });

  it('a recipe with a mistake', async () => {
    const recipe = file('recipe.yaml', 'description: x\nstages:\n  - stage: temporal-denoise\n    strength: 3\n');
    expectClear(await run('--pipeline', recipe), /recipe\.yaml:4: stages\[0\]\.strength: /);
  });

  it('a configuration with a mistake', async () => {
    const config = file('config.yaml', 'streams:\n  - id: a\n    input: x.mp4\n    strenth: 1\n');
    expectClear(await RunningAfterglow.toEnd(['--config', config]), /config\.yaml:4: streams\[0\]: .*strenth/);
  });

  it('a configuration that is not YAML', async () => {
    const config = file('broken.yaml', 'streams:\n  - id: "a\n');
    expectClear(await RunningAfterglow.toEnd(['--config', config]), /broken\.yaml:\d+: /);
  });

  it.each([
    [['--port', 'http'], /--port must be a number, not "http"/],
    [['--strength', '7', '--port', '0'], /strength: /],
    [['--host', '0.0.0.0', '--port', '0'], /open to the network at 0\.0\.0\.0 without a token: set server\.token/],
  ])('the options %j', async (options, sentence) => {
    expectClear(await RunningAfterglow.toEnd(options), sentence);
  });

  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expectClear(
      await RunningAfterglow.toEnd(['--port', String(port)]),
      new RegExp(`port ${port} at 127.0.0.1 is in use: end the other`),
    );
    other.close();
  });

  it.each([
    [
      'a network that is not the one of its card',
      (model: Buffer) => Buffer.concat([model, Buffer.from('x')]),
      true,
      /not the file that its card describes \(field "sha256"\)/,
    ],
    [
      'a network that is broken',
      (model: Buffer) => model.subarray(0, 5000),
      false,
      /model\.onnx cannot be loaded on provider cpu/,
    ],
  ] as const)('%s', async (name, damage, keepCard, sentence) => {
    // The installation itself is left alone: a copy of the model under another name.
    const folder = path.join(packageRoot, 'models', `broken-${process.pid}-${keepCard ? 1 : 2}`);
    mkdirSync(folder);
    try {
      const bytes = damage(readFileSync(path.join(packageRoot, 'models', 'liednet-live', 'model.onnx')));
      writeFileSync(path.join(folder, 'model.onnx'), bytes);
      const card = JSON.parse(
        readFileSync(path.join(packageRoot, 'models', 'liednet-live', 'model.json'), 'utf8'),
      ) as object;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(path.join(folder, 'model.json'), JSON.stringify(keepCard ? card : { ...card, sha256 }));
      const recipe = file(
        `${path.basename(folder)}.yaml`,
        `description: x\nstages:\n  - {stage: network, model: ${path.basename(folder)}}\n`,
      );
      expect(name).not.toBe('');
      expectClear(await run('--pipeline', recipe), sentence);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('inputs that are damaged or odd', () => {
  it('a clip that is cut off plays as far as it goes', async () => {
    // Matroska can be read without its end; an MP4 of this kind has its index at the start.
    const cut = file('cut.mp4', demo.subarray(0, Math.floor(demo.length / 3)));
    const { code, output } = await run('--input', cut, '--no-loop', '--pipeline', 'passthrough');
    expect(code).toBe(0);
    expect(output).toMatch(/ended/);
  });

  it('a clip with damage in the middle goes on behind it', async () => {
    const damaged = Buffer.from(demo);
    const next = random(1);
    for (let i = 600_000; i < 900_000; i++) damaged[i] = Math.floor(next() * 256);
    const running = await RunningAfterglow.start([
      '--input',
      file('damaged.mp4', damaged),
      '--pipeline',
      'passthrough',
    ]);
    const status = await running.statusWhere(
      ({ drops, totals }) => (drops?.damaged ?? 0) > 0 && (totals?.encoded ?? 0) > 130,
    );
    expect(status.state.kind).toBe('live');
    expect((await running.stop()).output).not.toMatch(/\n\s+at /);
  });

  it('a picture of 16x16 is shown', async () => {
    const tiny = makeClip('tiny.mkv', { width: 16, height: 16, frames: 50, draw: (p, i) => drawScene(p, 16, 16, i) });
    const running = await RunningAfterglow.start(['--input', tiny]);
    const status = await running.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 20);
    expect(status.state).toMatchObject({ kind: 'live', source: { format: { width: 16, height: 16 } } });
    await running.stop();
  });

  it('a picture of 8x8 is refused', async () => {
    const tiny = makeClip('tiny8.mkv', { width: 8, height: 8, frames: 5, draw: (p, i) => drawScene(p, 8, 8, i) });
    expectClear(await run('--input', tiny), /the picture of 8x8 is smaller than 16x16: use a larger stream/);
  });

  it('a picture of 7680x4320 is scaled down and shown', async () => {
    const huge = makeClip('huge.mkv', {
      width: 7680,
      height: 4320,
      frames: 2,
      codec: 'libx264',
      draw: (picture, i) => picture.fill(40 + i * 10),
    });
    const running = await RunningAfterglow.start(['--input', huge]);
    const status = await running.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 2);
    expect(status.state).toMatchObject({
      kind: 'live',
      source: { width: 7680, format: { width: 3840, height: 2160 } },
    });
    expect(running.output).toMatch(/pictures are scaled down from 7680x4320/);
    await running.stop();
  });

  it('a photograph is shown as a still camera', async () => {
    const running = await RunningAfterglow.start(['--input', file('still.png', greyPng(322, 201))]);
    const status = await running.statusWhere(
      ({ state, totals }) => state.kind === 'live' && (totals?.encoded ?? 0) > 30,
    );
    expect(status.state).toMatchObject({ source: { codec: 'png', format: { width: 322, height: 202 } } });
    await running.stop();
  });
});

/** A PNG of a grey ramp. */
function greyPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 60);
  for (let y = 0; y < height; y++) rows[y * (width + 1)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
