import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { makeModelFolder } from './fixture-models.js';

const XMP =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>';

let home: string;
let models: string;
let brighten: string;

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-stills-'));
  models = makeModelFolder({ brighten: 'brighten', tint: 'tint' });
  brighten = recipe('brighten.yaml', '{stage: network, model: brighten}');
});
afterAll(() => {
  rmSync(home, { recursive: true });
  rmSync(models, { recursive: true });
});

function recipe(name: string, stage: string): string {
  const file = path.join(home, name);
  writeFileSync(file, `description: test\nstages:\n  - ${stage}\n`);
  return file;
}

/** Runs `afterglow process` to its end. */
async function afterglow(...args: string[]): Promise<{ code: number; output: string }> {
  const script = path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js');
  const child = spawn(process.execPath, [script, 'process', ...args], {
    env: { ...process.env, AFTERGLOW_MODELS: models },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

/** A dark picture: a smooth ramp in 16 bits, RGB or RGBA. */
function ramp(width: number, height: number, channels: 3 | 4): Uint16Array {
  const pixels = new Uint16Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    pixels[i * channels] = 4000 + (30_000 * x) / width;
    pixels[i * channels + 1] = 3000 + (26_000 * x) / width;
    pixels[i * channels + 2] = 2000 + (20_000 * y) / height;
    if (channels === 4) pixels[i * channels + 3] = 65535 - y * 13;
  }
  return pixels;
}

function bytes(pixels: Uint16Array): Uint8Array {
  return Uint8Array.from(pixels, (value) => Math.round(value / 257));
}

function photo(width: number, height: number): Sharp {
  return sharp(bytes(ramp(width, height, 3)), { raw: { width, height, channels: 3 } });
}

describe('one picture', () => {
  it('of several megapixels, on which all cores work, is done to the end', async () => {
    const [input, output] = [path.join(home, 'large.jpg'), path.join(home, 'large-out.jpg')];
    await photo(2400, 1600).jpeg().toFile(input);
    const { code, output: said } = await afterglow(input, '-o', output, '-p', brighten);
    expect(said).toBe(`wrote ${output}\n`);
    expect(code).toBe(0);
    expect(await sharp(output).metadata()).toMatchObject({ width: 2400, height: 1600 });
  });

  it('keeps size, profile, EXIF and XMP, comes out upright and brighter, and says that it was enhanced', async () => {
    const input = path.join(home, 'in.jpg');
    await photo(200, 120)
      .withIccProfile('p3', { attach: true })
      .withExif({ IFD0: { Make: 'Camera', Copyright: 'Somebody' } })
      .withXmp(XMP)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toFile(input);
    const profile = (await sharp(input).metadata()).icc;
    const output = path.join(home, 'out.jpg');
    expect(await afterglow(input, '-o', output, '-p', brighten)).toMatchObject({ code: 0 });
    const metadata = await sharp(output).metadata();
    expect(metadata).toMatchObject({ format: 'jpeg', width: 120, height: 200, chromaSubsampling: '4:4:4' });
    expect(metadata.orientation).toBe(1);
    expect(metadata.icc).toEqual(profile);
    expect(metadata.xmpAsString).toContain('rdf:Description');
    const exif = metadata.exif?.toString('latin1') ?? '';
    expect(exif).toContain('Camera');
    expect(exif).toContain('Somebody');
    expect(exif).toMatch(/Afterglow [0-9.]+, enhanced: brighten.yaml, brighten/);

    const [before, after] = await Promise.all([
      sharp(input, { ignoreIcc: true }).autoOrient().raw().toBuffer(),
      sharp(output, { ignoreIcc: true }).raw().toBuffer(),
    ]);
    let error = 0;
    for (let i = 0; i < before.length; i += 3) {
      const luma = (from: Buffer): number =>
        (0.2126 * (from[i] ?? 0) + 0.7152 * (from[i + 1] ?? 0) + 0.0722 * (from[i + 2] ?? 0)) / 255;
      error += Math.abs(luma(after) - Math.sqrt(luma(before)));
    }
    expect(error / (before.length / 3)).toBeLessThan(0.02);
  });

  it.each([
    ['png', 3],
    ['png', 4],
    ['tiff', 3],
    ['tiff', 4],
  ] as const)('stays %s of 16 bits with %i channels', async (format, channels) => {
    const pixels = ramp(160, 90, channels);
    const input = path.join(home, `deep${channels}.${format}`);
    await sharp(pixels, { raw: { width: 160, height: 90, channels } })
      .toColourspace('rgb16')
      .toFormat(format, format === 'tiff' ? { compression: 'lzw' } : {})
      .toFile(input);
    const output = path.join(home, `deep${channels}-out.${format}`);
    expect(await afterglow(input, '-o', output, '-p', brighten)).toMatchObject({ code: 0 });
    expect(await sharp(output).metadata()).toMatchObject({ format, depth: 'ushort', channels });
    const raw = await sharp(output).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
    const after = new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2);
    // More than 8 bits would have: a smooth ramp keeps its many levels.
    const levels = new Set(Array.from({ length: 160 * 90 }, (_, i) => after[i * channels]));
    expect(levels.size).toBeGreaterThan(600);
    if (channels === 4) for (let i = 3; i < after.length; i += 4) expect(after[i]).toBe(pixels[i]);
  });

  it.each([3, 4] as const)('at strength 0 comes back bit for bit, %i channels', async (channels) => {
    const pixels = ramp(111, 57, channels);
    const input = path.join(home, `same${channels}.png`);
    await sharp(pixels, { raw: { width: 111, height: 57, channels } })
      .toColourspace('rgb16')
      .png()
      .toFile(input);
    const output = path.join(home, `same${channels}-out.png`);
    await afterglow(input, '-o', output, '-p', brighten, '-s', '0');
    const raw = await sharp(output).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
    expect(Buffer.compare(raw, Buffer.from(pixels.buffer))).toBe(0);
    expect((await sharp(output).metadata()).icc).toBeUndefined();
  });

  it('of grey gets colour and keeps its light', async () => {
    const input = path.join(home, 'grey.png');
    const grey = Uint8Array.from({ length: 320 * 200 }, (_, i) => 20 + Math.floor(((i % 320) * 200) / 320) + (i % 2));
    await sharp(grey, { raw: { width: 320, height: 200, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(input);
    const output = path.join(home, 'colour.webp');
    const tint = recipe('tint.yaml', '{stage: network, model: tint, keepLuma: true, grid: [32, 20, 12]}');
    expect(await afterglow(input, '-o', output, '-p', tint, '--quality', '100')).toMatchObject({ code: 0 });
    const after = await sharp(output).raw().toBuffer();
    const pixel = (x: number): number[] => [0, 1, 2].map((k) => after[(100 * 320 + x) * 3 + k] ?? NaN);
    const [r = 0, , b = 0] = pixel(290);
    expect(r - b).toBeGreaterThan(30);
    for (const x of [30, 160, 290]) {
      const [red = 0, green = 0, blue = 0] = pixel(x);
      const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      expect(Math.abs(luma - (grey[100 * 320 + x] ?? 0))).toBeLessThan(4);
    }
  });

  it.each([
    [1, 1],
    [7, 300],
    [3000, 20],
  ])('of %ix%i pixels is done too', async (width, height) => {
    const input = path.join(home, `odd${width}.png`);
    await photo(width, height).png().toFile(input);
    const output = path.join(home, `odd${width}-out.png`);
    expect(await afterglow(input, '-o', output, '-p', brighten)).toMatchObject({ code: 0 });
    expect(await sharp(output).metadata()).toMatchObject({ width, height });
  });
});

describe('a folder', () => {
  it('is done with its folders; a bad picture is reported and stops nothing', async () => {
    const from = path.join(home, 'album');
    mkdirSync(path.join(from, 'summer'), { recursive: true });
    const good = await photo(120, 80).jpeg().toBuffer();
    writeFileSync(path.join(from, 'a.jpg'), good);
    writeFileSync(path.join(from, 'cut.jpg'), good.subarray(0, good.length / 2));
    writeFileSync(path.join(from, 'empty.png'), '');
    writeFileSync(path.join(from, 'notes.txt'), 'not a picture');
    writeFileSync(path.join(from, 'summer', 'b.JPG'), good);
    const to = path.join(from, 'enhanced');
    const { code, output } = await afterglow(from, '-o', to, '-p', brighten);
    expect(code).toBe(1);
    expect(output).toMatch(/wrote 2 of 4 pictures/);
    expect(output).toMatch(/cut\.jpg is damaged or cut off: give a JPEG/);
    expect(output).toMatch(/empty\.png is empty: /);
    expect(output).not.toMatch(/\n\s+at /);
    expect(readdirSync(to).sort()).toEqual(['a.jpg', 'summer']);
    expect(existsSync(path.join(to, 'summer', 'b.JPG'))).toBe(true);

    const again = await afterglow(from, '-o', to, '-p', brighten);
    expect(again.output).toMatch(/a\.jpg exists already: choose another output, or give --overwrite/);
    expect(again.output).toMatch(/wrote 0 of 4/);
    expect((await afterglow(from, '-o', to, '-p', brighten, '--overwrite')).output).toMatch(/wrote 2 of 4/);
  });
});

describe('what users get wrong', () => {
  it.each([
    [['nowhere.jpg', '-o', 'x.jpg'], /nowhere\.jpg does not exist: check the path/],
    [['IN', '-o', 'OUT/x.gif'], /x\.gif does not end in \.jpg, \.png, \.webp or \.tif: /],
    [['IN', '-o', 'IN'], /the output .* is the input itself: choose another/],
    [['HOME', '-o', 'HOME'], /the output .* is the input itself: name another folder/],
    [['IN', '-o', 'OUT/y.jpg', '-p', 'day'], /there is no pipeline "day": choose one of /],
    [['IN', '-o', 'OUT/y.jpg', '-s', '3'], /--strength must be a number from 0 to 1, not 3/],
    [['IN', '-o', 'OUT/y.jpg', '--quality', 'best'], /--quality must be a number, not "best"/],
    [['TEXT', '-o', 'OUT/y.jpg'], /text\.png is not a picture that can be read: give a JPEG/],
    [['SVG', '-o', 'OUT/y.jpg'], /is of the format svg, which is not supported: convert it/],
    [['ALPHA', '-o', 'OUT/y.jpg'], /JPEG has no transparency: choose \.png/],
    [['IN', '-o', 'TEXT/x/y.jpg'], /the folder .* cannot be made \(ENOTDIR.*\): check the path/],
    [
      ['IN', '-o', 'OUT/y.jpg', '-p', 'night-cctv', '--model-size', 'full'],
      /"liednet-full": liednet exists at size live/,
    ],
    [['IN', '-o', 'OUT/y.jpg', '--mask', 'ALPHA'], /the pipeline has no stage that repairs: choose/],
    [['IN', '-o', 'OUT/y.jpg', '-p', 'MISSING'], /there is no model "nothing": see afterglow models/],
  ])('%j', async (args, sentence) => {
    const files: Record<string, string> = {
      IN: path.join(home, 'ok.jpg'),
      HOME: home,
      OUT: path.join(home, 'made'),
      TEXT: path.join(home, 'text.png'),
      SVG: path.join(home, 'svg.png'),
      ALPHA: path.join(home, 'alpha.png'),
      MISSING: recipe('missing.yaml', '{stage: network, model: nothing}'),
    };
    await photo(64, 48)
      .jpeg()
      .toFile(files['IN'] ?? '');
    writeFileSync(files['TEXT'] ?? '', 'This is text. '.repeat(100));
    writeFileSync(files['SVG'] ?? '', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>');
    await photo(8, 8)
      .ensureAlpha()
      .png()
      .toFile(files['ALPHA'] ?? '');
    const real = args.map((arg) => arg.replace(/^(IN|HOME|OUT|TEXT|SVG|ALPHA|MISSING)\b/, (name) => files[name] ?? ''));
    const { code, output } = await afterglow(...(real.includes('-p') ? real : [...real, '-p', brighten]));
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });

  it('a picture of too many pixels', async () => {
    // A PNG that claims to be 30000x30000, with nothing behind it.
    const small = await photo(8, 8).png().toBuffer();
    small.writeUInt32BE(30_000, 16);
    small.writeUInt32BE(30_000, 20);
    const { crc32 } = await import('node:zlib');
    small.writeUInt32BE(crc32(small.subarray(12, 29)), 29);
    const file = path.join(home, 'huge.png');
    writeFileSync(file, small);
    const { code, output } = await afterglow(file, '-o', path.join(home, 'huge-out.png'), '-p', brighten);
    expect(output).toMatch(/has 900 megapixels, more than the limit of 268: scale it down/);
    expect(code).toBe(1);
  });

  it.skipIf(process.getuid?.() === 0)('a folder that may not be written to', async () => {
    const locked = path.join(home, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    const input = path.join(home, 'ok2.jpg');
    await photo(64, 48).jpeg().toFile(input);
    const { code, output } = await afterglow(input, '-o', path.join(locked, 'x.jpg'), '-p', brighten);
    expect(output).toMatch(/x\.jpg cannot be written: check the folder's permissions/);
    expect(code).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')('a folder in a file system that has none', async () => {
    const input = path.join(home, 'ok3.jpg');
    await photo(64, 48).jpeg().toFile(input);
    const { code, output } = await afterglow(input, '-o', '/proc/nowhere/x.jpg', '-p', brighten);
    expect(output).toMatch(
      /the folder \/proc\/nowhere cannot be made \(ENOENT.*\): check the path and its permissions/,
    );
    expect(code).toBe(1);
  });

  it('leaves no unfinished files behind', () => {
    const left = (readdirSync(home, { recursive: true }) as string[]).filter((name) => name.endsWith('.part'));
    expect(left).toEqual([]);
    expect(readFileSync(brighten, 'utf8')).toContain('brighten');
  });
});
