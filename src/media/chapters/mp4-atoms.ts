import { StructureError, type FileBytes } from './file-bytes.js';

/** An atom (box) of MP4 or QuickTime: `from` and `to` are offsets of what it holds. */
export interface Atom {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** Atoms between two offsets, one after the other. Throws StructureError where one reaches beyond the end. */
export function* atoms(bytes: FileBytes, { from, to }: Omit<Atom, 'type'>): Generator<Atom> {
  let at = from;
  while (at + 8 <= to) {
    const head = bytes.read(at, 8);
    const type = head.toString('latin1', 4, 8);
    let size = head.readUInt32BE(0);
    let header = 8;
    if (size === 1) {
      size = Number(bytes.read(at + 8, 8).readBigUInt64BE());
      header = 16;
    } else if (size === 0) {
      // At the top an atom up to the file's end; within user data of QuickTime the mark of its end.
      if (to !== bytes.size) return;
      size = to - at;
    }
    if (size < header || size > to - at) throw new StructureError();
    yield { type, from: at + header, to: at + size };
    at += size;
  }
}

/** The first atom at the end of a path of types, or null. */
export function findAtom(bytes: FileBytes, within: Omit<Atom, 'type'>, ...types: string[]): Atom | null {
  const [type, ...rest] = types;
  for (const atom of atoms(bytes, within)) {
    if (atom.type === type) return rest.length === 0 ? atom : findAtom(bytes, atom, ...rest);
  }
  return null;
}

/** What an atom holds, up to `limit` bytes. */
export function contents(bytes: FileBytes, { from, to }: Atom, limit: number): Buffer {
  return bytes.read(from, Math.min(to - from, limit));
}
