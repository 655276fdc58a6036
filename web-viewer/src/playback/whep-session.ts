import { firstPicture } from './first-picture.js';
import { PlaybackError, type Playback, type PlaybackOptions } from './playback.js';

/** Addresses of this machine are found within this time, in milliseconds; what comes later is not waited for. */
const LONGEST_GATHERING = 300;
/** From asking to the first picture, in milliseconds. Beyond it another transport is the better choice. */
const LONGEST_START = 3000;

/** A viewer's connection by WebRTC, set up by WHEP (RFC 9725): one offer, one answer, nothing trickled. */
export class WhepSession implements Playback {
  readonly transport = 'webrtc';
  readonly joinedAt = performance.now();
  readonly #options: PlaybackOptions;
  readonly #connection: RTCPeerConnection;
  readonly #ended = new AbortController();
  #receiver: RTCRtpReceiver | null = null;
  #location: string | null = null;
  #opened = false;

  private constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#connection = new RTCPeerConnection();
    const stream = new MediaStream();
    this.#connection.addEventListener('track', ({ track, receiver }) => {
      stream.addTrack(track);
      if (track.kind === 'video') this.#receiver = receiver;
    });
    this.#connection.addEventListener('connectionstatechange', () => {
      const { connectionState } = this.#connection;
      if (this.#opened && (connectionState === 'failed' || connectionState === 'closed')) {
        options.broken(new PlaybackError('lost'));
      }
    });
    options.video.srcObject = stream;
    // A page that is left has no time for more than this.
    addEventListener('pagehide', () => this.close(), { signal: this.#ended.signal });
  }

  /** Resolves when the first picture is there. Throws PlaybackError, or the signal's reason when that is aborted. */
  static async open(options: PlaybackOptions): Promise<WhepSession> {
    if (!('RTCPeerConnection' in window)) throw new PlaybackError('unsupported');
    const session = new WhepSession(options);
    const deadline = AbortSignal.timeout(LONGEST_START);
    try {
      const signal = AbortSignal.any([options.signal, deadline]);
      await session.#join(signal);
      await firstPicture(options.video, signal);
      session.#opened = true;
      return session;
    } catch (error) {
      const isUp = session.#connection.connectionState === 'connected';
      session.close();
      options.signal.throwIfAborted();
      if (deadline.aborted) throw new PlaybackError(isUp ? 'noPicture' : 'notConnected');
      throw error instanceof PlaybackError ? error : new PlaybackError('notConnected');
    }
  }

  pictureDate(): null {
    return null;
  }

  rtpTimestamp(): number | null {
    return this.#receiver?.getSynchronizationSources()[0]?.rtpTimestamp ?? null;
  }

  async stats(): Promise<readonly object[]> {
    const reports: object[] = [];
    (await this.#connection.getStats()).forEach((report: object) => reports.push(report));
    return reports;
  }

  close(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#connection.close();
    this.#options.video.srcObject = null;
    if (this.#location !== null) this.#leave(this.#location);
  }

  async #join(signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    connection.addTransceiver('video', { direction: 'recvonly' });
    if (this.#options.sound) connection.addTransceiver('audio', { direction: 'recvonly' });
    await connection.setLocalDescription();
    await gathered(connection, signal);
    const answer = await this.#ask(connection.localDescription?.sdp ?? '', signal);
    signal.throwIfAborted();
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Posts the offer; returns the answer. */
  async #ask(offer: string, signal: AbortSignal): Promise<string> {
    const { stream, rendition, headers } = this.#options;
    const address = `/api/streams/${stream}/whep${rendition === 'enhanced' ? '' : `?view=${rendition}`}`;
    let response: Response;
    try {
      response = await fetch(address, {
        method: 'POST',
        headers: { ...headers(), 'content-type': 'application/sdp' },
        body: offer,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof TypeError ? new PlaybackError('unreachable') : error;
    }
    if (response.status === 401) throw new PlaybackError('unauthorised');
    if (!response.ok) throw await refusal(response);
    this.#location = response.headers.get('location');
    return response.text();
  }

  #leave(location: string): void {
    // keepalive lets the request outlive the page. Nobody waits for it: the server also notices silence.
    fetch(location, { method: 'DELETE', headers: this.#options.headers(), keepalive: true }).catch(() => undefined);
  }
}

/** Resolves when all addresses are found, or after a while with those there are. */
function gathered(connection: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (connection.iceGatheringState === 'complete') {
      resolve();
      return;
    }
    const enough = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_GATHERING)]);
    enough.addEventListener('abort', () => resolve(), { once: true });
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState === 'complete') resolve();
    });
  });
}

async function refusal(response: Response): Promise<PlaybackError> {
  try {
    const { error, remedy } = (await response.json()) as { readonly error?: string; readonly remedy?: string };
    return new PlaybackError('refused', error ?? response.statusText, remedy);
  } catch {
    return new PlaybackError('refused', response.statusText);
  }
}
