import type { ErrorData, HlsConfig, default as HlsPlayer } from 'hls.js';
import { firstPicture } from './first-picture.js';
import { PlaybackError, type Playback, type PlaybackOptions } from './playback.js';

/** From asking to the first picture, in milliseconds; the comparison's first segment has yet to be made. */
const LONGEST_START = 12_000;
/** A playlist that is not there yet is asked for again after this long, in milliseconds, and so many times. */
const PLAYLIST_RETRY = 400;
const PLAYLIST_RETRIES = 25;
/** Bits a second that a connection is taken to carry until it is known: the full picture is tried first. */
const HOPED_BANDWIDTH = 30_000_000;

const MIME_TYPE = 'application/vnd.apple.mpegurl';

/** A rendition played by HLS: by hls.js where the browser lets scripts feed it media, else by the browser itself. */
export class HlsPlayback implements Playback {
  readonly transport = 'hls';
  readonly joinedAt = performance.now();
  readonly #video: HTMLVideoElement;
  #player: HlsPlayer | null = null;

  private constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Resolves when the first picture is there. Throws PlaybackError, or the signal's reason when that is aborted. */
  static async open(options: PlaybackOptions): Promise<HlsPlayback> {
    const { video, signal } = options;
    const playback = new HlsPlayback(video);
    const broken = new AbortController();
    let opened = false;
    const fail = (error: PlaybackError): void => {
      if (opened) options.broken(error);
      else broken.abort(error);
    };
    const deadline = AbortSignal.timeout(LONGEST_START);
    try {
      await playback.#load(options, fail);
      signal.throwIfAborted();
      await firstPicture(video, AbortSignal.any([signal, broken.signal, deadline]));
      opened = true;
      return playback;
    } catch (error) {
      playback.close();
      signal.throwIfAborted();
      if (error instanceof PlaybackError) throw error;
      throw new PlaybackError('noHlsPicture');
    }
  }

  pictureDate(): number | null {
    if (this.#player) return this.#player.playingDate?.getTime() ?? null;
    const start = (this.#video as HTMLVideoElement & { getStartDate?: () => Date }).getStartDate?.().getTime();
    return start === undefined || Number.isNaN(start) ? null : start + this.#video.currentTime * 1000;
  }

  rtpTimestamp(): null {
    return null;
  }

  stats(): Promise<readonly object[]> {
    return Promise.resolve([]);
  }

  close(): void {
    this.#player?.destroy();
    this.#player = null;
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  async #load(options: PlaybackOptions, fail: (error: PlaybackError) => void): Promise<void> {
    const { stream, rendition, video, signal } = options;
    // The master playlist lists the small pictures too, for connections that do not carry the full ones.
    const address = `/hls/${stream}/${rendition === 'enhanced' ? 'master.m3u8' : `${rendition}/index.m3u8`}`;
    // Few need it: it is loaded only by those.
    const { default: Hls } = await import('hls.js');
    signal.throwIfAborted();
    if (Hls.isSupported()) {
      const player = new Hls(configOf(options.headers));
      this.#player = player;
      player.on(Hls.Events.ERROR, (_event, data) => {
        if (data.fatal) fail(errorOf(data));
      });
      player.loadSource(address);
      player.attachMedia(video);
      return;
    }
    if (video.canPlayType(MIME_TYPE) === '') throw new PlaybackError('noHls');
    video.addEventListener('error', () => fail(new PlaybackError('lost')), { signal });
    video.src = address;
  }
}

function configOf(headers: () => Record<string, string>): Partial<HlsConfig> {
  const patient = { maxNumRetry: PLAYLIST_RETRIES, retryDelayMs: PLAYLIST_RETRY, maxRetryDelayMs: PLAYLIST_RETRY };
  const playlist = {
    default: {
      maxTimeToFirstByteMs: 8000,
      maxLoadTimeMs: 10_000,
      timeoutRetry: patient,
      // A playlist that is not there is about to be written; only a locked one stays away.
      errorRetry: {
        ...patient,
        shouldRetry: (_config: unknown, count: number, _isTimeout: boolean, response?: { code?: number }): boolean =>
          count < PLAYLIST_RETRIES && response?.code !== 401,
      },
    },
  };
  return {
    // The segments are a second long and come whole: as near to the live edge as one of them. Without parts in the
    // playlist, low latency means no more than playing a little faster to catch up after a standstill.
    lowLatencyMode: true,
    abrEwmaDefaultEstimate: HOPED_BANDWIDTH,
    liveSyncDurationCount: 1.5,
    // Up to here it plays faster, beyond it jumps: nothing in between may stay as late as it is.
    liveMaxLatencyDurationCount: 3,
    maxLiveSyncPlaybackRate: 1.1,
    maxBufferLength: 8,
    backBufferLength: 4,
    manifestLoadPolicy: playlist,
    playlistLoadPolicy: playlist,
    xhrSetup: (request) => {
      for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    },
  };
}

function errorOf(data: ErrorData): PlaybackError {
  return new PlaybackError(data.response?.code === 401 ? 'unauthorised' : 'lost');
}
