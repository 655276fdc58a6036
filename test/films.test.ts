import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs'; // prettier-ignore
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import {
  chaptersOf,
  complaints,
  convertFilm,
  edgeStrength,
  ffmpeg,
  ffprobe,
  makeFilm,
  packets,
  pictureFormat,
  pictureTimes,
  planeChecksums,
  withChapters,
} from './film-clips.js';
import { makeModelFolder } from './fixture-models.js';

let home: string;
let models: string;
let colour: string;
let film: string;

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-films-'));
  models = makeModelFolder({ tint: 'tint', brighten: 'brighten', sharpen: 'sharpen' });
  colour = path.join(home, 'colour.yaml');
  writeFileSync(
    colour,
    'description: test\nstages:\n  - {stage: network, model: tint, keepLuma: true, grid: [8, 6, 4], smoothing: 0.2}\n',
  );
  film = makeFilm(home, 'film.mp4');
});
afterAll(() => {
  rmSync(home, { recursive: true });
  rmSync(models, { recursive: true });
});

function start(...args: string[]): {
  readonly child: ChildProcess;
  readonly end: Promise<{ code: number | null; output: string }>;
} {
  const script = path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js');
  const child = spawn(process.execPath, [script, 'process', ...args, '--preset', 'ultrafast'], {
    env: { ...process.env, AFTERGLOW_MODELS: models },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  return { child, end: once(child, 'close').then(([code]) => ({ code: code as number | null, output })) };
}

/** Processes a film to its end, and returns the output's path and what was said. */
async function processed(input: string, name: string, ...args: string[]): Promise<{ file: string; output: string }> {
  const file = path.join(home, name);
  const { code, output } = await start(input, '-o', file, '-p', colour, ...args).end;
  expect(output).toContain(`wrote ${file}`);
  expect(code).toBe(0);
  expect(existsSync(`${file}.afterglow`)).toBe(false);
  return { file, output };
}

async function refused(input: string, output: string, ...args: string[]): Promise<string> {
  const { code, output: said } = await start(input, '-o', output, '-p', colour, ...args).end;
  expect(code).toBe(1);
  expect(said).not.toMatch(/ at .*\.js:\d+/);
  return said;
}

describe('films', () => {
  it.each([
    ['MP4 with B-frames', 'a.mp4', 'a-out.mp4', ['-c', 'copy']],
    ['a transport stream', 'b.ts', 'b-out.mp4', ['-c', 'copy']],
    ['Matroska', 'c.mkv', 'c-out.mkv', ['-c', 'copy']],
    ['QuickTime with PCM', 'd.mov', 'd-out.mov', ['-c:v', 'mpeg4', '-c:a', 'pcm_s16le']],
    ['variable frame rate', 'e.mp4', 'e-out.mp4', [
      '-vf', "select='gt(mod(n,7),1)+not(mod(n,3))',setpts='PTS+mod(N,5)*0.004/TB'", '-fps_mode', 'passthrough',
      '-c:v', 'libx264', '-c:a', 'aac',
    ]],
  ] as [string, string, string, string[]][])('keep their times, sound and metadata: %s', async (_, input, output, args) => {
    const source = convertFilm(film, home, input, ...args);
    const { file } = await processed(source, output);
    expect(pictureTimes(file)).toEqual(pictureTimes(source));
    // A transport stream's AAC has headers and a clock of its own.
    if (input.endsWith('.ts')) expect(packets(file, 'a')).toHaveLength(packets(source, 'a').length);
    else expect(packets(file, 'a')).toEqual(packets(source, 'a'));
    expect(packets(file, 'a').length).toBeGreaterThan(10);
    const tags = ffprobe(file, '-show_entries', 'format_tags=title,comment').join();
    if (!input.endsWith('.ts')) expect(tags).toContain('Three scenes');
    expect(tags).toContain('Afterglow');
    expect(tags).toContain('tint');
    if (!input.endsWith('.ts')) expect(ffprobe(file, '-select_streams', 'a', '-show_entries', 'stream_tags=language')).toEqual(['ces']);
  }); // prettier-ignore

  it.each([
    ['8', 'yuv420p', 'libx264'],
    ['10', 'yuv420p10le', 'libx265'],
  ])('keep luma to the last bit where colour alone is given, %s bits', async (bits, format, codec) => {
    const source = convertFilm(
      film, home, `luma${bits}.mkv`, '-vf', `hue=s=0,format=${format}`, '-c:v', codec,
      ...(codec === 'libx265' ? ['-x265-params', 'log-level=none'] : []), '-c:a', 'copy', '-c:a', 'aac',
    ); // prettier-ignore
    const { file } = await processed(source, `luma${bits}-out.mkv`, '--codec', 'ffv1');
    expect(pictureFormat(file)).toContain(format);
    expect(planeChecksums(file, 'y')).toEqual(planeChecksums(source, 'y'));
    const [before, after] = [planeChecksums(source, 'u'), planeChecksums(file, 'u')];
    expect(after.filter((sum, i) => sum === before[i])).toEqual([]);
  });

  it.each([
    ['h265', 'out.mp4', 'hevc,'],
    ['prores', 'out.mov', 'prores,'],
    ['ffv1', 'out.mkv', 'ffv1,'],
  ])('are written as %s', async (codec, name, found) => {
    const { file } = await processed(film, `${codec}-${name}`, '--codec', codec);
    expect(ffprobe(file, '-select_streams', 'v', '-show_entries', 'stream=codec_name,width').join()).toContain(found);
    // Matroska counts in milliseconds.
    const times = pictureTimes(film).map(Number);
    pictureTimes(file).forEach((time, i) => expect(Math.abs(Number(time) - (times[i] ?? NaN))).toBeLessThan(6e-4));
  });

  it('come upright, with the pixels they had, and even sides', async () => {
    const turned = path.join(home, 'turned.mp4');
    ffmpeg('-i', film, '-c', 'copy', '-metadata:s:v', 'rotate=90', turned);
    const upright = await processed(turned, 'turned-out.mp4');
    expect(pictureFormat(upright.file)).toContain('240,320,');
    expect(ffprobe(upright.file, '-select_streams', 'v', '-show_entries', 'stream_side_data=rotation')).toEqual([]);
    const odd = convertFilm(
      film,
      home,
      'odd.mkv',
      '-vf',
      'scale=321:241,setsar=16/15',
      '-pix_fmt',
      'yuv444p',
      '-c:v',
      'ffv1',
    );
    const even = await processed(odd, 'odd-out.mkv');
    expect(pictureFormat(even.file)).toBe('322,242,16:15,yuv420p');
    expect(even.output).toContain('321x241 made 322x242');
  });

  it('are made progressive, and telecine is undone', async () => {
    const interlaced = path.join(home, 'interlaced.mp4');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=50:d=3', '-vf', 'tinterlace=interleave_top', '-c:v', 'libx264',
      '-flags', '+ilme+ildct', interlaced); // prettier-ignore
    const progressive = await processed(interlaced, 'interlaced-out.mp4');
    expect(progressive.output).toContain('interlaced (top field first)');
    expect(pictureTimes(progressive.file)).toEqual(pictureTimes(interlaced));
    const telecined = path.join(home, 'telecined.mp4');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=24:d=5', '-vf', 'telecine=pattern=23', '-c:v', 'libx264',
      '-flags', '+ilme', telecined); // prettier-ignore
    const back = await processed(telecined, 'telecined-out.mp4');
    expect(back.output).toContain('telecined');
    expect(pictureTimes(back.file).length).toBe(Math.round(pictureTimes(telecined).length * 0.8));
  });

  it('go on after a kill, and the result is the same bit for bit', async () => {
    const whole = await processed(film, 'whole.mp4');
    const file = path.join(home, 'killed.mp4');
    const parts = path.join(`${file}.afterglow`, 'parts');
    const first = start(film, '-o', file, '-p', colour, '--jobs', '1');
    // As soon as one part is finished and the next is in work.
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        if (existsSync(parts) && readdirSync(parts).some((name) => name.endsWith('.nut'))) {
          clearInterval(timer);
          resolve();
        }
      }, 5);
      void first.end.then(({ output }) => {
        clearInterval(timer);
        reject(new Error(`it ended before it could be killed: ${output}`));
      });
    });
    first.child.kill('SIGKILL');
    await first.end;
    expect(existsSync(file)).toBe(false);
    const other = await refused(film, file, '--crf', '30');
    expect(other).toContain('other settings (crf)');
    const again = await processed(film, 'killed.mp4');
    expect(again.output).toMatch(/[1-9]\d* done before/);
    expect(readFileSync(file).equals(readFileSync(whole.file))).toBe(true);
  });

  it('go through damage in the middle, with every picture accounted for', async () => {
    const damaged = path.join(home, 'damaged.ts');
    ffmpeg('-i', film, '-c', 'copy', damaged);
    const bytes = readFileSync(damaged);
    bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 9000);
    writeFileSync(damaged, bytes);
    const { file } = await processed(damaged, 'damaged-out.mp4');
    expect(pictureTimes(file).length).toBeGreaterThan(60);
    expect(pictureTimes(film).length).toBe(120);
  });

  it('are shown as a sample beside the original', async () => {
    const titled = withChapters(film, 'sampled.mp4', [[0, 'Whole']]);
    const { file } = await processed(titled, 'sample.mp4', '--preview', '1s', '--at', '0:02');
    expect(chaptersOf(file)).toEqual([]);
    expect(pictureFormat(file)).toContain('640,240,');
    const times = pictureTimes(file);
    expect(times.length).toBe(24);
    expect(Number(times[0])).toBe(0);
    const compared = await processed(film, 'compared.mkv', '--compare', '--codec', 'ffv1');
    expect(planeChecksums(compared.file, 'u', 'crop=320:240:0:0,')).toEqual(planeChecksums(film, 'u'));
  });

  it.each([
    ['mp4', 'mp4'],
    ['mkv', 'mkv'],
    ['mp4', 'mkv'],
    ['mkv', 'mp4'],
    ['mkv', 'mov'],
    ['mov', 'mkv'],
  ])('keep their chapters, from %s to %s', async (from, to) => {
    const chapters = [
      [0, 'Anfang'],
      [1.5, 'Příběh <b>1</b>'],
      [3.123, 'Konec'],
    ] as const;
    const titled = withChapters(film, `chapters.${from}`, chapters);
    const plain = convertFilm(titled, home, `no-chapters.${from}`, '-map', '0:v', '-map', '0:a', '-c', 'copy', '-map_chapters', '-1'); // prettier-ignore
    expect(chaptersOf(plain)).toEqual([]);
    const kept = await processed(titled, `chapters-${from}-out.${to}`);
    const none = await processed(plain, `no-chapters-${from}-out.${to}`);
    expect(chaptersOf(kept.file)).toEqual(chapters);
    expect(chaptersOf(none.file)).toEqual([]);
    expect(complaints(kept.file)).toBe('');
    expect(complaints(kept.file, 3.5)).toBe('');
    // The file is otherwise that of a film without chapters.
    expect(packets(kept.file, 'v')).toEqual(packets(none.file, 'v'));
    expect(packets(kept.file, 'a')).toEqual(packets(none.file, 'a'));
  });

  it('keep their subtitles in another container, one caption at a time in MP4', async () => {
    const captions = path.join(home, 'two.srt');
    writeFileSync(
      captions,
      '1\n00:00:01,000 --> 00:00:03,000\n<i>Hello</i>\nthere\n\n2\n00:00:02,000 --> 00:00:02,500\nPříliš\n\n' +
        '3\n00:00:04,000 --> 00:00:04,500\nBye\n',
    );
    const titled = path.join(home, 'two.mkv');
    ffmpeg('-i', film, '-i', captions, '-map', '0', '-map', '1', '-c', 'copy', '-c:s', 'srt', '-metadata:s:s', 'language=ces', titled); // prettier-ignore
    const told = (file: string): string => {
      const text = path.join(home, 'told.srt');
      ffmpeg('-i', file, '-map', '0:s', text);
      return readFileSync(text, 'utf8').replace(/\r|(?<=^|> )\d{2}:(?=\d{2}:\d{2},)/gm, '');
    };
    // Matroska's sound begins before its pictures; the muxer moves all by that.
    const late = Math.round(Number(ffprobe(titled, '-select_streams', 's', '-show_entries', 'packet=pts_time')[0]) * 1000 - 1000); // prettier-ignore
    const at = (seconds: number): string => `00:0${seconds},${String(late).padStart(3, '0')}`;
    const half = (seconds: number): string => `00:0${seconds},${String(500 + late).padStart(3, '0')}`;
    for (const ending of ['mp4', 'mov']) {
      const { file } = await processed(titled, `two-out.${ending}`);
      expect(ffprobe(file, '-select_streams', 's', '-show_entries', 'stream=codec_name:stream_tags=language')).toEqual([
        'mov_text,ces',
      ]);
      expect(told(file).trim().split(/\n\n/)).toEqual([
        `1\n${at(1)} --> ${at(2)}\nHello\nthere`,
        `2\n${at(2)} --> ${half(2)}\nHello\nthere\nPříliš`,
        `3\n${half(2)} --> ${at(3)}\nHello\nthere`,
        `4\n${at(4)} --> ${half(4)}\nBye`,
      ]);
      expect(complaints(file)).toBe('');
      const back = await processed(file, `two-${ending}-back.mkv`);
      expect(ffprobe(back.file, '-select_streams', 's', '-show_entries', 'stream=codec_name:stream_tags=language')).toEqual([
        'subrip,ces',
      ]);
      expect(told(back.file)).toBe(told(file));
    }
  }); // prettier-ignore

  it('keep fonts of their subtitles in Matroska', async () => {
    const font = path.join(home, 'letters.ttf');
    writeFileSync(font, 'letters');
    const styled = path.join(home, 'styled.mkv');
    const captions = path.join(home, 'styled.srt');
    writeFileSync(captions, '1\n00:00:01,000 --> 00:00:02,000\nHello\n');
    ffmpeg('-i', film, '-i', captions, '-map', '0', '-map', '1', '-c', 'copy', '-c:s', 'ass', '-attach', font,
      '-metadata:s:t', 'mimetype=application/x-truetype-font', styled); // prettier-ignore
    const { file } = await processed(styled, 'styled-out.mkv');
    expect(packets(file, 's')).toEqual(packets(styled, 's'));
    expect(
      ffprobe(file, '-select_streams', 't', '-show_entries', 'stream=extradata_size:stream_tags=filename'),
    ).toEqual(['7,letters.ttf']);
    expect(await refused(styled, path.join(home, 'styled-out.mp4'))).toMatch(/cannot hold track 2 \(subtitles, ass\)/);
  });

  it('take the colours of a reference picture for a shot', async () => {
    const red = path.join(home, 'shot2.png');
    ffmpeg('-f', 'lavfi', '-i', 'gradients=s=320x240:c0=red:c1=black:x0=0:x1=320:d=1', '-frames:v', '1', red);
    const [plain, steered] = [
      await processed(film, 'plain.mkv', '--codec', 'ffv1'),
      await processed(film, 'steered.mkv', '--codec', 'ffv1', '--reference', red),
    ];
    const [before, after] = [planeChecksums(plain.file, 'v'), planeChecksums(steered.file, 'v')];
    const changed = after.flatMap((sum, i) => (sum === before[i] ? [] : [i]));
    // The second shot is of pictures 48 to 95.
    expect([changed[0], changed[changed.length - 1], changed.length]).toEqual([48, 95, 48]);
  });

  it('are seen by the network at full resolution, where that is asked for', async () => {
    const sharpen = path.join(home, 'sharpen.yaml');
    const stage = '{stage: network, model: brighten, nativeModel: sharpen, grid: [8, 6, 4]}';
    writeFileSync(sharpen, `description: test\nstages:\n  - ${stage}\n`);
    const lossless = ['-p', sharpen, '--codec', 'ffv1', '--preview', '1s'];
    const guided = await processed(film, 'guided.mkv', ...lossless);
    const native = await processed(film, 'native.mkv', ...lossless, '--native');
    expect(pictureTimes(native.file)).toEqual(pictureTimes(guided.file));
    // Edges of the sample's right half, which is what was made, as FFmpeg sees them.
    const [blunt, sharp] = [edgeStrength(guided.file), edgeStrength(native.file)];
    expect(sharp).toBeGreaterThan(1.15 * blunt);
  });

  it('tell their progress as JSON', async () => {
    const file = path.join(home, 'json.mp4');
    const { output } = await start(film, '-o', file, '-p', colour, '--json').end;
    const lines = output.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(new Set(lines.map(({ phase }) => phase))).toEqual(
      new Set(['analyse', 'found', 'process', 'assemble', 'done']),
    );
    expect(lines[lines.length - 1]).toMatchObject({ phase: 'done', pictures: 120, shots: 3, missing: 0 });
  });

  it('are refused with a reason before any work', async () => {
    const out = path.join(home, 'refused.mp4');
    expect(await refused(path.join(home, 'none.mp4'), out)).toContain('none.mp4 does not exist');
    expect(await refused(colour, out)).toMatch(/colour\.yaml is not a video/);
    expect(await refused(film, film, '--overwrite')).toContain('is the film itself');
    writeFileSync(out, 'precious');
    expect(await refused(film, out)).toContain('give --overwrite');
    expect(readFileSync(out, 'utf8')).toBe('precious');
    rmSync(out);
    expect(await refused(film, path.join(home, 'x.mp4'), '--codec', 'ffv1')).toContain('.mkv');
    expect(await refused(film, path.join(home, 'x.mp4'), '--preview', 'soon')).toContain('write 10s');
    expect(await refused(film, path.join(home, 'x.mp4'), '--reference', 'red.png')).toContain('which shot');
    // Subtitles that are pictures: a screen of them, which shows nothing, at one second.
    const screen = path.join(home, 'screen.sup');
    const at = '00015f9000000000';
    writeFileSync(screen, Buffer.from(`5047${at}16000b014000f0100000800000005047${at}800000`, 'hex'));
    const pictured = path.join(home, 'pictured.mkv');
    ffmpeg('-i', film, '-i', screen, '-map', '0', '-map', '1', '-c', 'copy', pictured);
    expect(await refused(pictured, out)).toMatch(/cannot hold track 2 \(subtitles, hdmv_pgs_subtitle\)/);
    const captions = path.join(home, 'captions.srt');
    writeFileSync(captions, '1\n00:00:01,000 --> 00:00:02,000\nHello\n');
    const titled = path.join(home, 'titled.mkv');
    ffmpeg('-i', film, '-i', captions, '-map', '0', '-map', '1', '-c', 'copy', '-c:s', 'srt', titled);
    const kept = await processed(titled, 'titled-out.mkv');
    expect(packets(kept.file, 's')).toEqual(packets(titled, 's'));
    expect(existsSync(`${out}.afterglow`)).toBe(false);
  });

  it.runIf(process.getuid?.() === 0)('lose nothing when the disk is full', async () => {
    const disk = path.join(home, 'disk');
    mkdirSync(disk);
    const mount = (...args: string[]): Promise<unknown> => once(spawn('mount', args), 'close');
    await mount('-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk);
    try {
      const file = path.join(disk, 'film.mkv');
      const said = await refused(film, file, '--codec', 'ffv1');
      expect(said).toMatch(/disk is full|No space left/);
      expect(existsSync(file)).toBe(false);
      await mount('-o', 'remount,size=200m', disk);
      const { code } = await start(film, '-o', file, '-p', colour, '--codec', 'ffv1').end;
      expect(code).toBe(0);
      expect(pictureTimes(file)).toHaveLength(120);
    } finally {
      await once(spawn('umount', [disk]), 'close');
    }
  });
});
