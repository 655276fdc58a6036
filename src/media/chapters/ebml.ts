import { crc32 } from 'node:zlib';
import { StructureError, type FileBytes } from './file-bytes.js';

/** Elements of Matroska by their numbers. */
export const ID = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  cluster: 0x1f43b675,
  chapters: 0x1043a770,
  edition: 0x45b9,
  editionUid: 0x45bc,
  editionHidden: 0x45bd,
  editionDefault: 0x45db,
  atom: 0xb6,
  atomUid: 0x73c4,
  atomStart: 0x91,
  atomEnd: 0x92,
  atomHidden: 0x98,
  atomEnabled: 0x4598,
  atomSegment: 0x6e67,
  display: 0x80,
  text: 0x85,
  language: 0x437c,
  void: 0xec,
  crc: 0xbf,
} as const;

/** An element: `at` is where its number stands, `from` and `to` are offsets of what it holds. */
export interface Element {
  readonly id: number;
  readonly at: number;
  readonly from: number;
  /** The end of what is around it where the size is not known, as in a live recording. */
  readonly to: number;
  readonly sized: boolean;
}

/** Elements between two offsets, one after the other. Throws StructureError where one reaches beyond the end. */
export function* elements(bytes: FileBytes, { from, to }: Pick<Element, 'from' | 'to'>): Generator<Element> {
  for (let at = from; at < to;) {
    const element = elementAt(bytes, at, to);
    yield element;
    at = element.to;
  }
}

/** The element at an offset. Throws StructureError where there is none that ends by `to`. */
export function elementAt(bytes: FileBytes, at: number, to: number): Element {
  const head = bytes.read(at, Math.max(0, Math.min(12, to - at, bytes.size - at)));
  const idLength = Math.clz32(head[0] ?? 0) - 23;
  const sizeLength = Math.clz32(head[idLength] ?? 0) - 23;
  if (idLength > 4 || sizeLength > 8 || idLength + sizeLength > head.length) throw new StructureError();
  const size = head.subarray(idLength, idLength + sizeLength);
  const value = unsigned(size) & ((1n << BigInt(7 * sizeLength)) - 1n);
  const sized = value !== (1n << BigInt(7 * sizeLength)) - 1n;
  const from = at + idLength + sizeLength;
  if (sized && value > BigInt(to - from)) throw new StructureError();
  return { id: head.readUIntBE(0, idLength), at, from, to: sized ? from + Number(value) : to, sized };
}

/** A number of up to eight bytes. Throws StructureError. */
export function readNumber(bytes: FileBytes, { from, to }: Element): bigint {
  if (to - from > 8) throw new StructureError();
  return unsigned(bytes.read(from, to - from));
}

function unsigned(bytes: Buffer): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** An element's bytes; its size takes `sizeLength` bytes, or as few as it needs. */
export function encode(id: number, content: Buffer | bigint | string, sizeLength?: number): Buffer {
  const data = typeof content === 'bigint' ? numberBytes(content) : Buffer.from(content);
  // A size of ones alone would mean one that is not known.
  let length = sizeLength ?? 1;
  while (sizeLength === undefined && data.length >= 2 ** (7 * length) - 1) length++;
  return Buffer.concat([numberBytes(BigInt(id)), encodeSize(data.length, length), data]);
}

/** A size in a number of bytes. */
export function encodeSize(size: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size) | (1n << BigInt(7 * length)));
  return bytes.subarray(8 - length);
}

/** An element whose first one is the checksum of the others. */
export function encodeChecked(id: number, content: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(content));
  return encode(id, Buffer.concat([encode(ID.crc, sum), content]));
}

function numberBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(first < 0 ? 7 : first);
}
