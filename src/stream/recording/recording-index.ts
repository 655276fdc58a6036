import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseRecordingName, RECORDING_KINDS } from './recording-name.js';

const segmentSchema = z.strictObject({
  /** Name in the folder. */
  file: z.string().refine((file) => parseRecordingName(file) !== null, 'must be the name of a recorded file'),
  kind: z.enum(RECORDING_KINDS),
  /** When its first picture came, by the clock of then. */
  start: z.iso.datetime(),
  seconds: z.number().min(0),
  bytes: z.number().int().min(0),
  /** Whether it was ended as it should be: false while it is written, and after a power cut. */
  complete: z.boolean(),
  /** What made the enhanced pictures; null for the original, and where it is no longer known. */
  pipeline: z.string().nullable(),
  model: z.string().nullable(),
  strength: z.number().min(0).max(1).nullable(),
});

/** The list of a stream's recorded files, `index.json` in its folder; oldest first. */
export const recordingIndexSchema = z.strictObject({ version: z.literal(1), segments: z.array(segmentSchema) });

/** The list of a stream's recorded files. */
export type RecordingIndex = z.output<typeof recordingIndexSchema>;
/** One recorded file. */
export type RecordingSegment = Readonly<RecordingIndex['segments'][number]>;

/** Name of the index in a stream's folder. */
export const RECORDING_INDEX = 'index.json';

/** Reads a folder's index. Where there is none, or a damaged one, it is empty until the recording writes it anew. */
export async function readRecordingIndex(folder: string): Promise<RecordingIndex> {
  try {
    return parseRecordingIndex(await readFile(path.join(folder, RECORDING_INDEX), 'utf8')) ?? EMPTY;
  } catch {
    return EMPTY;
  }
}

const EMPTY: RecordingIndex = { version: 1, segments: [] };

/** The index that a text holds, or null for a damaged one. */
export function parseRecordingIndex(text: string): RecordingIndex | null {
  try {
    return recordingIndexSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Writes a folder's index so that a power cut leaves the old one or the new one. Blocks; throws the system's error. */
export function writeRecordingIndex(folder: string, segments: readonly RecordingSegment[]): void {
  const temporary = path.join(folder, `.${RECORDING_INDEX}.part`);
  const descriptor = openSync(temporary, 'w');
  try {
    const data = Buffer.from(JSON.stringify({ version: 1, segments }, null, 1));
    for (let at = 0; at < data.length;) at += writeSync(descriptor, data, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path.join(folder, RECORDING_INDEX));
  syncFolder(folder);
}

/** Makes names in a folder last through a power cut; where the system cannot, they last when it gets to it. */
export function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows opens no folders.
  }
}

/** Orders files by when they begin. */
export function byStart(a: RecordingSegment, b: RecordingSegment): number {
  return Date.parse(a.start) - Date.parse(b.start) || a.file.localeCompare(b.file);
}
