import { AV_CODEC_ID_MOV_TEXT, AV_CODEC_ID_SUBRIP, AV_NOPTS_VALUE, AV_PKT_FLAG_KEY } from 'node-av/constants';
import type { AVCodecID } from 'node-av/constants';
import { Packet, type Stream } from 'node-av/lib';
import { CaptionLine, type Caption } from './caption-line.js';
import { captionText, movTextSample } from './caption-text.js';

/** Seconds that a caption is shown that does not say how long. */
const UNSAID = 5;
/** Captions may come this much after sound and pictures of their time, in seconds. */
const LATE = 2;

/** Captions as words alone, which every container can be given. */
const PLAIN = ['subrip', 'text', 'webvtt'];

/** What captions of a codec become in a container, by FFmpeg's names; null where that is not possible. */
export function captionCodec(
  codec: string,
  container: string,
): { readonly name: string; readonly id: AVCodecID } | null {
  if (container === 'matroska') return codec === 'mov_text' ? { name: 'subrip', id: AV_CODEC_ID_SUBRIP } : null;
  return codec === 'mov_text' || PLAIN.includes(codec) ? { name: 'mov_text', id: AV_CODEC_ID_MOV_TEXT } : null;
}

/** Writes a track's captions anew for another container. */
export class CaptionTrack {
  readonly #from: Stream;
  readonly #to: Stream;
  readonly #codec: string;
  readonly #newCodec: string;
  readonly #line = new CaptionLine();
  #ready: Caption[] = [];

  /** codec, newCodec: FFmpeg's names. */
  constructor(from: Stream, to: Stream, codec: string, newCodec: string) {
    this.#from = from;
    this.#to = to;
    this.#codec = codec;
    this.#newCodec = newCodec;
  }

  /** Takes in a packet, which stays the caller's. */
  add({ pts, duration, data }: Packet): void {
    if (pts === AV_NOPTS_VALUE || !data) return;
    const { num, den } = this.#from.timeBase;
    const shown = duration > 0n ? duration : BigInt(Math.round((UNSAID * den) / num));
    const caption = { start: pts, end: pts + shown, text: captionText(this.#codec, data) };
    if (caption.text === '') return;
    // Matroska can show several at a time.
    if (this.#newCodec === 'mov_text') this.#line.add(caption);
    else this.#ready.push(caption);
  }

  /** Puts the captions that are due at a time in seconds, Infinity for all, into `packet`, one after the other. */
  *take(time: number, packet: Packet): Generator<Packet> {
    const { num, den } = this.#from.timeBase;
    const until = time === Infinity ? null : BigInt(Math.floor(((time - LATE) * den) / num));
    const captions = [...this.#ready, ...this.#line.take(until)];
    this.#ready = [];
    for (const { start, end, text } of captions) {
      packet.data = this.#newCodec === 'mov_text' ? movTextSample(text) : Buffer.from(text, 'utf8');
      packet.pts = start;
      packet.dts = start;
      packet.duration = end - start;
      packet.flags = AV_PKT_FLAG_KEY;
      packet.streamIndex = this.#to.index;
      packet.rescaleTs(this.#from.timeBase, this.#to.timeBase);
      yield packet;
      packet.unref();
    }
  }
}
