import { closeSync, openSync, writeSync } from 'node:fs';
import { inOrder, type Chapter } from './chapter.js';
import { ID } from './ebml.js';
import { FileBytes, StructureError, type Change } from './file-bytes.js';
import { matroskaChapters } from './matroska-reader.js';
import { matroskaChanges } from './matroska-writer.js';
import { mp4Chapters } from './mp4-reader.js';
import { LONGEST_LIST, LONGEST_TITLE, mp4Changes } from './mp4-writer.js';

/** A film's chapters, and what people should know of them. */
export interface FilmChapters {
  /** In the order of their times. */
  readonly chapters: readonly Chapter[];
  readonly notes: readonly string[];
}

/** What the first atom of an MP4 or QuickTime file can be. */
const FIRST_ATOMS = ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'uuid'];

/** Reads the chapters of an MP4, QuickTime, Matroska or WebM file; other files have none. Damage becomes a note. */
export function readChapters(file: string): FilmChapters {
  const chapters: Chapter[] = [];
  try {
    const bytes = new FileBytes(file);
    try {
      for (const chapter of chaptersIn(bytes)) chapters.push(chapter);
    } finally {
      bytes.close();
    }
  } catch (error) {
    if (!(error instanceof StructureError) && !isSystemError(error)) throw error;
    const notes = [
      chapters.length > 0
        ? `the list of chapters is damaged; the first ${chapters.length} were kept`
        : 'the list of chapters is damaged and was left out',
    ];
    return { chapters: inOrder(chapters), notes };
  }
  return { chapters: inOrder(chapters), notes: [] };
}

/**
 * Gives chapters to a file that FFmpeg's muxer has finished. Nothing is changed where the file is not built as expected.
 * container: FFmpeg's name of it. Returns notes for people; throws the system's error where the file cannot be written.
 */
export function addChapters(file: string, container: string, chapters: readonly Chapter[]): readonly string[] {
  if (chapters.length === 0) return [];
  const isMatroska = container === 'matroska';
  let changes: Change[];
  try {
    changes = isMatroska ? matroskaChanges(file, chapters) : mp4Changes(file, chapters);
  } catch (error) {
    if (error instanceof StructureError) return ['chapters could not be put into this file'];
    throw error;
  }
  const descriptor = openSync(file, 'r+');
  try {
    for (const { at, data } of changes) {
      for (let done = 0; done < data.length;) {
        done += writeSync(descriptor, data, done, data.length - done, at + done);
      }
    }
  } finally {
    closeSync(descriptor);
  }
  return isMatroska ? [] : limitsMet(chapters);
}

function limitsMet(chapters: readonly Chapter[]): string[] {
  const kept = chapters.slice(0, LONGEST_LIST);
  const isCut = kept.some(({ title }) => Buffer.byteLength(title) > LONGEST_TITLE);
  return [
    ...(kept.length < chapters.length ? [`of ${chapters.length} chapters the first ${LONGEST_LIST} were kept`] : []),
    ...(isCut ? [`titles of chapters were cut to ${LONGEST_TITLE} bytes`] : []),
  ];
}

function* chaptersIn(bytes: FileBytes): Generator<Chapter> {
  if (bytes.size < 12) return;
  const head = bytes.read(0, 8);
  if (head.readUInt32BE(0) === ID.header) yield* matroskaChapters(bytes);
  else if (FIRST_ATOMS.includes(head.toString('latin1', 4))) yield* mp4Chapters(bytes);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error;
}
