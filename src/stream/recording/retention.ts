import { byStart, type RecordingSegment } from './recording-index.js';

/** How long recorded files are kept. */
export interface RetentionRules {
  readonly keepDays: number;
  /** Bytes of all files of the stream together. */
  readonly keepBytes: number;
  /** Bytes that the volume must have free. */
  readonly minFreeBytes: number;
}

/** How things stand when files are looked through. */
export interface RetentionFacts {
  /** Milliseconds since 1970. Null while the clock is not to be trusted: then nothing is too old. */
  readonly now: number | null;
  /** Bytes free on the volume. */
  readonly freeBytes: number;
  /** Files that are being written: they count, and are never chosen. */
  readonly open: ReadonlySet<string>;
}

const DAY = 86_400_000;

/**
 * The files to delete, oldest first. For the sake of free room none are deleted if even all of them were not enough:
 * then something else has filled the volume, and what is recorded is worth more than a second of room.
 */
export function expiredSegments(
  segments: readonly RecordingSegment[],
  rules: RetentionRules,
  facts: RetentionFacts,
): RecordingSegment[] {
  const closed = segments.filter(({ file }) => !facts.open.has(file)).sort(byStart);
  const closedBytes = closed.reduce((sum, { bytes }) => sum + bytes, 0);
  const reachable = facts.freeBytes + closedBytes >= rules.minFreeBytes;
  let total = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  let free = facts.freeBytes;
  const expired: RecordingSegment[] = [];
  for (const segment of closed) {
    const end = Date.parse(segment.start) + segment.seconds * 1000;
    const old = facts.now !== null && facts.now - end > rules.keepDays * DAY;
    const tooMuch = total > rules.keepBytes;
    const tooFull = reachable && free < rules.minFreeBytes;
    if (!old && !tooMuch && !tooFull) break;
    expired.push(segment);
    total -= segment.bytes;
    free += segment.bytes;
  }
  return expired;
}
