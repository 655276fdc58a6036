import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { STREAM_ID } from '../config/stream-schema.js';
import type { Logger } from '../logging/logger.js';
import { mayAct, type Access } from './access.js';
import type { PublishedStatus, PublishedStream } from './published-stream.js';
import type { StreamRegistry } from './stream-registry.js';
import type { Principal } from './token-list.js';

/** Path of the WebSocket. */
export const LIVE_PATH = '/api/live';

/** How often figures are pushed, in milliseconds. */
const PUSH_EVERY = 500;
/** A client must say its token within this time, in milliseconds. */
const LONGEST_SILENCE = 5000;
const MAX_MESSAGE = 4096;
const MAX_CLIENTS = 200;
/** Messages of one client in a second: a slider that is dragged sends one a picture. */
const MAX_MESSAGES = 120;
/** A change that is not followed by another for this long is logged, in milliseconds. */
const SETTLED = 500;
/** A client that lets this much pile up unread gets no more figures until it has caught up. */
const MAX_BUFFERED = 1 << 20;

const id = z.string().regex(STREAM_ID);
const clientMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token'), token: z.string().max(512) }),
  z.strictObject({ kind: z.literal('ping'), sent: z.number() }),
  z.strictObject({ kind: z.literal('strength'), stream: id, value: z.number().min(0).max(1) }),
]);

/** From a viewer page. The first message is the token where one is needed. */
export type ClientMessage = z.output<typeof clientMessage>;

/** To a viewer page. */
export type ServerMessage =
  /** mayControl: whether this client may change anything. */
  | { readonly kind: 'streams'; readonly streams: readonly PublishedStatus[]; readonly mayControl: boolean }
  /** Answers a ping: when it was sent by the page's clock, and the time here, in milliseconds since 1970. */
  | { readonly kind: 'pong'; readonly sent: number; readonly now: number }
  | { readonly kind: 'refused'; readonly message: string };

/** Live figures out and live controls in, for viewer pages. */
export class LiveSocket {
  readonly #access: Access;
  readonly #streams: StreamRegistry;
  readonly #logger: Logger;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  readonly #admitted = new Map<WebSocket, Principal>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  readonly #timer: NodeJS.Timeout;

  constructor(http: Server, access: Access, streams: StreamRegistry, logger: Logger) {
    this.#access = access;
    this.#streams = streams;
    this.#logger = logger;
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#timer = setInterval(() => this.#push(), PUSH_EVERY);
    this.#timer.unref();
  }

  /** Tokens have changed: whose token is not known any more must go. */
  dismissStrangers(): void {
    for (const [client, before] of this.#admitted) {
      const who = this.#access.renew(before);
      if (who) this.#admitted.set(client, who);
      else client.close(4401, 'this token is not known any more');
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const timer of this.#settling.values()) clearTimeout(timer);
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const pathname = request.url?.split('?')[0];
    const refuse = (status: string): void => void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    if (pathname !== LIVE_PATH) refuse('404 Not Found');
    else if (!this.#access.isSameSite(request)) refuse('403 Forbidden');
    else if (this.#server.clients.size >= MAX_CLIENTS) refuse('503 Service Unavailable');
    else this.#server.handleUpgrade(request, socket, head, (client) => this.#greet(client, request));
  }

  #greet(client: WebSocket, request: IncomingMessage): void {
    const known = this.#access.whoAsks(request);
    if (known) this.#admit(client, known);
    const impatience = setTimeout(() => {
      if (!this.#admitted.has(client)) client.close(4401, 'no token');
    }, LONGEST_SILENCE);
    let second = 0;
    let messages = 0;
    client.on('message', (data: Buffer, isBinary) => {
      const now = Math.floor(Date.now() / 1000);
      messages = now === second ? messages + 1 : 1;
      second = now;
      if (messages > MAX_MESSAGES) {
        client.close(1008, 'too many messages');
        return;
      }
      const message = isBinary ? null : parse(data.toString());
      if (!message) client.close(1003, 'not understood');
      else if (message.kind === 'token') this.#takeToken(client, message.token);
      else if (this.#admitted.has(client)) this.#obey(client, message);
    });
    client.on('error', () => client.terminate());
    client.on('close', () => {
      clearTimeout(impatience);
      this.#admitted.delete(client);
    });
  }

  #takeToken(client: WebSocket, token: string): void {
    const who = this.#access.whoKnows(token);
    if (who) {
      this.#admit(client, who);
    } else {
      send(client, { kind: 'refused', message: 'this is not the token' });
      client.close(4401, 'wrong token');
    }
  }

  #admit(client: WebSocket, who: Principal): void {
    this.#admitted.set(client, who);
    const streams = this.#streams.all.map((stream) => stream.status());
    send(client, { kind: 'streams', streams, mayControl: mayAct(who, 'control') });
  }

  #obey(client: WebSocket, message: Exclude<ClientMessage, { kind: 'token' }>): void {
    if (message.kind === 'ping') {
      send(client, { kind: 'pong', sent: message.sent, now: Date.now() });
      return;
    }
    const stream = this.#streams.get(message.stream);
    if (stream) this.#setStrength(client, stream, message.value);
  }

  #setStrength(client: WebSocket, { handle }: PublishedStream, value: number): void {
    const who = this.#admitted.get(client);
    if (!who || !mayAct(who, 'control')) {
      send(client, { kind: 'refused', message: 'this token may look and not change' });
      return;
    }
    handle.setStrength(value);
    const key = `${handle.id} ${who.name}`;
    clearTimeout(this.#settling.get(key));
    const log = (): void => {
      this.#settling.delete(key);
      this.#logger.info({ stream: handle.id, who: who.name }, `stream changed: strength ${value}`);
    };
    this.#settling.set(key, setTimeout(log, SETTLED).unref());
  }

  #push(): void {
    if (this.#admitted.size === 0) return;
    // Written once for all who may look, and once for all who may control.
    const streams = this.#streams.all.map((stream) => stream.status());
    const figures = (mayControl: boolean): string =>
      JSON.stringify({ kind: 'streams', streams, mayControl } satisfies ServerMessage);
    const [looking, controlling] = [figures(false), figures(true)];
    for (const [client, who] of this.#admitted) {
      if (client.bufferedAmount < MAX_BUFFERED) sendText(client, mayAct(who, 'control') ? controlling : looking);
    }
  }
}

function parse(text: string): ClientMessage | null {
  try {
    return clientMessage.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function send(client: WebSocket, message: ServerMessage): void {
  sendText(client, JSON.stringify(message));
}

function sendText(client: WebSocket, text: string): void {
  if (client.readyState === client.OPEN) client.send(text);
}
