import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseInput } from '../config/input-location.js';
import type { WhipIngest, WhipStream } from '../publish/whip-ingest.js';
import type { Admissions } from './admissions.js';
import { streamParams } from './api-schemas.js';
import type { PublishedStream } from './published-stream.js';
import { described } from './route-description.js';
import type { StreamRegistry } from './stream-registry.js';
import { MAX_OFFER_BYTES, refuseOtherThanSdp } from './stream-routes.js';

/** New publishers from one address in a minute. */
const JOINS_PER_MINUTE = 60;

const publisherParams = streamParams.extend({ publisher: z.string().describe('From the answer’s Location.') });

/** Routes by which OBS, browsers and others publish to streams whose input is whip (RFC 9725). */
export function addWhipRoutes(
  server: FastifyInstance,
  streams: StreamRegistry,
  ingest: WhipIngest,
  admissions: Admissions,
): void {
  server.post<{ Params: { id: string } }>(
    '/api/streams/:id/whip',
    described({
      summary: 'Publish by WebRTC (WHIP)',
      description: 'Takes an SDP offer to send H.264 or VP8, and Opus, and answers with the answer. One at a time.',
      tag: 'streams',
      access: 'control',
      params: streamParams,
      body: { schema: z.string().max(MAX_OFFER_BYTES), type: 'application/sdp' },
      answers: { 201: { description: 'The SDP answer; Location is what to delete.', type: 'application/sdp' } },
      errors: { 400: 'The offer cannot be answered.', 404: 'There is no such stream.', 409: 'Somebody publishes already, or its input is not whip.', 415: 'No SDP.' }, // prettier-ignore
      perMinute: JOINS_PER_MINUTE,
    }),
    async (request, reply) => {
      const stream = streams.find(request.params.id);
      if (typeof request.body !== 'string') return refuseOtherThanSdp(reply);
      const publisher = await ingest.connect(whipStream(stream, streams), request.body);
      const { id } = stream.handle;
      request.log.info({ stream: id, who: request.who?.name ?? '', ip: request.ip }, 'a publisher has come');
      if (request.who) publisher.onGone(admissions.add(request.who, 'control', () => void publisher.close()));
      publisher.onGone(() => request.log.info({ stream: id }, 'the publisher has gone'));
      return reply
        .code(201)
        .header('location', `/api/streams/${id}/whip/${publisher.id}`)
        .type('application/sdp')
        .send(publisher.answer);
    },
  );

  server.delete<{ Params: { id: string; publisher: string } }>(
    '/api/streams/:id/whip/:publisher',
    described({
      summary: 'Stop publishing',
      tag: 'streams',
      access: 'control',
      params: publisherParams,
      answers: { 200: { description: 'The publisher has gone.' } },
      errors: { 404: 'There is no such stream or publisher.' },
    }),
    async (request, reply) => {
      const { id } = streams.find(request.params.id).handle;
      return reply.code((await ingest.leave(id, request.params.publisher)) ? 200 : 404).send();
    },
  );

  // Trickled candidates and restarts (RFC 9725, 4.3) are not understood: the answer has all candidates.
  server.patch(
    '/api/streams/:id/whip/:publisher',
    described({
      summary: 'Not possible: a publication cannot be changed',
      tag: 'streams',
      access: 'control',
      params: publisherParams,
      answers: {},
      errors: { 405: 'Always.' },
    }),
    (_request, reply) =>
      reply.code(405).header('allow', 'DELETE').send({
        error: 'a publication cannot be changed',
        remedy: 'delete it and publish anew',
        code: 'request-invalid',
      }),
  );
}

function whipStream(stream: PublishedStream, streams: StreamRegistry): WhipStream {
  const { handle } = stream;
  const takesPublishers = (): boolean => parseInput(handle.config.input).kind === 'whip';
  return {
    id: handle.id,
    folder: handle.hlsFolder,
    takesPublishers: takesPublishers(),
    isLive: () => handle.state.kind === 'live',
    isThere: () => streams.get(handle.id) === stream && takesPublishers(),
  };
}
