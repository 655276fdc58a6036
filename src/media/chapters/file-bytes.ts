import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The most that is read at once; nothing of a chapter is longer. */
const MAX_LENGTH = 1 << 20;
/** Reads of one file after which its structure is taken for a trap. Chapters take about ten each. */
const MAX_READS = 250_000;

/** A container's structure that does not hold together. Stays within this folder. */
export class StructureError extends Error {}

/** Reads pieces of a file: none outside it, none of great length, and not without end. */
export class FileBytes {
  /** Length of the file in bytes. */
  readonly size: number;
  readonly #descriptor: number;
  #reads = 0;

  /** Throws the system's error where the file cannot be opened. */
  constructor(file: string) {
    this.#descriptor = openSync(file, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** Bytes from `offset` on. Throws StructureError where they are not all there. */
  read(offset: number, length: number): Buffer {
    const within = offset >= 0 && length >= 0 && offset + length <= this.size;
    if (!within || length > MAX_LENGTH || ++this.#reads > MAX_READS) throw new StructureError();
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length;) {
      const count = readSync(this.#descriptor, bytes, done, length - done, offset + done);
      if (count === 0) throw new StructureError();
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Bytes that a file is to hold from an offset on. */
export interface Change {
  readonly at: number;
  readonly data: Buffer;
}
