import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const LOOPBACK = '127.0.0.1';
const MOST_TRIES = 200;

/** An even UDP port on loopback that is free together with the one after it, as RTP and its RTCP need. */
export async function freePortPair(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const first = await bound(0);
    const { port } = first.address();
    const second = port % 2 === 0 ? await bound(port + 1).catch(() => null) : null;
    first.close();
    second?.close();
    if (second) return port;
  }
  throw new Error('no two neighbouring UDP ports are free');
}

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, LOOPBACK);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
