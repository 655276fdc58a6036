import { MAX_CHAPTERS, type Chapter } from './chapter.js';
import { StructureError, type FileBytes } from './file-bytes.js';
import { contents, findAtom, type Atom } from './mp4-atoms.js';
import { textTrackChapters } from './text-track.js';

/** Bytes of a title that Nero's list can hold. */
const LONGEST_TITLE = 255;

/**
 * Chapters of an MP4 or QuickTime file: of Nero's list (chpl), or of the text track that QuickTime uses where that says
 * more. Throws StructureError after those that are whole.
 */
export function* mp4Chapters(bytes: FileBytes): Generator<Chapter> {
  const movie = findAtom(bytes, { from: 0, to: bytes.size }, 'moov');
  if (!movie) return;
  const list = attempt(neroChapters(bytes, movie));
  const track = attempt(textTrackChapters(bytes, movie));
  // The list's clock is finer; it ends after 255 chapters and cuts their titles at 255 bytes.
  const isCut = list.chapters.some(({ title }) => Buffer.byteLength(title) >= LONGEST_TITLE - 3);
  const more = list.chapters.length - track.chapters.length;
  const better = more > 0 || (more === 0 && !(isCut && track.whole)) ? list : track;
  yield* better.chapters;
  if (!better.whole || (better.chapters.length === 0 && !track.whole)) throw new StructureError();
}

function attempt(reading: Generator<Chapter>): { readonly chapters: readonly Chapter[]; readonly whole: boolean } {
  const chapters: Chapter[] = [];
  try {
    for (const chapter of reading) chapters.push(chapter);
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
    return { chapters, whole: false };
  }
  return { chapters, whole: true };
}

function* neroChapters(bytes: FileBytes, movie: Atom): Generator<Chapter> {
  const list = findAtom(bytes, movie, 'udta', 'chpl');
  if (!list) return;
  const head = contents(bytes, list, 9);
  // Four bytes that nobody has explained come with version 1.
  const skipped = (head[0] ?? 0) === 0 ? 4 : 8;
  if (head.length <= skipped) throw new StructureError();
  const count = Math.min(head.readUInt8(skipped), MAX_CHAPTERS);
  let at = list.from + skipped + 1;
  for (let i = 0; i < count; i++) {
    if (at + 9 > list.to) throw new StructureError();
    const entry = bytes.read(at, 9);
    const length = entry.readUInt8(8);
    if (at + 9 + length > list.to) throw new StructureError();
    // Units of 100 nanoseconds.
    const start = entry.readBigUInt64BE() * 100n;
    yield { start, end: null, title: bytes.read(at + 9, length).toString('utf8'), language: 'und' };
    at += 9 + length;
  }
}
