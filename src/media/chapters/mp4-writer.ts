import { cutText, type Chapter } from './chapter.js';
import { FileBytes, StructureError, type Change } from './file-bytes.js';
import { atoms, type Atom } from './mp4-atoms.js';

/** Chapters of Nero's list, whose count is a byte. */
export const LONGEST_LIST = 255;
/** Bytes of a title there. */
export const LONGEST_TITLE = 255;

/**
 * What an MP4 or QuickTime file of FFmpeg's muxer is to be given so that it has chapters: Nero's list (chpl) at its end,
 * where the user data are, and the new sizes of what is around it. Throws StructureError where they are not there.
 */
export function mp4Changes(file: string, chapters: readonly Chapter[]): Change[] {
  const bytes = new FileBytes(file);
  try {
    const movie = last(bytes, { from: 0, to: bytes.size });
    if (movie?.type !== 'moov') throw new StructureError();
    const data = [...atoms(bytes, movie)].find(({ type }) => type === 'udta');
    const list = encodeAtom('chpl', encodeList(chapters));
    const added = data ? list : encodeAtom('udta', list);
    if (data && data.to !== movie.to) throw new StructureError();
    return [
      { at: bytes.size, data: added },
      ...(data ? [longer(bytes, data, added.length)] : []),
      longer(bytes, movie, added.length),
    ];
  } finally {
    bytes.close();
  }
}

function last(bytes: FileBytes, within: Omit<Atom, 'type'>): Atom | null {
  let found: Atom | null = null;
  for (const atom of atoms(bytes, within)) found = atom;
  return found;
}

/** The change of an atom's size, which stands in the four bytes eight before what it holds. */
function longer(bytes: FileBytes, { type, from, to }: Atom, by: number): Change {
  const head = bytes.read(from - 8, 8);
  const size = to - from + 8;
  if (head.toString('latin1', 4) !== type || head.readUInt32BE(0) !== size) throw new StructureError();
  const data = Buffer.alloc(4);
  data.writeUInt32BE(size + by);
  return { at: from - 8, data };
}

function encodeList(chapters: readonly Chapter[]): Buffer {
  const shown = chapters.slice(0, LONGEST_LIST);
  // Version 1 with four more bytes, as Nero and FFmpeg write it.
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, shown.length]);
  const entries = shown.map(({ start, title }) => {
    const text = cutText(title, LONGEST_TITLE);
    const entry = Buffer.alloc(9);
    entry.writeBigUInt64BE((start + 50n) / 100n);
    entry.writeUInt8(text.length, 8);
    return Buffer.concat([entry, text]);
  });
  return Buffer.concat([head, ...entries]);
}

function encodeAtom(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
