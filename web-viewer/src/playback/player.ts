import type { RtpAnchor } from '../../../src/stream/stream-messages.js';
import { FrameMeter } from './frame-meter.js';
import { watchFrames, type ShownFrame } from './frame-watch.js';
import { HlsPlayback } from './hls-playback.js';
import { LatencyMeter, pictureArrival } from './latency-meter.js';
import { PlaybackError, type Playback, type PlaybackOptions } from './playback.js';
import { WhepSession } from './whep-session.js';

/** In HLS, WebRTC is tried again this often, in milliseconds. */
const RETRY_WEBRTC = 30_000;
/** After every way has failed, the wait before the next round, in milliseconds. */
const NEXT_ROUND = 2500;
/** Without a picture for this long, in milliseconds, a playback has broken: HLS may wait for a segment or two. */
const LONGEST_STANDSTILL = { webrtc: 3500, hls: 8000 } as const;
/** When the server is back, a picture that has stood for this long, in milliseconds, is asked for anew at once. */
const STANDSTILL_AFTER_RETURN = 1000;
const WATCH_EVERY = 500;

/** What a player is made with. */
export interface PlayerOptions extends Pick<PlaybackOptions, 'stream' | 'rendition' | 'headers' | 'sound'> {
  /** Where its videos are put. */
  readonly place: HTMLElement;
  /** Accessible name of the videos. */
  readonly label: string;
  /** Whether WebRTC is tried first, and now and then again. */
  readonly webRtc: boolean;
  readonly muted: boolean;
  /** The server's clock and the stream's anchor for latency; null while unknown. */
  readonly serverNow: () => number | null;
  readonly anchor: () => RtpAnchor | null;
  /** The browser plays with sound only after a gesture; it is muted now. */
  readonly soundRefused: () => void;
  /** Transport or reason have changed. */
  readonly changed: () => void;
  /** A picture is on the screen. */
  readonly pictured?: (video: HTMLVideoElement) => void;
  /** The server wants a token. */
  readonly locked: () => void;
}

interface Shown {
  readonly playback: Playback;
  readonly video: HTMLVideoElement;
  readonly stopWatching: () => void;
}

