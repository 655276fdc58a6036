import { Packet, type Frame } from 'node-av/lib';
import { describeInput, type InputLocation } from '../config/input-location.js';
import type { RtspTransport } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { AudioDecoder } from '../media/audio-decoder.js';
import { Demuxer } from '../media/demuxer.js';
import { FrameConformer } from '../media/frame-conformer.js';
import { VideoDecoder } from '../media/video-decoder.js';
import type { ControlBlock } from './control-block.js';
import type { CounterBoard } from './counter-board.js';
import type { OriginalRecording } from './recording/original-recording.js';
import type { SourceInfo } from './stream-messages.js';

/** Pictures a second where the container does not say. */
const ASSUMED_RATE = 25;
/** Beyond this no camera's rate is believed. */
const HIGHEST_RATE = 240;
/** Packets after which an input that yields no picture is given up. */
const PATIENCE = 1500;

/** An input that has been opened and whose first picture has been decoded. */
export class OpenedSource {
  readonly demuxer: Demuxer;
  readonly decoder: VideoDecoder;
  readonly sound: AudioDecoder | null;
  readonly conformer: FrameConformer;
  readonly info: SourceInfo;
  #first: Frame | null;

  private constructor(
    { demuxer, decoder, sound }: Pick<OpenedSource, 'demuxer' | 'decoder' | 'sound'>,
    first: Frame,
    maxPixels: number,
  ) {
    this.demuxer = demuxer;
    this.decoder = decoder;
    this.#first = first;
    this.sound = sound;
    this.conformer = new FrameConformer(first, demuxer.video, maxPixels);
    const { num, den } = demuxer.video.avgFrameRate;
    this.info = {
      width: first.width,
      height: first.height,
      frameRate: num > 0 && den > 0 ? Math.min(HIGHEST_RATE, num / den) : ASSUMED_RATE,
      codec: decoder.codecName,
      container: demuxer.format,
      sound: this.sound !== null,
      notes: this.conformer.notes,
      format: this.conformer.format,
    };
  }

  /** Opens an input up to its first picture. Blocks. Throws AfterglowError. */
  static open(
    input: InputLocation,
    options: {
      readonly transport: RtspTransport;
      readonly maxPixels: number;
      readonly counters: CounterBoard;
      readonly control: ControlBlock;
      readonly recording: OriginalRecording | null;
    },
  ): OpenedSource {
    const demuxer = Demuxer.open(input, options.transport);
    try {
      const decoder = new VideoDecoder(demuxer.video);
      const sound = demuxer.audio ? AudioDecoder.open(demuxer.audio) : null;
      options.recording?.opened(demuxer, sound !== null);
      const first = firstPicture(demuxer, decoder, options);
      if (first) return new OpenedSource({ demuxer, decoder, sound }, first, options.maxPixels);
      options.counters.add('damaged', decoder.damaged);
      decoder.close();
      throw new AfterglowError('input-unreadable', `${describeInput(input)} yields no picture`, {
        remedy: 'it is damaged or empty; play it in another program to see',
        retryable: input.kind !== 'file',
      });
    } catch (error) {
      demuxer.close();
      throw error;
    }
  }

  /** The first picture, once. */
  takeFirst(): Frame | null {
    const first = this.#first;
    this.#first = null;
    return first;
  }

  close(): void {
    this.conformer.close();
    this.sound?.close();
    this.decoder.close();
    this.demuxer.close();
  }
}

function firstPicture(
  demuxer: Demuxer,
  decoder: VideoDecoder,
  { control, recording }: { readonly control: ControlBlock; readonly recording: OriginalRecording | null },
): Frame | null {
  const packet = new Packet();
  packet.alloc();
  try {
    for (let packets = 0; packets < PATIENCE && !control.stopped; packets++) {
      const read = demuxer.read(packet);
      if (read === 'lost') return null;
      if (read === 'end') decoder.send(null);
      if (read === 'video') decoder.send(packet);
      recording?.packet(read, packet);
      packet.unref();
      const first = decoder.receive();
      if (first || read === 'end') return first;
    }
    return null;
  } finally {
    packet.free();
  }
}
