import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Page } from 'playwright-core';

const LOOPBACK = '127.0.0.1';
/** A router's queue holds so many milliseconds of traffic; what comes on top is lost. */
const QUEUE = 100;

/** The way from a server to one viewer's WebRTC connection, with a bandwidth of its own. */
export class NarrowLink {
  /** Bits a second towards the viewer. */
  bitsPerSecond = Infinity;
  /** Packets towards the viewer that found no room. */
  lost = 0;
  /** Bytes towards the viewer that came through. */
  passed = 0;
  readonly #near: Socket;
  readonly #far: Socket;
  #serverPort = 0;
  #viewerPort = 0;
  /** When the queue will be empty, by `performance.now()`. */
  #free = 0;
  #closed = false;

  private constructor(near: Socket, far: Socket) {
    this.#near = near;
    this.#far = far;
    near.on('message', (packet, { port }) => {
      this.#viewerPort = port;
      if (this.#serverPort !== 0) far.send(packet, this.#serverPort, LOOPBACK);
    });
    far.on('message', (packet) => this.#queue(packet));
  }

  static async open(): Promise<NarrowLink> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, LOOPBACK);
      await once(socket, 'listening');
    }
    return new NarrowLink(...sockets);
  }

  /** Leads the next WebRTC connection of a page over this link: its offers and answers name no other way. */
  async lead(page: Page): Promise<void> {
    await page.route(/\/whep($|\?)/, async (route) => {
      const offer = route.request().postData() ?? '';
      const response = await route.fetch({ postData: offer.replaceAll(/^a=candidate:.*\r\n/gm, '') });
      const answer = await response.text();
      const port = /^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) /im.exec(answer)?.[1];
      if (port === undefined) throw new Error(`no candidate in ${answer}`);
      this.#serverPort = Number(port);
      const candidate = `a=candidate:1 1 udp 2130706431 ${LOOPBACK} ${this.#near.address().port} typ host\r\n`;
      let isFirst = true;
      const body = answer.replaceAll(/^a=candidate:.*\r\n/gm, () => {
        const line = isFirst ? candidate : '';
        isFirst = false;
        return line;
      });
      await route.fulfill({ response, body });
    });
  }

  close(): void {
    this.#closed = true;
    this.#near.close();
    this.#far.close();
  }

  #queue(packet: Buffer): void {
    const now = performance.now();
    const start = Math.max(now, this.#free);
    if (start - now > QUEUE) {
      this.lost++;
      return;
    }
    this.#free = start + (packet.length * 8000) / this.bitsPerSecond;
    this.passed += packet.length;
    const send = (): void => {
      if (!this.#closed) this.#near.send(packet, this.#viewerPort, LOOPBACK);
    };
    if (this.#free - now < 1) send();
    else setTimeout(send, this.#free - now);
  }
}
