import type { Chapter } from './chapter.js';
import { ID, elementAt, encode, encodeChecked, encodeSize } from './ebml.js';
import { FileBytes, StructureError, type Change } from './file-bytes.js';

/**
 * What a Matroska file of FFmpeg's muxer is to be given so that it has chapters: an element at its end, an entry for it in
 * the index (SeekHead), for which the muxer leaves room, and the segment's new size. Throws StructureError where there is
 * no such room.
 */
export function matroskaChanges(file: string, chapters: readonly Chapter[]): Change[] {
  const bytes = new FileBytes(file);
  try {
    const segment = elementAt(bytes, elementAt(bytes, 0, bytes.size).to, bytes.size);
    const index = elementAt(bytes, segment.from, segment.to);
    const room = elementAt(bytes, index.to, segment.to);
    const isAsExpected = segment.id === ID.segment && index.id === ID.seekHead && room.id === ID.void;
    if (!isAsExpected || segment.to !== bytes.size) throw new StructureError();
    const added = encodeChecked(ID.chapters, encodeEdition(chapters));
    const seekId = Buffer.alloc(4);
    seekId.writeUInt32BE(ID.chapters);
    const position = BigInt(segment.to - segment.from);
    const entry = encode(ID.seek, Buffer.concat([encode(ID.seekId, seekId), encode(ID.seekPosition, position)]));
    const first = elementAt(bytes, index.from, index.to);
    const entries = bytes
      .read(index.from, index.to - index.from)
      .subarray(first.id === ID.crc ? first.to - first.at : 0);
    const newIndex = encodeChecked(ID.seekHead, Buffer.concat([entries, entry]));
    // The smallest filler has one byte for its number and eight for its size here.
    const left = room.to - index.at - newIndex.length;
    if (left < 9) throw new StructureError();
    const sizeLength = segment.from - segment.at - 4;
    const size = segment.to - segment.from + added.length;
    if (size >= 2 ** (7 * sizeLength) - 1) throw new StructureError();
    return [
      { at: segment.to, data: added },
      { at: index.at, data: Buffer.concat([newIndex, encode(ID.void, Buffer.alloc(left - 9), 8)]) },
      { at: segment.at + 4, data: encodeSize(size, sizeLength) },
    ];
  } finally {
    bytes.close();
  }
}

function encodeEdition(chapters: readonly Chapter[]): Buffer {
  const atoms = chapters.map(({ start, end, title, language }, i) => {
    const display = Buffer.concat([encode(ID.text, title), encode(ID.language, language)]);
    const fields = [
      encode(ID.atomUid, BigInt(i + 1)),
      encode(ID.atomStart, start),
      ...(end === null ? [] : [encode(ID.atomEnd, end)]),
      ...(title === '' ? [] : [encode(ID.display, display)]),
    ];
    return encode(ID.atom, Buffer.concat(fields));
  });
  return encode(ID.edition, Buffer.concat([encode(ID.editionUid, 1n), encode(ID.editionDefault, 1n), ...atoms]));
}
