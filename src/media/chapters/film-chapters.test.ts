import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chapter } from './chapter.js';
import { encode, encodeSize, ID } from './ebml.js';
import { addChapters, readChapters } from './film-chapters.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-chapters-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const SECOND = 1_000_000_000n;
const CHAPTERS: readonly Chapter[] = [
  { start: 0n, end: SECOND, title: 'Anfang', language: 'deu' },
  { start: (3n * SECOND) / 2n, end: null, title: '', language: 'und' },
  { start: 3_123_456_700n, end: 5n * SECOND, title: 'Příběh – 物語', language: 'ces' },
];

function file(name: string, ...parts: Buffer[]): string {
  const made = path.join(folder, name);
  writeFileSync(made, Buffer.concat(parts));
  return made;
}

function atom(type: string, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([numbers(8 + content.length), Buffer.from(type), content]);
}

/** Numbers of four bytes. */
function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

const FILE_TYPE = atom('ftyp', 'isom', numbers(0));
const USER_DATA = atom('udta', atom('meta', 'of a film'));

/** A film with a text track of chapters at 0, 2 and 5 seconds of a clock of 1000, whose edit list begins with half a second. */
function textTrackFilm(name: string, texts: Buffer[], ...userData: Buffer[]): string {
  const samples = texts.map((text) =>
    Buffer.concat([Buffer.from([0, text.length]), text, atom('encd', numbers(0x100))]),
  );
  const header = (...values: number[]): Buffer => numbers(0, 0, 0, ...values);
  const table = atom(
    'stbl',
    atom('stts', numbers(0, 2, 1, 2000, 9, 3000)),
    atom('stsc', numbers(0, 2, 1, 2, 1, 2, 1, 1)),
    atom('stsz', numbers(0, 0, samples.length, ...samples.map(({ length }) => length))),
    atom('stco', numbers(0, 2, FILE_TYPE.length + 8, FILE_TYPE.length + 8 + Buffer.concat(samples.slice(0, 2)).length)),
  );
  return file(
    name,
    FILE_TYPE,
    atom('mdat', ...samples),
    atom(
      'moov',
      atom('mvhd', header(600)),
      atom('trak', atom('tkhd', header(1)), atom('tref', atom('chap', numbers(7, 2)))),
      atom(
        'trak',
        atom('tkhd', header(2)),
        atom('edts', atom('elst', numbers(0, 2, 300, 0xffffffff, 1, 9000, 0, 1))),
        atom('mdia', atom('mdhd', header(1000)), atom('hdlr', numbers(0, 0), 'text'), atom('minf', table)),
      ),
      ...userData,
    ),
  );
}

/** A Matroska film as FFmpeg's muxer leaves it: an index with room behind it, and pictures. */
function matroskaFilm(name: string, room = 60): string {
  const index = encode(ID.seekHead, encode(ID.seek, Buffer.alloc(0)));
  const content = Buffer.concat([index, encode(ID.void, Buffer.alloc(room), 8), encode(ID.cluster, 'pictures')]);
  return file(name, encode(ID.header, Buffer.alloc(4)), encode(ID.segment, content, 8));
}

