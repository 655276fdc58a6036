import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { seededRandom, type Random } from './random-source.js';

const LOOPBACK = '127.0.0.1';

/** What happens to a camera's packets on the way. */
export interface Weather {
  /** Share of the packets that are lost, 0..1. */
  readonly loss: number;
  /** Packets come late by anything up to this many milliseconds, and so out of order. */
  readonly jitterMs: number;
}

/** Stands between a player and an RTSP camera that sends by UDP, and is the bad network between them. */
export class LossyProxy {
  /** Acts on the packets that come from now on. */
  weather: Weather = { loss: 0, jitterMs: 0 };
  /** RTP packets that came from the camera, and how many of them were lost. */
  readonly counts = { passed: 0, lost: 0 };
  readonly #server: Server;
  readonly #cameraPort: number;
  readonly #random: Random;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, cameraPort: number, seed: number) {
    this.#server = server;
    this.#cameraPort = cameraPort;
    this.#random = seededRandom(seed);
    server.on('connection', (player) => this.#serve(player));
  }

  static async start(cameraPort: number, seed: number): Promise<LossyProxy> {
    const server = createServer();
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    return new LossyProxy(server, cameraPort, seed);
  }

  /** Address of the camera as players see it. */
  get url(): string {
    return `rtsp://${LOOPBACK}:${(this.#server.address() as AddressInfo).port}/camera`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(player: Socket): void {
    const camera = connect(this.#cameraPort, LOOPBACK);
    const paths: MediaPath[] = [];
    this.#sockets.add(player).add(camera);
    const end = (): void => {
      player.destroy();
      camera.destroy();
      for (const path of paths) path.close();
      this.#sockets.delete(player);
      this.#sockets.delete(camera);
    };
    for (const socket of [player, camera]) socket.on('error', end).on('close', end);
    // One message after the other, as opening ports takes a moment.
    let turn = Promise.resolve();
    player.on('data', (chunk) => {
      turn = turn.then(async () => {
        const text = chunk.toString('latin1');
        const ports = /client_port=(\d+)-(\d+)/.exec(text);
        if (!ports) {
          camera.write(chunk);
          return;
        }
        const path = await MediaPath.open(Number(ports[1]), (packet, send) => this.#pass(packet, send));
        paths.push(path);
        camera.write(text.replace(ports[0], `client_port=${path.port}-${path.port + 1}`), 'latin1');
      });
    });
    camera.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      const ports = /client_port=(\d+)-\d+;server_port=(\d+)-\d+/.exec(text);
      const path = paths.find(({ port }) => port === Number(ports?.[1]));
      if (!ports || !path) {
        player.write(chunk);
        return;
      }
      path.cameraPort = Number(ports[2]);
      const { playerPort, port } = path;
      const seen = `client_port=${playerPort}-${playerPort + 1};server_port=${port}-${port + 1}`;
      player.write(text.replace(ports[0], seen), 'latin1');
    });
  }

  #pass(_packet: Buffer, send: () => void): void {
    this.counts.passed++;
    const { loss, jitterMs } = this.weather;
    if (this.#random() < loss) this.counts.lost++;
    else if (jitterMs > 0) setTimeout(send, this.#random() * jitterMs);
    else send();
  }
}

/** The two ports of one track, for RTP and RTCP, between camera and player. */
class MediaPath {
  readonly port: number;
  readonly playerPort: number;
  cameraPort = 0;
  readonly #sockets: readonly UdpSocket[];

  private constructor(sockets: readonly [UdpSocket, UdpSocket], playerPort: number) {
    this.#sockets = sockets;
    this.port = sockets[0].address().port;
    this.playerPort = playerPort;
  }

  /** pass: is given each RTP packet of the camera, and what sends it on. */
  static async open(playerPort: number, pass: (packet: Buffer, send: () => void) => void): Promise<MediaPath> {
    const sockets = await neighbours();
    const path = new MediaPath(sockets, playerPort);
    sockets.forEach((socket, i) => {
      socket.on('message', (packet, peer) => {
        const toPlayer = peer.port !== playerPort + i;
        const send = (): void => {
          if (path.#closed) return;
          socket.send(packet, (toPlayer ? playerPort : path.cameraPort) + i, LOOPBACK, () => undefined);
        };
        if (toPlayer && i === 0) pass(packet, send);
        else if (toPlayer || path.cameraPort !== 0) send();
      });
    });
    return path;
  }

  #closed = false;

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.#sockets) socket.close();
  }
}

/** Two sockets on an even port and the one after it. */
async function neighbours(): Promise<[UdpSocket, UdpSocket]> {
  for (;;) {
    const first = await bound(0);
    const { port } = first.address();
    const second = port % 2 === 0 ? await bound(port + 1).catch(() => null) : null;
    if (second) return [first, second];
    first.close();
  }
}

async function bound(port: number): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.bind(port, LOOPBACK);
  await once(socket, 'listening');
  return socket;
}
