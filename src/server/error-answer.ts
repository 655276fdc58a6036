import type { FastifyInstance } from 'fastify';
import { AfterglowError, type ErrorCode } from '../errors/afterglow-error.js';

/** HTTP statuses of errors that trying again does not help. What is not here is a fault of ours. */
const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  'request-invalid': 400,
  'config-invalid': 400,
  'input-invalid': 400,
  'pipeline-unknown': 400,
  'pipeline-invalid': 400,
  'viewer-refused': 400,
  'stream-unknown': 404,
  'recording-unknown': 404,
  'film-unknown': 404,
  'stream-exists': 409,
  'stream-limit': 409,
  'film-limit': 413,
  'input-unsupported': 415,
  'publisher-refused': 409,
  'model-missing': 422,
  'model-broken': 422,
};

/** Seconds after which a client may try again what is refused for the moment. */
const RETRY_AFTER = '2';

/** The HTTP status of an error. */
export function statusOfError(error: AfterglowError): number {
  if (error.code === 'internal') return 500;
  return error.retryable ? 503 : (STATUS_OF[error.code] ?? 500);
}

/** Answers errors with a sentence, a remedy and a code, and never with a stack trace. */
export function addErrorAnswers(server: FastifyInstance): void {
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof AfterglowError) {
      const status = statusOfError(error);
      if (status === 500) request.log.error(error, 'a request failed');
      if (status === 503) void reply.header('retry-after', RETRY_AFTER);
      return reply.code(status).send({ error: error.message, remedy: error.remedy, code: error.code });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const remedy = status === 429 ? 'ask less often' : 'GET /api/openapi.json describes what is understood';
      return reply.code(status).send({ error: error.message, remedy, code: 'request-invalid' });
    }
    request.log.error(error, 'a request failed');
    return reply.code(status).send({
      error: 'something went wrong here',
      remedy: 'see the log of the server',
      code: 'internal',
    });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('application/json').send({
      error: 'there is nothing here',
      remedy: 'GET /api/openapi.json lists what there is',
      code: 'request-invalid',
    }),
  );
}
