import { Packet, type Frame } from 'node-av/lib';
import type { PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { planeLayout } from '../src/frames/picture-format.js';
import { Demuxer } from '../src/media/demuxer.js';
import { FrameConformer } from '../src/media/frame-conformer.js';
import { VideoDecoder } from '../src/media/video-decoder.js';
import { frameOver } from '../src/media/video-encoder.js';

/** A decoded picture as FFmpeg gave it: rows of each plane without padding. */
export interface RawPicture {
  readonly planes: readonly { readonly width: number; readonly height: number; readonly bytes: Uint8Array }[];
}

/** A clip's pictures before and after they were conformed. */
export interface DecodedClip {
  readonly format: PictureFormat;
  readonly notes: readonly string[];
  readonly raw: readonly RawPicture[];
  /** I420 without padding, of the conformed format. */
  readonly conformed: readonly Uint8Array[];
  readonly pts: readonly bigint[];
}

/** Decodes a clip through the product's demuxer, decoder and conformer, into shared memory as the product does. */
export function decodeClip(file: string, limit = Infinity, maxPixels = 7680 * 4320): DecodedClip {
  const demuxer = Demuxer.open({ kind: 'file', path: file });
  const decoder = new VideoDecoder(demuxer.video);
  const raw: RawPicture[] = [];
  const conformed: Uint8Array[] = [];
  const pts: bigint[] = [];
  let conformer: FrameConformer | null = null;
  let target: Frame | null = null;
  let bytes: Uint8Array | null = null;

  const take = (frame: Frame | null): void => {
    if (frame) {
      conformer ??= new FrameConformer(frame, demuxer.video, maxPixels);
      raw.push(rawPicture(frame));
    }
    if (!conformer) return;
    if (!target || !bytes) {
      const { width, height } = conformer.format;
      const length = planeLayout(width, height).bytes;
      const arena = SharedArena.create(length + 4096);
      const address = arena.allocate(length);
      target = frameOver(arena.memory, address, conformer.format);
      bytes = arena.bytes(address, length);
    }
    conformer.add(frame);
    for (let time = conformer.take(target); time !== null; time = conformer.take(target)) {
      conformed.push(Uint8Array.from(bytes));
      pts.push(time);
    }
  };

  const packet = new Packet();
  packet.alloc();
  for (let ended = false; !ended && raw.length < limit;) {
    const read = demuxer.read(packet);
    ended = read === 'end';
    if (ended) decoder.send(null);
    else if (read === 'video') decoder.send(packet);
    packet.unref();
    for (let frame = decoder.receive(); frame && raw.length < limit; frame = decoder.receive()) take(frame);
  }
  take(null);
  demuxer.close();
  const made = conformer as FrameConformer | null;
  if (!made) throw new Error(`${file} yields no picture`);
  return { format: made.format, notes: made.notes, raw, conformed, pts };
}

function rawPicture(frame: Frame): RawPicture {
  const data = frame.data ?? [];
  const planes = [0, 1, 2].map((plane) => {
    const width = plane === 0 ? frame.width : Math.ceil(frame.width / 2);
    const height = plane === 0 ? frame.height : Math.ceil(frame.height / 2);
    const stride = frame.linesize[plane] ?? width;
    const bytes = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) bytes.set(data[plane]?.subarray(y * stride, y * stride + width) ?? [], y * width);
    return { width, height, bytes };
  });
  return { planes };
}
