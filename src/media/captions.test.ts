import { describe, expect, it } from 'vitest';
import { CaptionLine, type Caption } from './caption-line.js';
import { captionText, movTextSample } from './caption-text.js';

describe('captions', () => {
  it.each([
    ['subrip', '<i>Hello</i>\r\n\r\n<font color="#fff">there</font>, {\\an8}1 < 2 > 0 & {so}\n', 'Hello\nthere, 1 < 2 > 0 & {so}'],
    ['webvtt', '<v Ann>Hi &amp; <c.loud>bye</c> <00:01.000>&lt;b&gt;', 'Hi & bye <b>'],
    ['text', '<i>as it is</i>', '<i>as it is</i>'],
  ])('of %s are words alone', (codec, written, words) => {
    expect(captionText(codec, Buffer.from(written))).toBe(words);
  }); // prettier-ignore

  it('of MP4 are read without styles, in either coding, and damaged ones too', () => {
    const styled = Buffer.concat([movTextSample('Žluť\nkůň'), Buffer.from([0, 0, 0, 8]), Buffer.from('styl')]);
    expect(captionText('mov_text', styled)).toBe('Žluť\nkůň');
    const wide = Buffer.concat([Buffer.from([0, 6, 0xfe, 0xff]), Buffer.from('až', 'utf16le').swap16()]);
    expect(captionText('mov_text', wide)).toBe('až');
    for (let length = 0; length < 5; length++) expect(captionText('mov_text', wide.subarray(0, length))).toBeDefined();
    expect(captionText('mov_text', Buffer.from([0xff, 0xff, 0x41]))).toBe('A');
  });

  it('too long for MP4 are cut, never within a character', () => {
    const sample = movTextSample('ř'.repeat(40_000));
    expect(sample.length).toBe(2 + 65_534);
    expect(captionText('mov_text', sample)).toBe('ř'.repeat(32_767));
  });

  it('that overlap are shown together, one after the other in time', () => {
    const line = new CaptionLine();
    const caption = (start: bigint, end: bigint, text: string): Caption => ({ start, end, text });
    line.add(caption(0n, 10n, 'sign'));
    line.add(caption(2n, 4n, 'Hello'));
    expect(line.take(3n)).toEqual([caption(0n, 2n, 'sign')]);
    line.add(caption(4n, 6n, 'there'));
    line.add(caption(4n, 6n, 'there'));
    line.add(caption(6n, 6n, 'never'));
    line.add(caption(20n, 21n, 'Bye'));
    expect(line.take(null)).toEqual([
      caption(2n, 4n, 'sign\nHello'),
      caption(4n, 6n, 'sign\nthere'),
      caption(6n, 10n, 'sign'),
      caption(20n, 21n, 'Bye'),
    ]);
    // One that comes too late begins where the last one ended.
    line.add(caption(19n, 25n, 'late'));
    expect(line.take(null)).toEqual([caption(21n, 25n, 'late')]);
  });
});
