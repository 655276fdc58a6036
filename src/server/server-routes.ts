import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Health } from './health.js';
import { described } from './route-description.js';

const report = z.object({
  status: z.enum(['ok', 'failing']),
  failed: z.array(z.string()).describe('The checks that failed, and why.'),
  streams: z.record(z.enum(['starting', 'live', 'reconnecting', 'ended', 'failed']), z.number().int()),
});

/** Routes for those who watch over the server. */
export function addServerRoutes(server: FastifyInstance, health: Health, metrics: Registry): void {
  const checks = [
    ['/healthz', 'Whether the server works, or is to be started anew', () => health.alive()],
    ['/readyz', 'Whether the server can serve viewers; cameras that are away change nothing', () => health.ready()],
  ] as const;
  for (const [path, summary, check] of checks) {
    server.get(
      path,
      described({
        summary,
        tag: 'server',
        access: 'open',
        answers: { 200: { description: 'Yes.', json: report }, 503: { description: 'No, and why.', json: report } },
      }),
      (_request, reply) => {
        const answer = check();
        return reply.code(answer.status === 'ok' ? 200 : 503).send(answer);
      },
    );
  }
  server.get(
    '/metrics',
    described({
      summary: 'Figures for Prometheus',
      tag: 'server',
      access: 'view',
      answers: { 200: { description: 'In Prometheus’ text format.', type: 'text/plain' } },
    }),
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}
