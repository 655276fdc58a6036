import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What a recorded file holds. */
export interface RecordingFacts {
  /** Seconds of picture in whole fragments. */
  readonly seconds: number;
  readonly bytes: number;
  /** The comment in its metadata, or null. */
  readonly comment: string | null;
  /** Whether it was ended as it should be, and not cut off. */
  readonly ended: boolean;
}

interface Box {
  readonly type: string;
  /** Where its content begins and ends. */
  readonly start: number;
  readonly end: number;
}

interface VideoTrack {
  readonly id: number;
  readonly ticksPerSecond: number;
}

/** Larger boxes than this are not what they seem. */
const LARGEST_BOX = 16 << 20;

/**
 * Reads what a fragmented MP4 of our own holds, from the heads of its fragments alone: an hour takes milliseconds.
 * A damaged file yields what is whole of it. Throws the system's error when the file cannot be read.
 */
export function probeRecording(file: string): RecordingFacts {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const read = (start: number, length: number): Buffer => {
      const buffer = Buffer.alloc(Math.min(length, LARGEST_BOX));
      return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, start));
    };
    let video: VideoTrack | null = null;
    let comment: string | null = null;
    let ticks = 0;
    let ended = false;
    for (let at = 0; at + 8 <= size;) {
      const box = boxAt(read(at, 16), 0, at, size);
      if (!box) break;
      if (box.type === 'moov') {
        const moov = read(box.start, box.end - box.start);
        video = videoTrackOf(moov);
        comment = commentOf(moov);
      } else if (box.type === 'moof' && video) {
        // A head without its pictures is of no use.
        if (!boxAt(read(box.end, 16), 0, box.end, size)) break;
        ticks = Math.max(ticks, endOfFragment(read(box.start, box.end - box.start), video.id));
      } else if (box.type === 'mfra') {
        ended = true;
      }
      at = box.end;
    }
    return { seconds: video ? ticks / video.ticksPerSecond : 0, bytes: size, comment, ended };
  } finally {
    closeSync(descriptor);
  }
}

/** The box whose head stands at `at` of a buffer, which itself stands at `origin`; null if it goes beyond `limit`. */
function boxAt(buffer: Buffer, at: number, origin: number, limit: number): Box | null {
  if (at + 8 > buffer.length) return null;
  let size = buffer.readUInt32BE(at);
  let head = 8;
  if (size === 1 && at + 16 <= buffer.length) {
    size = Number(buffer.readBigUInt64BE(at + 8));
    head = 16;
  }
  const end = origin + at + size;
  if (size < head || end > limit) return null;
  return { type: buffer.toString('latin1', at + 4, at + 8), start: origin + at + head, end };
}

/** The boxes within a part of a buffer. */
function* boxes(buffer: Buffer, start = 0, end = buffer.length): Generator<Box> {
  for (let at = start; at < end;) {
    const box = boxAt(buffer, at, 0, end);
    if (!box) return;
    yield box;
    at = box.end;
  }
}

/** The first box at a path of types. skip: bytes of a full box's head before its children. */
function find(buffer: Buffer, path: readonly string[], start = 0, end = buffer.length): Box | null {
  const [type, ...rest] = path;
  for (const box of boxes(buffer, start, end)) {
    if (box.type !== type) continue;
    if (rest.length === 0) return box;
    const found = find(buffer, rest, box.start + (type === 'meta' ? 4 : 0), box.end);
    if (found) return found;
  }
  return null;
}

function videoTrackOf(moov: Buffer): VideoTrack | null {
  for (const track of boxes(moov)) {
    if (track.type !== 'trak') continue;
    const within = (...path: string[]): Box | null => find(moov, path, track.start, track.end);
    const [header, media, handler] = [within('tkhd'), within('mdia', 'mdhd'), within('mdia', 'hdlr')];
    if (!header || !media || !handler || moov.toString('latin1', handler.start + 8, handler.start + 12) !== 'vide') {
      continue;
    }
    // Times of 32 or 64 bits stand before what is wanted, by the version.
    const wide = (box: Box): number => (moov[box.start] === 1 ? 16 : 8);
    const ticksPerSecond = moov.readUInt32BE(media.start + 4 + wide(media));
    if (ticksPerSecond > 0) return { id: moov.readUInt32BE(header.start + 4 + wide(header)), ticksPerSecond };
  }
  return null;
}

function commentOf(moov: Buffer): string | null {
  const data = find(moov, ['udta', 'meta', 'ilst', '\u00a9cmt', 'data']);
  return data ? moov.toString('utf8', data.start + 8, data.end) : null;
}

/** Ticks at which a fragment's pictures end; 0 for one of sound alone. */
function endOfFragment(moof: Buffer, trackId: number): number {
  let end = 0;
  for (const fragment of boxes(moof)) {
    if (fragment.type !== 'traf') continue;
    const header = find(moof, ['tfhd'], fragment.start, fragment.end);
    const time = find(moof, ['tfdt'], fragment.start, fragment.end);
    if (!header || !time || moof.readUInt32BE(header.start + 4) !== trackId) continue;
    const wide = moof[time.start] === 1;
    let ticks = wide ? Number(moof.readBigUInt64BE(time.start + 4)) : moof.readUInt32BE(time.start + 4);
    const common = commonDuration(moof, header);
    for (const run of boxes(moof, fragment.start, fragment.end)) {
      if (run.type === 'trun') ticks += durationOfRun(moof, run, common);
    }
    end = Math.max(end, ticks);
  }
  return end;
}

/** Duration of samples that have none of their own, from a tfhd. */
function commonDuration(moof: Buffer, header: Box): number {
  const flags = moof.readUInt32BE(header.start) & 0xffffff;
  let at = header.start + 8;
  if (flags & 0x1) at += 8;
  if (flags & 0x2) at += 4;
  return flags & 0x8 && at + 4 <= header.end ? moof.readUInt32BE(at) : 0;
}

/** Sum of the durations in a trun. */
function durationOfRun(moof: Buffer, run: Box, common: number): number {
  const flags = moof.readUInt32BE(run.start) & 0xffffff;
  const count = moof.readUInt32BE(run.start + 4);
  if (!(flags & 0x100)) return count * common;
  const entry = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  let at = run.start + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  let sum = 0;
  for (let i = 0; i < count && at + 4 <= run.end; i++, at += entry) sum += moof.readUInt32BE(at);
  return sum;
}
