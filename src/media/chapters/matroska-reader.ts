import { MAX_CHAPTERS, type Chapter } from './chapter.js';
import { ID, elementAt, elements, readNumber, type Element } from './ebml.js';
import { StructureError, type FileBytes } from './file-bytes.js';

/** Bytes of a title that are read. */
const LONGEST_TITLE = 4096;

/**
 * Chapters of a Matroska or WebM file: those of the edition that players show first, without hidden ones, ones of other
 * files, and ones within others. Throws StructureError after those that are whole.
 */
export function* matroskaChapters(bytes: FileBytes): Generator<Chapter> {
  const header = elementAt(bytes, 0, bytes.size);
  const segment = elementAt(bytes, header.to, bytes.size + SIZES_BEYOND);
  if (segment.id !== ID.segment) throw new StructureError();
  const chapters = findChapters(bytes, { from: segment.from, to: Math.min(segment.to, bytes.size) });
  if (!chapters) return;
  const edition = shownEdition(bytes, chapters);
  if (!edition) return;
  let count = 0;
  for (const atom of elements(bytes, edition)) {
    if (atom.id !== ID.atom) continue;
    if (++count > MAX_CHAPTERS) throw new StructureError();
    const chapter = readAtom(bytes, atom);
    if (chapter) yield chapter;
  }
}

/** A film that was cut off has a segment that would be longer than the file. */
const SIZES_BEYOND = 2 ** 52;

function findChapters(bytes: FileBytes, segment: Pick<Element, 'from' | 'to'>): Element | null {
  let hasIndex = false;
  for (let at = segment.from; at < segment.to;) {
    const element = elementAt(bytes, at, segment.to + SIZES_BEYOND);
    if (element.id === ID.chapters) return whole(element, segment.to);
    if (element.id === ID.seekHead) {
      hasIndex = true;
      const place = chaptersPlace(bytes, whole(element, segment.to), segment.from);
      if (place !== null) {
        const found = elementAt(bytes, place, segment.to);
        if (found.id !== ID.chapters) throw new StructureError();
        return found;
      }
    }
    // With an index, what follows the pictures would stand in it.
    if (element.id === ID.cluster && (hasIndex || !element.sized)) return null;
    if (!element.sized) return null;
    at = element.to;
  }
  return null;
}

function whole(element: Element, end: number): Element {
  if (!element.sized || element.to > end) throw new StructureError();
  return element;
}

/** Where the index says that the chapters are, as an offset in the file. */
function chaptersPlace(bytes: FileBytes, index: Element, origin: number): number | null {
  for (const entry of elements(bytes, index)) {
    if (entry.id !== ID.seek) continue;
    let [id, position] = [0n, 0n];
    for (const field of elements(bytes, entry)) {
      if (field.id === ID.seekId) id = readNumber(bytes, field);
      if (field.id === ID.seekPosition) position = readNumber(bytes, field);
    }
    if (id === BigInt(ID.chapters)) return origin + Number(position);
  }
  return null;
}

/** The edition that is marked as default, or the first; never a hidden one. */
function shownEdition(bytes: FileBytes, chapters: Element): Element | null {
  let first: Element | null = null;
  for (const edition of elements(bytes, chapters)) {
    if (edition.id !== ID.edition) continue;
    let [hidden, isDefault] = [false, false];
    for (const field of elements(bytes, edition)) {
      if (field.id === ID.editionHidden) hidden = readNumber(bytes, field) !== 0n;
      if (field.id === ID.editionDefault) isDefault = readNumber(bytes, field) !== 0n;
    }
    if (hidden) continue;
    if (isDefault) return edition;
    first ??= edition;
  }
  return first;
}

function readAtom(bytes: FileBytes, atom: Element): Chapter | null {
  let start: bigint | null = null;
  let end: bigint | null = null;
  let shown = true;
  let display: Pick<Chapter, 'title' | 'language'> | null = null;
  for (const field of elements(bytes, atom)) {
    if (field.id === ID.atomStart) start = readNumber(bytes, field);
    if (field.id === ID.atomEnd) end = readNumber(bytes, field);
    if (field.id === ID.atomHidden && readNumber(bytes, field) !== 0n) shown = false;
    if (field.id === ID.atomEnabled && readNumber(bytes, field) === 0n) shown = false;
    if (field.id === ID.atomSegment) shown = false;
    if (field.id === ID.display) display ??= readDisplay(bytes, field);
  }
  if (start === null || !shown) return null;
  return { start, end, title: display?.title ?? '', language: display?.language ?? 'und' };
}

function readDisplay(bytes: FileBytes, display: Element): Pick<Chapter, 'title' | 'language'> {
  // Matroska's language where none is said.
  let [title, language] = ['', 'eng'];
  for (const field of elements(bytes, display)) {
    const text = (): string => {
      const data = bytes.read(field.from, Math.min(field.to - field.from, LONGEST_TITLE));
      return data.toString('utf8').replace(/\0.*$/s, '');
    };
    if (field.id === ID.text) title = text();
    if (field.id === ID.language) language = text().slice(0, 3);
  }
  return { title, language };
}
