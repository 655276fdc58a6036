import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePortPair } from '../src/publish/loopback-ports.js';
import { joinViewer, type RoutedStream } from '../src/publish/mediasoup/viewer-join.js';
import { readOffer } from '../src/publish/mediasoup/viewer-offer.js';
import { StreamRouter } from '../src/publish/mediasoup/stream-router.js';
import { loadMediasoup, workerBinary } from '../src/publish/mediasoup/worker-binary.js';
import { WorkerPool } from '../src/publish/mediasoup/worker-pool.js';
import { RtpFeed } from '../src/publish/rtp-feed.js';
import { RTP } from '../src/stream/stream-messages.js';
import { WhepClient } from './whep-client.js';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PAYLOAD_TYPES = { video: 96, audio: 111 };

const binary = workerBinary();

let ffmpeg: ChildProcess | null = null;
let pool: WorkerPool | null = null;
let feed: RtpFeed | null = null;
let server: Server | null = null;
let client: WhepClient | null = null;
afterEach(async () => {
  await client?.close();
  pool?.close();
  ffmpeg?.kill('SIGKILL');
  feed?.close();
  server?.close();
});

/** A stream by FFmpeg's own tool, as a stream's process sends it. */
async function send(to: RtpFeed): Promise<void> {
  const port = await freePortPair();
  to.setSender(port);
  const { payloadType, ssrc } = RTP.enhanced;
  ffmpeg = spawn(
    '/usr/bin/ffmpeg',
    [
      '-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=s=320x240:r=25', '-c:v', 'libx264', '-preset', 'ultrafast',
      '-tune', 'zerolatency', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-g', '25',
      '-payload_type', String(payloadType), '-ssrc', String(ssrc),
      '-f', 'rtp', `rtp://127.0.0.1:${to.port}?localrtpport=${port}&pkt_size=1200`,
    ],
    { stdio: 'ignore' },
  ); // prettier-ignore
  await once(to, 'enhanced');
}

describe.skipIf(binary === null)('two routers that are joined by a pipe', () => {
  it('let a viewer of one see a stream of the other', async () => {
    const mediasoup = await loadMediasoup(binary ?? '');
    pool = await WorkerPool.start({ mediasoup, loopbackOnly: true, ports: null, log: LOG }, 2);
    feed = await RtpFeed.open();
    await send(feed);
    const [first, second] = [await pool.take(), await pool.take()];
    expect(first.worker.pid).not.toBe(second.worker.pid);
    const near = await StreamRouter.open(first, feed, PAYLOAD_TYPES);
    // This one hears nothing of the feed: what comes into it comes through the pipe.
    const far = await StreamRouter.open(second, feed, PAYLOAD_TYPES);
    const piped: RoutedStream = {
      router: far.router,
      home: second,
      capabilities: (feedback) => far.capabilities(feedback),
      producer: async (track) => {
        const { id } = await near.producer(track);
        const { pipeProducer } = await near.router.pipeToRouter({ producerId: id, router: far.router });
        if (!pipeProducer) throw new Error('there is no producer at the end of the pipe');
        return pipeProducer;
      },
    };
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        joinViewer(piped, 'enhanced', readOffer(Buffer.concat(chunks).toString()), []).then(
          ({ answer, id }) => response.writeHead(201, { location: `/${id}` }).end(answer),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = await WhepClient.join(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 'any');
    await client.packets(100);
    expect(client.keyFrames).toBeGreaterThan(0);
    expect(client.missing).toBeLessThan(5);
  });
});
