import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isLive, loadRecipe, modelsOf, pipelineNames } from '../config/recipe.js';
import { described } from './route-description.js';

const pipeline = z.object({
  name: z.string(),
  description: z.string(),
  live: z.boolean().describe('Whether it can be used for live video, and not for films and pictures alone.'),
  models: z.array(z.string()).describe('The networks that it runs.'),
});

/** The route that lists the pipelines that come with the installation. */
export function addPipelineRoutes(server: FastifyInstance): void {
  server.get(
    '/api/pipelines',
    described({
      summary: 'The pipelines that there are',
      tag: 'streams',
      access: 'view',
      answers: { 200: { description: 'All that are shipped.', json: z.object({ pipelines: z.array(pipeline) }) } },
    }),
    () => ({
      pipelines: pipelineNames().map((name) => {
        const recipe = loadRecipe(name);
        return { name, description: recipe.description, live: isLive(recipe), models: modelsOf(recipe) };
      }),
    }),
  );
}
