import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { EXTRA_RENDITIONS, RENDITIONS, type ExtraRendition, type Rendition } from '../stream/stream-messages.js';
import { PLAYLIST } from '../media/hls-muxer.js';
import type { Admissions } from './admissions.js';
import { streamAnswer, streamParams } from './api-schemas.js';
import type { PublishedStream } from './published-stream.js';
import { masterPlaylist } from './master-playlist.js';
import { checkRequest } from './request-check.js';
import { described } from './route-description.js';
import type { StreamRegistry } from './stream-registry.js';

/** The largest SDP offer that is read. */
export const MAX_OFFER_BYTES = 64 * 1024;
/** New viewers from one address in a minute: a wall of 64 cameras joins them all, and again when it is come back to. */
const JOINS_PER_MINUTE = 300;

const HLS_FILE = /^(index\.m3u8|segment-\d{1,20}\.ts)$/;
const HLS_TYPES: Record<string, string> = { '.m3u8': 'application/vnd.apple.mpegurl', '.ts': 'video/mp2t' };

const whepQuery = z.object({ view: z.enum(RENDITIONS).default('enhanced') });
const hlsParams = streamParams.extend({ file: z.string().regex(HLS_FILE) });
const hlsRoute = {
  description: 'index.m3u8 is the playlist.',
  tag: 'viewing',
  access: 'view',
  params: hlsParams,
  answers: { 200: { description: 'Playlist or segment.', type: 'application/vnd.apple.mpegurl' } },
  errors: { 404: 'There is no such stream or file.' },
} as const;
const EXTRA_SUMMARIES: Readonly<Record<ExtraRendition, string>> = {
  compare: 'Watch original and enhanced side by side by HLS',
  small: 'Watch at half the size by HLS',
};
const viewerParams = streamParams.extend({ viewer: z.string().describe('From the answer’s Location.') });

/** Answers an offer that is not SDP. */
export function refuseOtherThanSdp(reply: FastifyReply): FastifyReply {
  return reply.code(415).send({
    error: 'the offer must be of type application/sdp',
    remedy: 'send the SDP itself with that content-type',
    code: 'request-invalid',
  });
}

/** Routes of streams: their list, WHEP (RFC 9725) and HLS. */
export function addStreamRoutes(server: FastifyInstance, streams: StreamRegistry, admissions: Admissions): void {
  server.addContentTypeParser(
    'application/sdp',
    { parseAs: 'string', bodyLimit: MAX_OFFER_BYTES },
    (_request, body, done) => done(null, body),
  );

  server.get(
    '/api/streams',
    described({
      summary: 'All streams',
      tag: 'streams',
      access: 'view',
      answers: { 200: { description: 'Their figures.', json: z.object({ streams: z.array(streamAnswer) }) } },
    }),
    () => ({ streams: streams.all.map((stream) => stream.status()) }),
  );

  server.get<{ Params: { id: string } }>(
    '/api/streams/:id',
    described({
      summary: 'One stream',
      tag: 'streams',
      access: 'view',
      params: streamParams,
      answers: { 200: { description: 'Its figures.', json: streamAnswer } },
      errors: { 404: 'There is no such stream.' },
    }),
    (request) => streams.find(request.params.id).status(),
  );

  server.post<{ Params: { id: string } }>(
    '/api/streams/:id/whep',
    described({
      summary: 'Watch by WebRTC (WHEP)',
      description: 'Takes an SDP offer to receive H.264 and Opus, and answers with the answer.',
      tag: 'viewing',
      access: 'view',
      params: streamParams,
      query: whepQuery,
      body: { schema: z.string().max(MAX_OFFER_BYTES), type: 'application/sdp' },
      answers: { 201: { description: 'The SDP answer; Location is what to delete.', type: 'application/sdp' } },
      errors: { 400: 'The offer cannot be answered.', 404: 'There is no such stream.', 415: 'No SDP.', 503: 'All places are taken.' }, // prettier-ignore
      perMinute: JOINS_PER_MINUTE,
    }),
    async (request, reply) => {
      const stream = streams.find(request.params.id);
      if (typeof request.body !== 'string') return refuseOtherThanSdp(reply);
      const { view } = checkRequest(whepQuery, request.query);
      const viewer = await stream.join(view, request.body);
      if (request.who) viewer.onGone(admissions.add(request.who, 'view', () => void viewer.close()));
      return reply
        .code(201)
        .header('location', `/api/streams/${stream.handle.id}/whep/${viewer.id}`)
        .type('application/sdp')
        .send(viewer.answer);
    },
  );

  server.delete<{ Params: { id: string; viewer: string } }>(
    '/api/streams/:id/whep/:viewer',
    described({
      summary: 'Stop watching by WebRTC',
      tag: 'viewing',
      access: 'view',
      params: viewerParams,
      answers: { 204: { description: 'The connection is ended.' } },
      errors: { 404: 'There is no such viewer.' },
    }),
    async (request, reply) => {
      const left = await streams.find(request.params.id).leave(request.params.viewer);
      return reply.code(left ? 204 : 404).send();
    },
  );

  server.get<{ Params: { id: string } }>(
    '/hls/:id/master.m3u8',
    described({
      summary: 'Watch by HLS, in the size that the connection carries',
      description: 'Lists the playlists of the full and of the half size.',
      tag: 'viewing',
      access: 'view',
      params: streamParams,
      answers: { 200: { description: 'The playlist.', type: HLS_TYPES['.m3u8'] ?? '' } },
      errors: { 404: 'There is no such stream.' },
    }),
    (request, reply) =>
      reply.type(HLS_TYPES['.m3u8'] ?? '').send(masterPlaylist(streams.find(request.params.id).handle)),
  );

  server.get<{ Params: { id: string; file: string } }>(
    '/hls/:id/:file',
    described({ ...hlsRoute, summary: 'Watch by HLS' }),
    (request, reply) => sendHls(reply, streams.find(request.params.id), 'enhanced', request.params.file),
  );
  for (const rendition of EXTRA_RENDITIONS) {
    server.get<{ Params: { id: string; file: string } }>(
      `/hls/:id/${rendition}/:file`,
      described({ ...hlsRoute, summary: EXTRA_SUMMARIES[rendition] }),
      async (request, reply) => {
        const stream = streams.find(request.params.id);
        if (request.params.file === PLAYLIST) await stream.prepareHls(rendition);
        return sendHls(reply, stream, rendition, request.params.file);
      },
    );
  }
}

async function sendHls(
  reply: FastifyReply,
  stream: PublishedStream,
  rendition: Rendition,
  file: string,
): Promise<FastifyReply> {
  if (!HLS_FILE.test(file)) {
    return reply
      .code(404)
      .send({ error: 'there is no such file', remedy: 'ask for index.m3u8', code: 'request-invalid' });
  }
  const extension = path.extname(file);
  const folder = path.join(stream.handle.hlsFolder, rendition);
  reply.type(HLS_TYPES[extension] ?? 'application/octet-stream');
  if (extension === '.ts') return reply.sendFile(file, folder, { cacheControl: false, maxAge: 60_000 });
  // Another one takes its place every second: sent from disk, it could be longer or shorter than was said a moment before.
  const playlist = await readFile(path.join(folder, file)).catch(() => null);
  if (playlist) return reply.header('cache-control', 'no-cache').send(playlist);
  reply.callNotFound();
  return reply;
}
