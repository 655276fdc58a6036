import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Three scenes of two, two and one seconds, 24 pictures a second, with a tone. */
const SCENES = [
  '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=24:d=2',
  '-f', 'lavfi', '-i', 'mandelbrot=s=320x240:r=24',
  '-f', 'lavfi', '-i', 'smptebars=s=320x240:r=24:d=1',
  '-f', 'lavfi', '-i', 'sine=440:d=5',
  '-filter_complex', '[1]trim=duration=2,setpts=PTS-STARTPTS[m];[0][m][2]concat=n=3:v=1,format=yuv420p[v]',
  '-map', '[v]', '-map', '3', '-metadata', 'title=Three scenes', '-metadata:s:a', 'language=ces',
] as const; // prettier-ignore

/** Runs FFmpeg's own tool, which knows nothing of Afterglow. */
export function ffmpeg(...args: string[]): void {
  execFileSync('/usr/bin/ffmpeg', ['-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What ffprobe says, a line each. */
export function ffprobe(file: string, ...args: string[]): string[] {
  const text = execFileSync('/usr/bin/ffprobe', ['-v', 'error', ...args, '-of', 'csv=p=0', file], { encoding: 'utf8' });
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().replace(/,+$/, '')]));
}

/** Makes a film of three scenes with sound, in a container by the name's ending. */
export function makeFilm(folder: string, name: string): string {
  const file = path.join(folder, name);
  ffmpeg(...SCENES, '-c:v', 'libx264', '-bf', '3', '-c:a', 'aac', file);
  return file;
}

/** Makes another film of one, by arguments of FFmpeg's tool. */
export function convertFilm(film: string, folder: string, name: string, ...args: string[]): string {
  const file = path.join(folder, name);
  ffmpeg('-i', film, ...args, file);
  return file;
}

/** Makes a film with chapters, given by their starts and titles, of another one. All last up to the next; the last 5 s. */
export function withChapters(film: string, name: string, chapters: readonly (readonly [number, string])[]): string {
  const file = path.join(path.dirname(film), name);
  const metadata = `${file}.txt`;
  const lines = chapters.map(([start, title], i) => {
    const end = chapters[i + 1]?.[0] ?? 5;
    return `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start * 1000}\nEND=${end * 1000}\ntitle=${title}\n`;
  });
  writeFileSync(metadata, `;FFMETADATA1\n${lines.join('')}`);
  ffmpeg('-i', film, '-i', metadata, '-map', '0', '-map_chapters', '1', '-c', 'copy', file);
  return file;
}

/** Starts in seconds and titles of all chapters. */
export function chaptersOf(file: string): [number, string][] {
  return ffprobe(file, '-show_chapters', '-show_entries', 'chapter=start_time:chapter_tags=title').map((line) => {
    const [start = '', ...title] = line.split(',');
    return [Number(start), title.join()];
  });
}

/** What FFmpeg's tool complains of when it decodes pictures and sound from a time in seconds on; empty where all is well. */
export function complaints(file: string, from = 0): string {
  const args = ['-v', 'warning', '-ss', String(from), '-i', file, '-map', '0:v', '-map', '0:a', '-f', 'null', '-'];
  const { stdout, stderr } = spawnSync('/usr/bin/ffmpeg', args, { encoding: 'utf8' });
  return stdout + stderr;
}

/** Presentation times of all pictures, in seconds. */
export function pictureTimes(file: string): string[] {
  return ffprobe(file, '-select_streams', 'v', '-show_entries', 'frame=pts_time').filter((line) => line !== '');
}

/** Times and checksums of all packets of a kind of track: v for pictures, a for sound, s for subtitles. Side data has lines too. */
export function packets(file: string, kind: 'v' | 'a' | 's'): string[] {
  const entries = 'packet=pts_time,size,data_hash';
  const lines = ffprobe(file, '-select_streams', kind, '-show_entries', entries, '-show_data_hash', 'md5');
  return lines.filter((line) => /^\d/.test(line));
}

/** Checksums of one plane of every picture; width, height, pixel aspect and format come before. */
export function planeChecksums(file: string, plane: 'y' | 'u' | 'v', filters = ''): string[] {
  const chain = `${filters}extractplanes=${plane}`;
  const text = execFileSync(
    '/usr/bin/ffmpeg',
    ['-v', 'error', '-i', file, '-map', '0:v:0', '-vf', chain, '-fps_mode', 'passthrough', '-f', 'framemd5', '-'],
    { encoding: 'utf8' },
  );
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith('#') || line === '' ? [] : [line.split(',').pop()?.trim() ?? '']));
}

/** Width, height, pixel aspect and pixel format. */
export function pictureFormat(file: string): string {
  const entries = 'stream=width,height,sample_aspect_ratio,pix_fmt';
  return ffprobe(file, '-select_streams', 'v:0', '-show_entries', entries).join();
}

/** Mean of what the right half of a film's pictures differs by from a blur of itself, in levels. */
export function edgeStrength(file: string): number {
  const graph = 'crop=iw/2:ih:iw/2:0,format=gray,split[a][b];[b]avgblur=1[c];[a][c]blend=all_mode=difference,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-'; // prettier-ignore
  const said = execFileSync('/usr/bin/ffmpeg', ['-v', 'error', '-i', file, '-lavfi', graph, '-f', 'null', '-'], { encoding: 'utf8' }); // prettier-ignore
  const means = [...said.matchAll(/YAVG=([\d.]+)/g)];
  return means.reduce((sum, [, value]) => sum + Number(value), 0) / means.length;
}
