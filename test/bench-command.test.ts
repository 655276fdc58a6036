import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { clipFolder, makeClip } from './clip.js';
import { RunningCommand } from './running-command.js';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string; readonly picture?: number };
}

const [WIDTH, HEIGHT, FRAMES] = [320, 180, 60];

describe('afterglow bench', () => {
  it('tells what a stream takes, and traces the way of every picture', async () => {
    const clip = makeClip('bench.mp4', {
      width: WIDTH,
      height: HEIGHT,
      frames: FRAMES,
      codec: 'libx264',
      draw: (picture, index) => {
        picture.fill(30, 0, WIDTH * HEIGHT).fill(128, WIDTH * HEIGHT);
        for (let y = 0; y < HEIGHT; y++) picture.fill(60, y * WIDTH + index * 4, y * WIDTH + index * 4 + 16);
      },
    });
    const file = path.join(clipFolder, 'trace.json');
    const { code, output } = await new RunningCommand(['bench', clip, '--exact', '--trace', file]).outcome;
    expect(output).toMatch(new RegExp(`pictures a second \\(${FRAMES} sent, 0 dropped\\)`));
    expect(output).toMatch(/the network ran \d+\.\d times a second/);
    expect(output).toMatch(/ms CPU a picture, \d+\.\d\d of \d+ cores/);
    expect(output).toMatch(/^slice +enhance +60( +\d+\.\d){3}$/m);
    expect(code).toBe(0);
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { readonly traceEvents: readonly TraceEvent[] };
    const threads = traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args?.name);
    expect(threads).toEqual(['source', 'enhance', 'network', 'output']);
    const spans = (name: string): { at: number; end: number; picture: number }[] =>
      traceEvents
        .filter((event) => event.ph === 'X' && event.name === name)
        .map(({ ts = NaN, dur = NaN, args }) => ({ at: ts, end: ts + dur, picture: args?.picture ?? NaN }));
    const [decode, slice, encode, network] = [spans('decode'), spans('slice'), spans('encode'), spans('network')];
    for (const each of [decode, slice, encode]) expect(each).toHaveLength(FRAMES);
    decode.forEach((span, i) => {
      // Each picture is enhanced after it was decoded, and encoded after that.
      expect(slice[i]?.picture).toBe(span.picture);
      expect(encode[i]?.picture).toBe(span.picture);
      expect(slice[i]?.at).toBeGreaterThanOrEqual(span.end - 1);
      expect(encode[i]?.at).toBeGreaterThanOrEqual(slice[i]?.end ?? NaN);
    });
    // The network works beside the pictures: others are sliced while it does.
    const during = network.filter((run) => slice.some(({ at, end }) => at > run.at && end < run.end));
    expect(during.length).toBeGreaterThan(network.length / 2);
  });

  it.each([
    [['http://example.com/film.mp4'], /inputs of kind "http:" are not supported: give a file/],
    [['/nowhere.mp4'], /nowhere\.mp4 does not exist: check the path/],
    [['--seconds', 'long'], /--seconds must be a number, not "long": see afterglow bench --help/],
    [['--seconds', '10000'], /--seconds must be a number from 1 to 600/],
    [['--exact', '--seconds', '3'], /--exact takes the whole file: leave out --seconds/],
    [['-p', 'day'], /"?day"?/],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, output } = await new RunningCommand(['bench', ...args]).outcome;
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });
});
