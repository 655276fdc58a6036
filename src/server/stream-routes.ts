import path from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Rendition } from '../stream/stream-messages.js';
import type { PublishedStream } from './published-stream.js';

/** The largest SDP offer that is read. */
export const MAX_OFFER_BYTES = 64 * 1024;
/** New viewers from one address in a minute. */
const JOINS_PER_MINUTE = 60;

const HLS_FILE = /^(index\.m3u8|segment-\d{1,20}\.ts)$/;
const HLS_TYPES: Record<string, string> = { '.m3u8': 'application/vnd.apple.mpegurl', '.ts': 'video/mp2t' };

/** Routes of streams: their list, WHEP (RFC 9725) and HLS. */
export function addStreamRoutes(server: FastifyInstance, streams: ReadonlyMap<string, PublishedStream>): void {
  server.addContentTypeParser(
    'application/sdp',
    { parseAs: 'string', bodyLimit: MAX_OFFER_BYTES },
    (_request, body, done) => done(null, body),
  );

  const find = (id: string): PublishedStream => {
    const stream = streams.get(id);
    if (!stream) {
      throw new AfterglowError('stream-unknown', `there is no stream "${id.slice(0, 64)}"`, {
        remedy: 'GET /api/streams lists those there are',
      });
    }
    return stream;
  };

  server.get('/api/streams', () => ({ streams: [...streams.values()].map((stream) => stream.status()) }));
  server.get<{ Params: { id: string } }>('/api/streams/:id', (request) => find(request.params.id).status());

  server.post<{ Params: { id: string }; Querystring: { view?: string } }>(
    '/api/streams/:id/whep',
    { config: { rateLimit: { max: JOINS_PER_MINUTE, timeWindow: '1 minute' } } },
    async (request, reply) => {
      const stream = find(request.params.id);
      const { body } = request;
      if (typeof body !== 'string') {
        return reply.code(415).send({ error: 'the offer must be of type application/sdp' });
      }
      const rendition: Rendition = request.query.view === 'compare' ? 'compare' : 'enhanced';
      const viewer = await stream.join(rendition, body);
      return reply
        .code(201)
        .header('location', `/api/streams/${stream.handle.config.id}/whep/${viewer.id}`)
        .type('application/sdp')
        .send(viewer.answer);
    },
  );

  server.delete<{ Params: { id: string; viewer: string } }>('/api/streams/:id/whep/:viewer', async (request, reply) => {
    const left = await find(request.params.id).leave(request.params.viewer);
    return reply.code(left ? 204 : 404).send();
  });

  server.get<{ Params: { id: string; file: string } }>('/hls/:id/:file', (request, reply) =>
    sendHls(reply, find(request.params.id), 'enhanced', request.params.file),
  );
  server.get<{ Params: { id: string; file: string } }>('/hls/:id/compare/:file', (request, reply) =>
    sendHls(reply, find(request.params.id), 'compare', request.params.file),
  );
}

function sendHls(reply: FastifyReply, stream: PublishedStream, rendition: Rendition, file: string): FastifyReply {
  if (!HLS_FILE.test(file)) return reply.code(404).send({ error: 'there is no such file' });
  const extension = path.extname(file);
  return reply
    .type(HLS_TYPES[extension] ?? 'application/octet-stream')
    .sendFile(file, path.join(stream.handle.hlsFolder, rendition), {
      cacheControl: false,
      ...(extension === '.ts' ? { maxAge: 60_000 } : {}),
    });
}