describe('chapters', () => {
  it('come back from Matroska as they were, and the rest stays', () => {
    const film = matroskaFilm('a.mkv');
    const before = readFileSync(film);
    expect(readChapters(film)).toEqual({ chapters: [], notes: [] });
    expect(addChapters(film, 'matroska', CHAPTERS)).toEqual([]);
    expect(readChapters(film)).toEqual({ chapters: CHAPTERS, notes: [] });
    const after = readFileSync(film);
    const pictures = before.indexOf(Buffer.from('pictures')) - 5;
    expect(after.subarray(pictures, before.length).equals(before.subarray(pictures))).toBe(true);
  });

  it.each([
    ['with user data', [USER_DATA]],
    ['without user data', []],
  ])('come back from MP4 by their starts and titles, %s', (_, userData) => {
    const film = file('a.mp4', FILE_TYPE, atom('mdat', 'pictures'), atom('moov', atom('trak'), ...userData));
    const before = readFileSync(film);
    expect(addChapters(film, 'mp4', CHAPTERS)).toEqual([]);
    const expected = CHAPTERS.map((chapter) => ({ ...chapter, end: null, language: 'und' }));
    expect(readChapters(film)).toEqual({ chapters: expected, notes: [] });
    const changed = [...before.entries()].filter(([i, byte]) => readFileSync(film)[i] !== byte).length;
    expect(changed).toBeLessThanOrEqual(4);
  });

  it('are as many in MP4, and with titles as long, as its list can hold, with notes', () => {
    const film = file('many.mp4', FILE_TYPE, atom('moov', USER_DATA));
    const many = Array.from({ length: 300 }, (_, i) => ({ start: BigInt(i), end: null, title: 'ř'.repeat(200), language: 'und' }));
    expect(addChapters(film, 'mp4', many)).toEqual([
      'of 300 chapters the first 255 were kept',
      'titles of chapters were cut to 255 bytes',
    ]);
    const { chapters } = readChapters(film);
    expect(chapters).toHaveLength(255);
    expect(chapters[254]?.title).toBe('ř'.repeat(127));
  }); // prettier-ignore

  it('come from the text track of QuickTime, unless the list says as much', () => {
    const utf16 = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('Závěr', 'utf16le').swap16()]);
    const texts = [Buffer.from('One'), Buffer.from('Two'), utf16];
    const expected = [
      { start: SECOND / 2n, end: (5n * SECOND) / 2n, title: 'One', language: 'und' },
      { start: (5n * SECOND) / 2n, end: (11n * SECOND) / 2n, title: 'Two', language: 'und' },
      { start: (11n * SECOND) / 2n, end: (17n * SECOND) / 2n, title: 'Závěr', language: 'und' },
    ];
    const film = textTrackFilm('text.mov', texts);
    expect(readChapters(film)).toEqual({ chapters: expected, notes: [] });
    addChapters(film, 'mov', CHAPTERS.slice(1));
    expect(readChapters(film).chapters).toEqual(expected);
    const listed = textTrackFilm('listed.mov', texts);
    addChapters(listed, 'mov', CHAPTERS);
    expect(readChapters(listed).chapters.map(({ title }) => title)).toEqual(CHAPTERS.map(({ title }) => title));
  });

  it('are those that Matroska shows: of the default edition, none hidden, of another file or within others', () => {
    const flag = (id: number, value = 1n): Buffer => encode(id, value);
    const chapter = (start: bigint, ...fields: Buffer[]): Buffer =>
      encode(ID.atom, Buffer.concat([encode(ID.atomStart, start), ...fields]));
    const edition = (...fields: Buffer[]): Buffer => encode(ID.edition, Buffer.concat(fields));
    const chapters = encode(
      ID.chapters,
      Buffer.concat([
        edition(chapter(1n)),
        edition(
          flag(ID.editionDefault),
          chapter(30n, encode(ID.display, encode(ID.text, 'last\0\0'))),
          chapter(5n, flag(ID.atomHidden)),
          chapter(6n, flag(ID.atomEnabled, 0n)),
          chapter(7n, encode(ID.atomSegment, 'another')),
          chapter(20n, chapter(25n), encode(ID.atomEnd, 10n)),
          chapter(1n << 60n),
        ),
        edition(flag(ID.editionDefault), flag(ID.editionHidden), chapter(2n)),
      ]),
    );
    // A recording that was cut off: sizes that are not known.
    const segment = Buffer.concat([Buffer.from('18538067', 'hex'), Buffer.from([0xff])]);
    const film = file('editions.mkv', encode(ID.header, ''), segment, chapters, Buffer.from('1f43b675ff00', 'hex'));
    expect(readChapters(film)).toEqual({
      chapters: [
        { start: 20n, end: null, title: '', language: 'und' },
        { start: 30n, end: null, title: 'last', language: 'eng' },
      ],
      notes: [],
    });
  });

  it('are left out of files that are not built as expected, which stay as they were', () => {
    const films = [
      ['mp4', file('front.mp4', FILE_TYPE, atom('moov', USER_DATA), atom('mdat', 'pictures'))],
      ['mp4', file('middle.mp4', FILE_TYPE, atom('moov', USER_DATA, atom('trak')))],
      ['mp4', file('none.mp4', Buffer.from('short'))],
      ['matroska', matroskaFilm('tight.mkv', 10)],
      ['matroska', file('none.mkv', Buffer.alloc(100))],
    ] as const;
    for (const [container, film] of films) {
      const before = readFileSync(film);
      expect(addChapters(film, container, CHAPTERS)).toEqual(['chapters could not be put into this file']);
      expect(readFileSync(film).equals(before)).toBe(true);
    }
  });

  it('that are damaged neither stop nor hold up anything, wherever a file ends or whatever one byte says', () => {
    const [matroska, list] = [matroskaFilm('whole.mkv'), file('whole.mp4', FILE_TYPE, atom('moov', USER_DATA))];
    addChapters(matroska, 'matroska', CHAPTERS);
    addChapters(list, 'mp4', CHAPTERS);
    const text = textTrackFilm('whole.mov', [Buffer.from('One'), Buffer.from('Two'), Buffer.from('Three')], USER_DATA);
    for (const film of [matroska, list, text]) {
      const whole = readFileSync(film);
      const damaged = path.join(folder, 'damaged');
      const look = (bytes: Buffer): void => {
        writeFileSync(damaged, bytes);
        const { chapters, notes } = readChapters(damaged);
        expect(chapters.length).toBeLessThanOrEqual(10_000);
        expect(notes.length).toBeLessThanOrEqual(1);
      };
      for (let length = 0; length < whole.length; length++) look(whole.subarray(0, length));
      for (let i = 0; i < whole.length; i++) {
        for (const value of [0, 0xff]) {
          const bytes = Buffer.from(whole);
          bytes[i] = value;
          look(bytes);
        }
      }
    }
    writeFileSync(matroska, readFileSync(matroska).subarray(0, -4));
    expect(readChapters(matroska).notes).toEqual(['the list of chapters is damaged and was left out']);
    expect(readChapters(path.join(folder, 'nowhere.mkv')).notes).toHaveLength(1);
  });

  it('are not looked for without end, nor with more memory than there is', () => {
    const empty = encode(ID.void, '');
    const trap = file('trap.mkv', encode(ID.header, ''), Buffer.from('1853806701ffffffffffffff', 'hex'),
      Buffer.concat(Array.from({ length: 1_000_000 }, () => empty))); // prettier-ignore
    expect(readChapters(trap).notes).toHaveLength(1);
    const huge = file('huge.mkv', encode(ID.header, ''), Buffer.from('1853806701ffffffffffffff', 'hex'),
      Buffer.from('1043a770', 'hex'), encodeSize(2 ** 50, 8)); // prettier-ignore
    expect(readChapters(huge).notes).toHaveLength(1);
    const count = file('count.mov', FILE_TYPE, atom('moov', atom('udta', atom('chpl', numbers(0x01000000, 0), Buffer.from([255])))));
    expect(readChapters(count)).toMatchObject({ chapters: [], notes: ['the list of chapters is damaged and was left out'] });
  }); // prettier-ignore
});
