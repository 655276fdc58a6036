import { MAX_CHAPTERS, type Chapter } from './chapter.js';
import { StructureError, type FileBytes } from './file-bytes.js';
import { atoms, contents, findAtom, type Atom } from './mp4-atoms.js';

/** Bytes of a title that are read. */
const LONGEST_TITLE = 4096;
const NANOSECONDS = 1_000_000_000n;

/** Chapters of the text tracks that other tracks name as theirs (tref/chap), as QuickTime keeps them. */
export function* textTrackChapters(bytes: FileBytes, movie: Atom): Generator<Chapter> {
  const tracks = tracksOf(bytes, movie);
  const named = new Set<number>();
  for (const track of tracks.values()) {
    const reference = findAtom(bytes, track, 'tref', 'chap');
    if (!reference) continue;
    const numbers = contents(bytes, reference, 4 * tracks.size);
    for (let at = 0; at + 4 <= numbers.length; at += 4) named.add(numbers.readUInt32BE(at));
  }
  for (const number of named) {
    const track = tracks.get(number);
    const handler = track && findAtom(bytes, track, 'mdia', 'hdlr');
    // Others are of small pictures.
    if (!handler || !['text', 'sbtl'].includes(contents(bytes, handler, 12).toString('latin1', 8))) continue;
    yield* samples(bytes, movie, track);
    return;
  }
}

function* samples(bytes: FileBytes, movie: Atom, track: Atom): Generator<Chapter> {
  const clock = versioned(contents(bytes, required(bytes, track, 'mdia', 'mdhd'), 24), 12, 20);
  if (clock === 0) throw new StructureError();
  const table = required(bytes, track, 'mdia', 'minf', 'stbl');
  const sizes = sampleSizes(bytes, table);
  const places = samplePlaces(bytes, table, sizes);
  const durations = sampleDurations(bytes, table);
  const nanoseconds = (ticks: bigint): bigint => (ticks * NANOSECONDS) / BigInt(clock);
  const shift = editShift(bytes, movie, track, BigInt(clock));
  let time = 0n;
  for (const [i, size] of sizes.entries()) {
    const [place, duration] = [places[i], durations[i]];
    if (place === undefined || duration === undefined) throw new StructureError();
    const title = titleOf(bytes, place, size);
    const [start, end] = [nanoseconds(time + shift), nanoseconds(time + BigInt(duration) + shift)];
    time += BigInt(duration);
    // A film whose first chapter begins later has a sample without text before it.
    if (title !== '' || i > 0) yield { start, end, title, language: 'und' };
  }
}

function titleOf(bytes: FileBytes, place: number, size: number): string {
  if (size < 2) return '';
  const length = bytes.read(place, 2).readUInt16BE();
  if (length > size - 2) throw new StructureError();
  const text = bytes.read(place + 2, Math.min(length, LONGEST_TITLE));
  const mark = text.length >= 2 ? text.readUInt16BE() : 0;
  if (mark === 0xfeff || mark === 0xfffe) {
    const units = text.subarray(2, text.length - (text.length % 2));
    return (mark === 0xfeff ? Buffer.from(units).swap16() : units).toString('utf16le');
  }
  return text.toString('utf8');
}

/** Ticks of the track's clock by which its edit list moves it. */
function editShift(bytes: FileBytes, movie: Atom, track: Atom, clock: bigint): bigint {
  const list = findAtom(bytes, track, 'edts', 'elst');
  if (!list) return 0n;
  const movieClock = BigInt(versioned(contents(bytes, required(bytes, movie, 'mvhd'), 24), 12, 20));
  const data = contents(bytes, list, 8 + 20 * 16);
  const long = data[0] === 1;
  const step = long ? 20 : 12;
  let shift = 0n;
  for (let at = 8; at + step <= data.length; at += step) {
    const duration = long ? data.readBigUInt64BE(at) : BigInt(data.readUInt32BE(at));
    const from = long ? data.readBigInt64BE(at + 8) : BigInt(data.readInt32BE(at + 4));
    if (from >= 0n) return shift - from;
    if (movieClock > 0n) shift += (duration * clock) / movieClock;
  }
  return shift;
}

function sampleSizes(bytes: FileBytes, table: Atom): number[] {
  const atom = required(bytes, table, 'stsz');
  const data = contents(bytes, atom, 12 + 4 * MAX_CHAPTERS);
  if (data.length < 12) throw new StructureError();
  const [same, count] = [data.readUInt32BE(4), Math.min(data.readUInt32BE(8), MAX_CHAPTERS)];
  if (same === 0 && data.length < 12 + 4 * count) throw new StructureError();
  return Array.from({ length: count }, (_, i) => (same === 0 ? data.readUInt32BE(12 + 4 * i) : same));
}

/** Offsets of the samples in the file. */
function samplePlaces(bytes: FileBytes, table: Atom, sizes: readonly number[]): number[] {
  const runs = entries(bytes, required(bytes, table, 'stsc'), 12);
  const short = findAtom(bytes, table, 'stco');
  const chunks = entries(bytes, short ?? required(bytes, table, 'co64'), short ? 4 : 8);
  const places: number[] = [];
  let run = 0;
  for (const [i, chunk] of chunks.entries()) {
    while (run + 1 < runs.length && (runs[run + 1]?.readUInt32BE(0) ?? 0) <= i + 1) run++;
    let place = short ? chunk.readUInt32BE(0) : Number(chunk.readBigUInt64BE(0));
    const count = runs[run]?.readUInt32BE(4) ?? 0;
    for (let sample = 0; sample < count && places.length < sizes.length; sample++) {
      const size = sizes[places.length] ?? 0;
      places.push(place);
      place += size;
    }
  }
  return places;
}

function sampleDurations(bytes: FileBytes, table: Atom): number[] {
  const durations: number[] = [];
  for (const run of entries(bytes, required(bytes, table, 'stts'), 8)) {
    const count = Math.min(run.readUInt32BE(0), MAX_CHAPTERS - durations.length);
    for (let i = 0; i < count; i++) durations.push(run.readUInt32BE(4));
  }
  return durations;
}

/** Entries of a table that begins with version, flags and their count. */
function entries(bytes: FileBytes, atom: Atom, size: number): Buffer[] {
  const data = contents(bytes, atom, 8 + size * MAX_CHAPTERS);
  if (data.length < 8) throw new StructureError();
  const count = Math.min(data.readUInt32BE(4), MAX_CHAPTERS);
  if (data.length < 8 + size * count) throw new StructureError();
  return Array.from({ length: count }, (_, i) => data.subarray(8 + size * i, 8 + size * (i + 1)));
}

/** Movie tracks by their numbers. */
function tracksOf(bytes: FileBytes, movie: Atom): Map<number, Atom> {
  const tracks = new Map<number, Atom>();
  for (const atom of atoms(bytes, movie)) {
    if (atom.type !== 'trak') continue;
    const header = findAtom(bytes, atom, 'tkhd');
    if (header) tracks.set(versioned(contents(bytes, header, 24), 12, 20), atom);
  }
  return tracks;
}

/** A number of four bytes whose place depends on the atom's version. */
function versioned(data: Buffer, short: number, long: number): number {
  const at = data[0] === 1 ? long : short;
  if (at + 4 > data.length) throw new StructureError();
  return data.readUInt32BE(at);
}

function required(bytes: FileBytes, within: Atom, ...types: string[]): Atom {
  const atom = findAtom(bytes, within, ...types);
  if (!atom) throw new StructureError();
  return atom;
}
