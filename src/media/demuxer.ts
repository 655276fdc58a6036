import { AV_NOPTS_VALUE, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO, AVSEEK_FLAG_BACKWARD } from 'node-av/constants';
import { Dictionary, FormatContext, InputFormat, type Packet, type Stream } from 'node-av/lib';
import { describeInput, type InputLocation } from '../config/input-location.js';
import type { RtspTransport } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { steadyMilliseconds } from '../frames/steady-clock.js';
import { AVERROR_EAGAIN, AVERROR_EOF, openError } from './ffmpeg-error.js';

/**
 * Containers that are read from files. Playlists (hls, dash, concat) and patterns (image2) are left out: they name other
 * files and addresses.
 */
const FILE_FORMATS = [
  'mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm', 'avi', 'mpegts', 'mpeg', 'mpegvideo', 'm4v', 'flv', 'asf', 'ogg', 'mxf', 'dv',
  'nut', 'ivf', 'gif', 'h264', 'hevc', 'mjpeg', 'yuv4mpegpipe', 'png_pipe', 'jpeg_pipe', 'bmp_pipe', 'webp_pipe', 'tiff_pipe',
  'wtv', 'rm', 'gxf', 'nsv', 'av1', 'obu', 'vc1', 'h261', 'h263', 'cavsvideo', 'dirac', 'film_cpk', 'smk', 'bink', 'roq',
].join(','); // prettier-ignore

/** Silence of a network camera after which a read or a connect gives up, in microseconds; it can take twice as long. */
const NETWORK_TIMEOUT = '3000000';
/** How much of a camera's stream is looked at to find its formats, in microseconds. */
const NETWORK_ANALYSIS = '1500000';

/** Pictures from which a camera's rate is taken: twenty, as FFmpeg does, are nearly a second that viewers wait for. */
const NETWORK_RATE_PICTURES = '3';
/** How long a UDP packet that is missing may still come, in microseconds, and the socket's buffer in bytes. */
const UDP_PATIENCE = '250000';
const UDP_BUFFER = '4194304';

/** What `read` found. `lost` is a network camera that went away: FFmpeg calls that an end, too. */
export type ReadResult = 'video' | 'audio' | 'other' | 'end' | 'lost';

/** Opens a container or camera and reads its packets. All calls block; on a thread of its own. */
export class Demuxer {
  readonly input: InputLocation;
  readonly video: Stream;
  readonly audio: Stream | null;
  /** When the input was connected, by the steady clock; its packets were looked through since then. */
  readonly connectedAt: number;
  readonly #context: FormatContext;

  private constructor(
    input: InputLocation,
    { context, connectedAt }: OpenedContext,
    video: Stream,
    audio: Stream | null,
  ) {
    this.input = input;
    this.connectedAt = connectedAt;
    this.#context = context;
    this.video = video;
    this.audio = audio;
  }

  /** Throws AfterglowError whose message names the input, the cause and the remedy. */
  static open(input: InputLocation, transport: RtspTransport = 'tcp'): Demuxer {
    const opened = connect(input, transport);
    const { context } = opened;
    try {
      const video = context.findBestStream(AVMEDIA_TYPE_VIDEO);
      const stream = context.streams[video];
      if (video < 0 || !stream) throw withoutVideo(input);
      if (stream.codecpar.width === 0) throw input.kind === 'file' ? withoutVideo(input) : withoutPictures(input);
      const audio = context.findBestStream(AVMEDIA_TYPE_AUDIO, -1, video);
      return new Demuxer(input, opened, stream, audio < 0 ? null : (context.streams[audio] ?? null));
    } catch (error) {
      context.closeInputSync();
      throw error;
    }
  }

  /** Whether the input has an end, as files do. */
  get finite(): boolean {
    return this.input.kind === 'file';
  }

  /** Name of the container's format. */
  get format(): string {
    return this.#context.iformat?.name ?? 'unknown';
  }

  /** Reads the next packet into `packet`, which the caller unrefs. Damaged parts are skipped. */
  read(packet: Packet): ReadResult {
    for (let failures = 0; ; failures++) {
      const result = this.#context.readFrameSync(packet);
      if (result >= 0) break;
      if (result === AVERROR_EOF || failures > 100) return this.finite ? 'end' : 'lost';
      // Other errors are of one packet; a camera's are of its connection.
      if (!this.finite && result !== AVERROR_EAGAIN) return 'lost';
    }
    if (packet.streamIndex === this.video.index) return 'video';
    return packet.streamIndex === this.audio?.index ? 'audio' : 'other';
  }

