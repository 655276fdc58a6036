import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { streamParams } from './api-schemas.js';
import { checkRequest } from './request-check.js';
import { described } from './route-description.js';
import type { StreamRegistry } from './stream-registry.js';

const SNAPSHOTS_PER_MINUTE = 120;

const query = z.object({ view: z.enum(['enhanced', 'original', 'compare']).default('enhanced') });

/** The route that gives a picture of a stream as it is now. */
export function addSnapshotRoutes(server: FastifyInstance, streams: StreamRegistry): void {
  server.get<{ Params: { id: string } }>(
    '/api/streams/:id/snapshot.jpg',
    described({
      summary: 'A picture of this moment',
      description: 'As enhanced, as the camera sees it, or both side by side. Last-Modified says when it came in.',
      tag: 'viewing',
      access: 'view',
      params: streamParams,
      query,
      answers: { 200: { description: 'The picture.', type: 'image/jpeg' } },
      errors: { 400: 'There is no such view.', 404: 'There is no such stream.', 503: 'There is no picture at this moment.' }, // prettier-ignore
      perMinute: SNAPSHOTS_PER_MINUTE,
    }),
    async (request, reply) => {
      const { handle } = streams.find(request.params.id);
      const { view } = checkRequest(query, request.query);
      const { jpeg, taken } = await handle.snapshot(view);
      const moment = new Date(taken);
      const stamp = moment.toISOString().replace(/[-:]|\.\d+/g, '');
      return reply
        .type('image/jpeg')
        .header('last-modified', moment.toUTCString())
        .header('cache-control', 'no-store')
        .header('content-disposition', `inline; filename="${handle.id}-${view}-${stamp}.jpg"`)
        .send(Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength));
    },
  );
}
