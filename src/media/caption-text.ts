import { cutText } from './chapters/chapter.js';

/** Bytes of a caption in MP4, whose length has two bytes. */
const LONGEST = 65_535;

/**
 * How captions in MP4 are set up (tx3g), as by FFmpeg's own encoder: at the bottom, in the middle,
 * white, 16 points of Arial.
 */
export const MOV_TEXT_SETUP = Buffer.from([
  0, 0, 0, 0, 1, 0xff, 0, 0, 0, 0, // flags, justification, background
  0, 0, 0, 0, 0, 0, 0, 0, // box
  0, 0, 0, 0, 0, 1, 0, 16, 255, 255, 255, 255, // style
  0, 0, 0, 18, 0x66, 0x74, 0x61, 0x62, 0, 1, 0, 1, 5, 0x41, 0x72, 0x69, 0x61, 0x6c, // font 1: Arial
]); // prettier-ignore

const TAGS = /<\/?(?:[ibusc]|v|font|lang|ruby|rt)(?:[ .][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}/gi;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': '\u00a0',
  '&lrm;': '\u200e',
  '&rlm;': '\u200f',
};

/** The words of a caption without tags; a line break is a line feed. codec: FFmpeg's name: subrip, text, webvtt, mov_text. */
export function captionText(codec: string, data: Buffer): string {
  const written = codec === 'mov_text' ? movTextWords(data) : data.toString('utf8');
  const plain = codec === 'subrip' || codec === 'webvtt' ? written.replace(TAGS, '') : written;
  const words = codec === 'webvtt' ? plain.replace(/&\w+;/g, (name) => ENTITIES[name] ?? name) : plain;
  // A line that is empty ends a caption in a file of them.
  return words.replace(/\0/g, '').replace(/\s*[\r\n]\s*/g, '\n').trim(); // prettier-ignore
}

/** A caption as MP4 keeps it. Longer ones than 65 535 bytes are cut. */
export function movTextSample(text: string): Buffer {
  const words = cutText(text, LONGEST);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(words.length);
  return Buffer.concat([length, words]);
}

function movTextWords(data: Buffer): string {
  if (data.length < 2) return '';
  const words = data.subarray(2, 2 + data.readUInt16BE());
  const mark = words.length >= 2 ? words.readUInt16BE() : 0;
  if (mark !== 0xfeff && mark !== 0xfffe) return words.toString('utf8');
  const units = Buffer.from(words.subarray(2, words.length - (words.length % 2)));
  return (mark === 0xfeff ? units.swap16() : units).toString('utf16le');
}
