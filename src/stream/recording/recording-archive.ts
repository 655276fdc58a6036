import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { probeRecording } from '../../media/recording-probe.js';
import type { RecordingOptions } from '../stream-messages.js';
import {
  byStart,
  parseRecordingIndex,
  RECORDING_INDEX,
  syncFolder,
  writeRecordingIndex,
  type RecordingSegment,
} from './recording-index.js';
import { makingOf } from './recording-comment.js';
import { steadyMilliseconds } from '../../frames/steady-clock.js';
import { parseRecordingName, recordingName, type RecordingKind } from './recording-name.js';
import { expiredSegments } from './retention.js';

/** Files with one name's second, at most. */
const MOST_ATTEMPTS = 1000;
/** A clock that jumps ahead by more than this is not believed to age files, until it has stood for as long. */
const LARGEST_STEP_MS = 3_600_000;
/** A file without a picture is not larger. */
const EMPTY_FILE = 64 << 10;
/** Room that is made at least when the volume is full, whatever the configuration says. */
const LEAST_ROOM = 4 << 20;

/** A stream's folder of recorded files, with its index. All calls block; they throw the system's errors. */
export class RecordingArchive {
  readonly #options: RecordingOptions;
  readonly #segments = new Map<string, RecordingSegment>();
  readonly #open = new Set<string>();
  /** Difference between wall clock and monotonic clock that is believed, and since when another one has stood. */
  #clock: number;
  #strange: { readonly difference: number; readonly since: number } | null = null;

  private constructor(options: RecordingOptions) {
    this.#options = options;
    this.#clock = Date.now() - steadyMilliseconds();
  }

  /** Makes the folder if need be, and sets its index right: after a power cut, or where it is lost or damaged. */
  static enter(options: RecordingOptions): RecordingArchive {
    mkdirSync(options.folder, { recursive: true });
    const archive = new RecordingArchive(options);
    archive.#scan();
    archive.save();
    return archive;
  }

  /** All files, oldest first. */
  get segments(): readonly RecordingSegment[] {
    return [...this.#segments.values()].sort(byStart);
  }

  /** Creates a file that no other one has the name of, and enters it. Returns its descriptor. */
  create(kind: RecordingKind, segment: Omit<RecordingSegment, 'file' | 'kind'>): { file: string; descriptor: number } {
    for (let attempt = 0; ; attempt++) {
      const file = recordingName(kind, new Date(segment.start), attempt);
      try {
        const descriptor = openSync(path.join(this.#options.folder, file), 'wx', 0o644);
        this.#segments.set(file, { ...segment, file, kind });
        this.#open.add(file);
        return { file, descriptor };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** Notes how far a file has come. */
  update(file: string, seconds: number, bytes: number): void {
    const segment = this.#segments.get(file);
    if (segment) this.#segments.set(file, { ...segment, seconds, bytes });
  }

  /** Whether a file that is being written can still be found under its name. */
  has(file: string): boolean {
    return existsSync(path.join(this.#options.folder, file));
  }

  /** A file is written no more. One without a picture is deleted. */
  end(file: string, seconds: number, bytes: number, complete: boolean): void {
    this.update(file, seconds, bytes);
    this.#open.delete(file);
    const segment = this.#segments.get(file);
    if (segment && seconds > 0) this.#segments.set(file, { ...segment, complete });
    else this.#delete(file);
  }

  /** Writes the index, without files that somebody else has deleted. */
  save(): void {
    const there = new Set(readdirSync(this.#options.folder));
    for (const file of this.#segments.keys()) {
      if (!there.has(file) && !this.#open.has(file)) this.#segments.delete(file);
    }
    writeRecordingIndex(this.#options.folder, this.segments);
  }

  /** Deletes what is too old or too much. Returns whether the volume has the room that it must have. */
  makeRoom(full = false): boolean {
    const { folder, keepDays, keepGigabytes } = this.#options;
    const minFreeBytes = Math.max(this.#options.minFreeBytes, full ? LEAST_ROOM : 0);
    const free = (): number => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    };
    const rules = { keepDays, keepBytes: keepGigabytes * 1e9, minFreeBytes };
    const expired = expiredSegments(this.segments, rules, {
      now: this.#trustedNow(),
      freeBytes: free(),
      open: this.#open,
    });
    for (const { file } of expired) this.#delete(file);
    return free() >= minFreeBytes;
  }

  /** Now by the wall clock, or null while that has just jumped ahead: what it says is too old may be of today. */
  #trustedNow(): number | null {
    const monotonic = steadyMilliseconds();
    const difference = Date.now() - monotonic;
    if (difference - this.#clock <= LARGEST_STEP_MS) {
      this.#clock = difference;
      this.#strange = null;
    } else if (!this.#strange || Math.abs(difference - this.#strange.difference) > LARGEST_STEP_MS) {
      this.#strange = { difference, since: monotonic };
    } else if (monotonic - this.#strange.since > LARGEST_STEP_MS) {
      this.#clock = difference;
      this.#strange = null;
    }
    return this.#strange ? null : Date.now();
  }

  #delete(file: string): void {
    if (parseRecordingName(file) === null) return;
    rmSync(path.join(this.#options.folder, file), { force: true });
    this.#segments.delete(file);
  }

  #scan(): void {
    const { folder } = this.#options;
    const known = new Map((this.#readIndex()?.segments ?? []).map((segment) => [segment.file, segment]));
    for (const file of readdirSync(folder)) {
      const name = parseRecordingName(file);
      if (!name) continue;
      const entry = known.get(file);
      const { size } = statSync(path.join(folder, file));
      if (entry?.complete && entry.bytes === size) this.#segments.set(file, entry);
      else this.#enter(file, name, entry);
    }
    syncFolder(folder);
  }

  /** Enters a file that the index does not know, or not to its end. */
  #enter(file: string, name: { kind: RecordingKind; start: Date }, entry: RecordingSegment | undefined): void {
    const facts = probe(path.join(this.#options.folder, file));
    if (!facts) return;
    if (facts.seconds === 0 && facts.bytes <= EMPTY_FILE) {
      // It was cut off before its first second.
      rmSync(path.join(this.#options.folder, file), { force: true });
      return;
    }
    const { seconds, bytes, ended } = facts;
    const start = entry?.start ?? name.start.toISOString();
    const making = makingOf(facts.comment);
    this.#segments.set(file, { file, kind: name.kind, start, seconds, bytes, complete: ended, ...making });
  }

  #readIndex(): { readonly segments: readonly RecordingSegment[] } | null {
    try {
      return parseRecordingIndex(readFileSync(path.join(this.#options.folder, RECORDING_INDEX), 'utf8'));
    } catch {
      return null;
    }
  }
}

function probe(file: string): ReturnType<typeof probeRecording> | null {
  try {
    return probeRecording(file);
  } catch {
    // A file that cannot be read is none of ours to judge.
    return null;
  }
}