/**
 * Plays one rendition: by WebRTC, else by HLS, and again whenever it breaks. Each attempt has a video of its own; it
 * takes the last one's place only with its first picture, so that the last picture stays for as long as there is no newer.
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #meter = new FrameMeter();
  readonly #latency = new LatencyMeter();
  readonly #watchTimer: number;
  readonly #closed = new AbortController();
  #shown: Shown | null = null;
  #attempt: AbortController | null = null;
  #isReady = false;
  #reason: PlaybackError | null = null;
  /** Earliest times of the next round, and of the next one for WebRTC's sake alone, by `performance.now()`. */
  #nextRound = 0;
  #nextWebRtc = 0;
  #lastFrame = 0;
  #firstFrameMs: number | null = null;
  #muted: boolean;
  #blocked: HTMLVideoElement | null = null;

  /** Whether something else lies over its picture: it is not painted then, and cannot be seen to stand. */
  isCovered = false;

  /** Does nothing before `setReady(true)`. */
  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#muted = options.muted;
    this.#watchTimer = window.setInterval(() => this.#watch(), WATCH_EVERY);
    document.addEventListener('visibilitychange', () => this.#forgive(), { signal: this.#closed.signal });
  }

  /** How the picture on the screen comes, or null before the first one. */
  get transport(): 'webrtc' | 'hls' | null {
    return this.#shown?.playback.transport ?? null;
  }

  /** Why WebRTC is not used, or null while it is or is still being tried for the first time. */
  get reason(): PlaybackError | null {
    return this.#reason;
  }

  /** Whether WebRTC or HLS is being opened. */
  get isTrying(): boolean {
    return this.#attempt !== null;
  }

  /** The video on the screen. */
  get video(): HTMLVideoElement | null {
    return this.#shown?.video ?? null;
  }

  /** Milliseconds from asking for the present playback to its first picture. */
  get firstFrameMs(): number | null {
    return this.#firstFrameMs;
  }

  /** Pictures a second on the screen; null while unknown. */
  get rate(): number | null {
    return this.#meter.rate(performance.now());
  }

  /** Mean milliseconds from a picture's arrival at the server to the screen; null while unknown. */
  get latencyMs(): number | null {
    return this.#latency.milliseconds;
  }

  /** What the browser tells of the connection. */
  async stats(): Promise<readonly object[]> {
    return (await this.#shown?.playback.stats()) ?? [];
  }

  /** Whether the picture has stopped though it should go on. */
  get isStalled(): boolean {
    return (
      this.#isReady && this.#shown !== null && this.#standstill() > LONGEST_STANDSTILL[this.#shown.playback.transport]
    );
  }

  /** Whether the browser wants a gesture before it plays. */
  get isBlocked(): boolean {
    return this.#blocked !== null;
  }

  /** Whether it is silent. */
  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.#shown) this.#shown.video.muted = muted;
  }

  /**
   * Whether there is anything to play: the server answers and the stream is live. serverWasAway: WebRTC connections to it
   * are gone with it; without that they last over a camera's absence, and the picture goes on in them.
   */
  setReady(isReady: boolean, serverWasAway = false): void {
    if (isReady === this.#isReady) return;
    this.#isReady = isReady;
    if (!isReady) {
      this.#give();
      return;
    }
    const stands = this.#standstill() > STANDSTILL_AFTER_RETURN;
    const isWebRtc = this.transport === 'webrtc';
    this.#forgive();
    if (this.#shown === null || (serverWasAway && !isWebRtc) || (stands && (serverWasAway || !isWebRtc)))
      void this.#try();
  }

  /** Tries WebRTC now. */
  retry(): void {
    if (this.#isReady) void this.#try();
  }

  /** Plays after a gesture, where the browser wants one. */
  playByHand(): void {
    const video = this.#blocked;
    this.#blocked = null;
    if (video) this.#play(video);
    this.#options.changed();
  }

  /** Ends it and takes its videos away. */
  close(): void {
    this.#closed.abort();
    clearInterval(this.#watchTimer);
    this.#isReady = false;
    this.#give();
    this.#drop();
  }

  /** Gives up what is being tried. */
  #give(): void {
    this.#attempt?.abort();
    this.#attempt = null;
  }

  /** A round: WebRTC, then HLS unless that is what plays already. */
  async #try(): Promise<void> {
    this.#give();
    const attempt = new AbortController();
    const { signal } = attempt;
    this.#attempt = attempt;
    this.#options.changed();
    try {
      if (!this.#options.webRtc || !(await this.#tryWebRtc(signal))) {
        if (!this.#playsHls()) await this.#open('hls', signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#reason ??= asPlaybackError(error);
    }
    if (signal.aborted) return;
    this.#attempt = null;
    this.#nextRound = performance.now() + NEXT_ROUND;
    this.#nextWebRtc = performance.now() + RETRY_WEBRTC;
    this.#options.changed();
  }

  /** Whether WebRTC plays now; takes down why if it does not. */
  async #tryWebRtc(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#open('webrtc', signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#reason = asPlaybackError(error);
      if (this.#reason.failure === 'unauthorised') this.#options.locked();
      this.#options.changed();
      return false;
    }
  }

  #playsHls(): boolean {
    return this.#shown?.playback.transport === 'hls' && this.#standstill() < LONGEST_STANDSTILL.hls;
  }

  async #open(transport: 'webrtc' | 'hls', signal: AbortSignal): Promise<void> {
    const video = this.#newVideo();
    const { stream, rendition, sound, headers } = this.#options;
    const broken = (error: PlaybackError): void => {
      if (this.#shown?.video !== video) return;
      this.#reason = error;
      if (this.#isReady) void this.#try();
    };
    const options: PlaybackOptions = { stream, rendition, sound, headers, video, signal, broken };
    try {
      const playback = await (transport === 'webrtc' ? WhepSession.open(options) : HlsPlayback.open(options));
      this.#show(playback, video);
      if (transport === 'webrtc') this.#reason = null;
    } catch (error) {
      video.remove();
      if (this.#blocked === video) this.#blocked = null;
      throw error;
    }
  }

  #newVideo(): HTMLVideoElement {
    const video = document.createElement('video');
    video.className = 'picture';
    video.muted = true;
    video.playsInline = true;
    video.autoplay = true;
    video.disablePictureInPicture = true;
    video.setAttribute('aria-label', this.#options.label);
    video.addEventListener('loadedmetadata', () => this.#play(video), { signal: this.#closed.signal });
    // Below the one that is shown.
    this.#options.place.prepend(video);
    return video;
  }

  #play(video: HTMLVideoElement): void {
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      if (video.muted) {
        this.#blocked = video;
      } else {
        // Sound wants a gesture, the picture does not.
        this.muted = true;
        this.#play(video);
        this.#options.soundRefused();
      }
      this.#options.changed();
    });
  }

  #show(playback: Playback, video: HTMLVideoElement): void {
    this.#drop();
    this.#latency.reset();
    this.#firstFrameMs = performance.now() - playback.joinedAt;
    this.#lastFrame = performance.now();
    const stopWatching = watchFrames(video, (frame) => this.#pictured(frame));
    this.#shown = { playback, video, stopWatching };
    video.muted = this.#muted;
    if (!this.#muted) this.#play(video);
    this.#options.changed();
  }

  #drop(): void {
    const shown = this.#shown;
    if (!shown) return;
    this.#shown = null;
    shown.stopWatching();
    shown.video.remove();
    shown.playback.close();
  }

  #pictured(frame: ShownFrame): void {
    const shown = this.#shown;
    if (!shown) return;
    this.#lastFrame = performance.now();
    this.#meter.add(frame.at, this.#options.pictured ? null : frame.presented);
    this.#measureLatency(shown.playback, frame);
    this.#options.pictured?.(shown.video);
  }

  #measureLatency(playback: Playback, frame: ShownFrame): void {
    const now = this.#options.serverNow();
    if (now === null) return;
    const date = playback.pictureDate();
    if (date !== null) this.#latency.add(now - date);
    const rtpTimestamp = frame.rtpTimestamp ?? playback.rtpTimestamp();
    const anchor = this.#options.anchor();
    if (rtpTimestamp !== null && anchor) this.#latency.add(now - pictureArrival(anchor, rtpTimestamp));
  }

  #standstill(): number {
    return performance.now() - this.#lastFrame;
  }

  /** Begins to count a standstill anew. A page in the background shows no pictures, which is nobody's fault. */
  #forgive(): void {
    this.#lastFrame = Math.max(this.#lastFrame, performance.now());
  }

  #watch(): void {
    if (document.visibilityState === 'hidden' || this.#blocked || this.isCovered) this.#forgive();
    if (!this.#isReady || this.#attempt) return;
    const now = performance.now();
    const isDue = this.#options.webRtc && this.transport === 'hls' && now > this.#nextWebRtc;
    if (isDue || ((this.#shown === null || this.isStalled) && now > this.#nextRound)) void this.#try();
  }
}

function asPlaybackError(error: unknown): PlaybackError {
  return error instanceof PlaybackError
    ? error
    : new PlaybackError('refused', error instanceof Error ? error.message : '');
}