  /** Goes back to the start of a file. False where the container cannot: open it anew. */
  rewind(): boolean {
    const start = this.video.startTime === AV_NOPTS_VALUE ? 0n : this.video.startTime;
    return this.#context.seekFrameSync(this.video.index, start, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** Goes to the last key frame at or before a time of the video's clock. False where the container cannot. */
  seek(pts: bigint): boolean {
    return this.#context.seekFrameSync(this.video.index, pts, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** Length in seconds as the container says, 0 if it does not. */
  get duration(): number {
    const { duration } = this.#context;
    return duration > 0n ? Number(duration) / 1e6 : 0;
  }

  close(): void {
    this.#context.closeInputSync();
  }
}

interface OpenedContext {
  readonly context: FormatContext;
  readonly connectedAt: number;
}

/** Opens an input and finds out what is in it. Throws AfterglowError that names the input, the cause and the remedy. */
export function openContext(input: InputLocation): FormatContext {
  return connect(input, 'tcp').context;
}

function connect(input: InputLocation, transport: RtspTransport): OpenedContext {
  const context = new FormatContext();
  context.allocContext();
  const { url, format, options } = openArguments(input, transport);
  const opened = context.openInputSync(url, format, Dictionary.fromObject(options));
  if (opened < 0) throw openError(input, opened);
  const connectedAt = steadyMilliseconds();
  const analysed = context.findStreamInfoSync(null);
  if (analysed >= 0) return { context, connectedAt };
  context.closeInputSync();
  throw openError(input, analysed);
}

function openArguments(
  input: InputLocation,
  transport: RtspTransport,
): {
  readonly url: string;
  readonly format: InputFormat | null;
  readonly options: Record<string, string>;
} {
  switch (input.kind) {
    case 'file':
      return {
        url: `file:${input.path}`,
        format: null,
        options: { protocol_whitelist: 'file', format_whitelist: FILE_FORMATS },
      };
    case 'rtsp':
      return {
        url: input.url,
        format: InputFormat.findInputFormat('rtsp'),
        options: {
          protocol_whitelist: 'rtsp,rtsps,rtp,tcp,tls,udp',
          rtsp_transport: transport,
          timeout: NETWORK_TIMEOUT,
          analyzeduration: NETWORK_ANALYSIS,
          fpsprobesize: NETWORK_RATE_PICTURES,
          // By UDP packets may come out of order: one that is missing is waited for this long.
          max_delay: transport === 'udp' ? UDP_PATIENCE : '0',
          ...(transport === 'udp' ? { buffer_size: UDP_BUFFER } : {}),
        },
      };
    case 'whip':
      return {
        url: `file:${input.description}`,
        format: InputFormat.findInputFormat('sdp'),
        options: {
          protocol_whitelist: 'file,udp,rtp',
          localaddr: '127.0.0.1',
          // Silence of the publisher, in seconds; it takes twice as long to be noticed.
          listen_timeout: '2',
          analyzeduration: NETWORK_ANALYSIS,
          fpsprobesize: NETWORK_RATE_PICTURES,
          max_delay: UDP_PATIENCE,
          buffer_size: UDP_BUFFER,
        },
      };
    case 'webcam':
      return {
        url: input.device,
        format: InputFormat.findInputFormat('video4linux2,v4l2') ?? InputFormat.findInputFormat('v4l2'),
        options: { timestamps: 'abs' },
      };
  }
}

function withoutVideo(input: InputLocation): AfterglowError {
  return new AfterglowError('input-no-video', `${describeInput(input)} has no video track`, {
    remedy: 'choose an input with pictures',
    // The next publisher may have one.
    retryable: input.kind === 'whip',
  });
}

/** There is a video track, and no key frame has come while the stream was looked at. */
function withoutPictures(input: InputLocation): AfterglowError {
  return new AfterglowError('input-no-video', `${describeInput(input)} has sent no key frame yet`, {
    remedy: 'it is tried again; with a key frame every second or two, pictures begin sooner',
    retryable: true,
  });
}
