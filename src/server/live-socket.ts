import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { STREAM_ID } from '../config/stream-schema.js';
import type { Access } from './access.js';
import type { PublishedStatus, PublishedStream } from './published-stream.js';

/** Path of the WebSocket. */
export const LIVE_PATH = '/api/live';

/** How often figures are pushed, in milliseconds. */
const PUSH_EVERY = 500;
/** A client must say its token within this time, in milliseconds. */
const LONGEST_SILENCE = 5000;
const MAX_MESSAGE = 4096;
const MAX_CLIENTS = 200;
/** A client that lets this much pile up unread gets no more figures until it has caught up. */
const MAX_BUFFERED = 1 << 20;

const id = z.string().regex(STREAM_ID);
const clientMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token'), token: z.string().max(512) }),
  z.strictObject({ kind: z.literal('ping'), sent: z.number() }),
  z.strictObject({ kind: z.literal('strength'), stream: id, value: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('compare'), stream: id, on: z.boolean() }),
]);

/** From a viewer page. The first message is the token where one is needed. */
export type ClientMessage = z.output<typeof clientMessage>;

/** To a viewer page. */
export type ServerMessage =
  | { readonly kind: 'streams'; readonly streams: readonly PublishedStatus[] }
  /** Answers a ping: when it was sent by the page's clock, and the time here, in milliseconds since 1970. */
  | { readonly kind: 'pong'; readonly sent: number; readonly now: number }
  | { readonly kind: 'refused'; readonly message: string };

/** Live figures out and live controls in, for viewer pages. */
export class LiveSocket {
  readonly #access: Access;
  readonly #streams: ReadonlyMap<string, PublishedStream>;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  readonly #admitted = new Set<WebSocket>();
  readonly #timer: NodeJS.Timeout;

  constructor(http: Server, access: Access, streams: ReadonlyMap<string, PublishedStream>) {
    this.#access = access;
    this.#streams = streams;
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#timer = setInterval(() => this.#push(), PUSH_EVERY);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
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
    const comparing = new Set<PublishedStream>();
    if (this.#access.admits(request)) this.#admit(client);
    const impatience = setTimeout(() => {
      if (!this.#admitted.has(client)) client.close(4401, 'no token');
    }, LONGEST_SILENCE);
    client.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? null : parse(data.toString());
      if (!message) client.close(1003, 'not understood');
      else if (message.kind === 'token') this.#takeToken(client, message.token);
      else if (this.#admitted.has(client)) this.#obey(client, message, comparing);
    });
    client.on('error', () => client.terminate());
    client.on('close', () => {
      clearTimeout(impatience);
      this.#admitted.delete(client);
      for (const stream of comparing) stream.holdCompare(-1);
    });
  }

  #takeToken(client: WebSocket, token: string): void {
    if (this.#access.accepts(token)) {
      this.#admit(client);
    } else {
      send(client, { kind: 'refused', message: 'this is not the token' });
      client.close(4401, 'wrong token');
    }
  }

  #admit(client: WebSocket): void {
    this.#admitted.add(client);
    send(client, this.#figures());
  }

  #obey(client: WebSocket, message: Exclude<ClientMessage, { kind: 'token' }>, comparing: Set<PublishedStream>): void {
    if (message.kind === 'ping') {
      send(client, { kind: 'pong', sent: message.sent, now: Date.now() });
      return;
    }
    const stream = this.#streams.get(message.stream);
    if (!stream) return;
    if (message.kind === 'strength') stream.handle.setStrength(message.value);
    else if (message.on !== comparing.has(stream)) {
      stream.holdCompare(message.on ? 1 : -1);
      if (message.on) comparing.add(stream);
      else comparing.delete(stream);
    }
  }

  #push(): void {
    if (this.#admitted.size === 0) return;
    const figures = this.#figures();
    for (const client of this.#admitted) if (client.bufferedAmount < MAX_BUFFERED) send(client, figures);
  }

  #figures(): ServerMessage {
    return { kind: 'streams', streams: [...this.#streams.values()].map((stream) => stream.status()) };
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
  if (client.readyState === client.OPEN) client.send(JSON.stringify(message));
}
