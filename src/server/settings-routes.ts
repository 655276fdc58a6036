import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { gateSchema, regionsSchema } from '../config/stream-schema.js';
import { streamParams } from './api-schemas.js';
import { described } from './route-description.js';
import type { StreamRegistry } from './stream-registry.js';

const settings = z.object({
  gate: gateSchema.describe('When it is enhanced.'),
  regions: regionsSchema.describe('Parts of the picture that are treated apart.'),
});

/** The route that tells what a stream is set to, beyond what its status has: for those who are about to change it. */
export function addSettingsRoutes(server: FastifyInstance, streams: StreamRegistry): void {
  server.get<{ Params: { id: string } }>(
    '/api/streams/:id/settings',
    described({
      summary: 'What a stream is set to',
      tag: 'streams',
      access: 'view',
      params: streamParams,
      answers: { 200: { description: 'Gate and regions, as PATCH takes them.', json: settings } },
      errors: { 404: 'There is no such stream.' },
    }),
    (request) => {
      const { gate, regions } = streams.find(request.params.id).handle.config;
      return { gate, regions };
    },
  );
}
