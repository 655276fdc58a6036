import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { packageVersion } from '../config/package-version.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { described } from './route-description.js';

/** Describes all routes that are added after it, at GET /api/openapi.json. One that is not described is refused at the start. */
export async function addApiDocument(server: FastifyInstance): Promise<void> {
  // The routes check what they take themselves, with the schemas that the document is made of.
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Afterglow',
        description:
          'Live cameras, enhanced. Where the server has tokens, all but health and this machine’s page need one; ' +
          'tokens of the role view may look, those of the role control may change.',
        version: packageVersion,
      },
      tags: [
        { name: 'streams', description: 'What there is, and changing it' },
        { name: 'viewing', description: 'WebRTC, HLS, single pictures' },
        { name: 'recordings', description: 'What was recorded' },
        { name: 'films', description: 'Films and pictures that people bring, and what is made of them' },
        { name: 'server', description: 'Health, figures, this document' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  });
  server.addHook('onRoute', ({ url, schema }) => {
    if (!/^\/(api|hls|downloads|metrics|healthz|readyz)(\/|$)/.test(url) || schema?.summary !== undefined) return;
    throw new AfterglowError('internal', `the route ${url} is not described`, {
      remedy: 'give it the options that described() makes',
    });
  });
  server.get(
    '/api/openapi.json',
    described({
      summary: 'This document',
      tag: 'server',
      access: 'view',
      answers: { 200: { description: 'OpenAPI 3.1.', json: z.looseObject({ openapi: z.string() }) } },
    }),
    () => server.swagger(),
  );
}
