import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { StreamChange } from '../supervisor/stream-change.js';
import { addedStreamBody, changedStreamBody, streamAnswer, streamParams } from './api-schemas.js';
import { described } from './route-description.js';
import type { StreamRegistry } from './stream-registry.js';
import { addedStream, changedStream } from './stream-request.js';

/** Changes of streams from one address in a minute. */
const CHANGES_PER_MINUTE = 240;

/** Routes that add, change and remove streams. inputFolders: where files may be that are named as inputs. */
export function addControlRoutes(
  server: FastifyInstance,
  streams: StreamRegistry,
  inputFolders: () => readonly string[],
): void {
  const note = (request: FastifyRequest, stream: string, change: string): void =>
    request.log.info({ stream, who: request.who?.name ?? '', ip: request.ip }, change);

  server.post(
    '/api/streams',
    described({
      summary: 'Add a stream',
      description:
        'It lives until it is removed, the configuration is loaded anew, or the server ends. An input is an rtsp:// ' +
        'address, a webcam, or a file in one of server.inputFolders; a pipeline is one of those that are shipped.',
      tag: 'streams',
      access: 'control',
      body: { schema: addedStreamBody },
      answers: { 201: { description: 'The stream, which is starting.', json: streamAnswer } },
      errors: { 400: 'A field is not as it should be.', 409: 'There is a stream of this id, or there are 64.' },
      perMinute: CHANGES_PER_MINUTE,
    }),
    async (request, reply) => {
      const config = addedStream(request.body, inputFolders());
      const stream = await streams.add(config);
      const status = stream.status();
      note(request, config.id, `stream added: ${status.input}, pipeline ${config.pipeline}`);
      return reply.code(201).header('location', `/api/streams/${config.id}`).send(status);
    },
  );

  server.patch<{ Params: { id: string } }>(
    '/api/streams/:id',
    described({
      summary: 'Change a stream',
      description:
        'What is left out stays. Strength, gate, name and pipeline act in the running process; anything else starts it ' +
        'anew at once, and viewers stay connected.',
      tag: 'streams',
      access: 'control',
      params: streamParams,
      body: { schema: changedStreamBody },
      answers: { 200: { description: 'The stream as it is now.', json: streamAnswer } },
      errors: { 400: 'A field is not as it should be.', 404: 'There is no such stream.', 422: 'The pipeline does not run.' }, // prettier-ignore
      perMinute: CHANGES_PER_MINUTE,
    }),
    async (request) => {
      const { id } = request.params;
      const change = await streams.change(id, (current) => changedStream(current, request.body, inputFolders()));
      if (change.fields.length > 0) note(request, id, `stream changed: ${sentenceOf(change)}`);
      return streams.find(id).status();
    },
  );

  server.delete<{ Params: { id: string } }>(
    '/api/streams/:id',
    described({
      summary: 'Remove a stream',
      description: 'Its viewers are disconnected. Its recordings stay.',
      tag: 'streams',
      access: 'control',
      params: streamParams,
      answers: { 204: { description: 'It is gone.' } },
      errors: { 404: 'There is no such stream.' },
      perMinute: CHANGES_PER_MINUTE,
    }),
    async (request, reply) => {
      const { id } = request.params;
      await streams.remove(id);
      note(request, id, 'stream removed');
      return reply.code(204).send();
    },
  );
}

function sentenceOf({ fields, restarts }: StreamChange): string {
  return `${fields.join(', ')}${restarts ? '; its process is started anew' : ''}`;
}
