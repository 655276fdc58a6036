import type { ClientMessage, ServerMessage } from '../../src/server/live-socket.js';
import type { PublishedStatus } from '../../src/server/published-stream.js';
import type { AccessToken } from './access-token.js';
import type { ClockOffset } from './clock-offset.js';

/** The server's code for closing a connection that gave no token, or a wrong one. */
const UNAUTHORISED = 4401;
/** First and longest wait before connecting again, in milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 4000;
/** Figures come twice a second: a connection that is silent for this long is dead, whatever the browser says. */
const LONGEST_SILENCE = 5000;
const WATCH_EVERY = 1000;
/** Pings come quickly at first, then now and then, in milliseconds. */
const FIRST_PINGS = 6;
const QUICK_PING = 150;
const PING_EVERY = 3000;

/** What a connection tells. */
export interface LiveConnectionEvents {
  /** New figures of all streams; the first ones also mean that the connection is up. */
  readonly streams: (streams: readonly PublishedStatus[]) => void;
  /** The server is gone; it is tried again. */
  readonly lost: () => void;
  /** The server wants a token, or another one; `retry` tries again. */
  readonly locked: () => void;
}

/** The WebSocket to the server: figures in, controls out, connected again for as long as the page is open. */
export class LiveConnection {
  readonly #token: AccessToken;
  readonly #clock: ClockOffset;
  readonly #events: LiveConnectionEvents;
  #socket: WebSocket | null = null;
  #isUp = false;
  #mayControl = false;
  #wait = FIRST_WAIT;
  #retryTimer = 0;
  #pingTimer = 0;
  #pings = 0;
  #lastHeard = 0;

  /** Connects at once. */
  constructor(token: AccessToken, clock: ClockOffset, events: LiveConnectionEvents) {
    this.#token = token;
    this.#clock = clock;
    this.#events = events;
    setInterval(() => this.#watch(), WATCH_EVERY);
    // A network that is back need not be waited for.
    addEventListener('online', () => this.retry());
    this.#connect();
  }

  /** Whether messages reach the server. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether the token allows to change anything. */
  get mayControl(): boolean {
    return this.#isUp && this.#mayControl;
  }

  /** Sends a message; false when there is no connection to send it by. */
  send(message: ClientMessage): boolean {
    if (!this.#isUp || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Connects now instead of later, with the token as it is now. */
  retry(): void {
    if (!this.#isUp) this.#connect();
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#drop();
    const address = new URL('/api/live', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#lastHeard = performance.now();
    socket.addEventListener('open', () => {
      const token = this.#token.value;
      if (token !== null) socket.send(JSON.stringify({ kind: 'token', token } satisfies ClientMessage));
    });
    socket.addEventListener('message', (event: MessageEvent<string>) => this.#hear(event.data));
    socket.addEventListener('close', (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    });
  }

  #hear(data: string): void {
    const received = performance.now();
    this.#lastHeard = received;
    const message = JSON.parse(data) as ServerMessage;
    switch (message.kind) {
      case 'streams':
        if (!this.#isUp) this.#up();
        this.#mayControl = message.mayControl;
        this.#events.streams(message.streams);
        break;
      case 'pong':
        this.#clock.add(message.sent, received, message.now);
        break;
      case 'refused':
        // The close that follows says the same.
        break;
    }
  }

  #up(): void {
    this.#isUp = true;
    this.#wait = FIRST_WAIT;
    this.#pings = 0;
    this.#clock.reset();
    this.#ping();
  }

  #ping(): void {
    this.send({ kind: 'ping', sent: performance.now() });
    this.#pings++;
    this.#pingTimer = window.setTimeout(() => this.#ping(), this.#pings < FIRST_PINGS ? QUICK_PING : PING_EVERY);
  }

  #watch(): void {
    if (this.#socket && performance.now() - this.#lastHeard > LONGEST_SILENCE) this.#closed(0);
  }

  #closed(code: number): void {
    this.#drop();
    if (code === UNAUTHORISED) {
      this.#events.locked();
      return;
    }
    this.#events.lost();
    this.#retryTimer = window.setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
  }

  #drop(): void {
    clearTimeout(this.#pingTimer);
    this.#isUp = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
