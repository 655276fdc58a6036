import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AfterglowError } from '../errors/afterglow-error.js';
import {
  readRecordingIndex,
  recordingIndexSchema,
  type RecordingSegment,
} from '../stream/recording/recording-index.js';
import { parseRecordingName, RECORDING_KINDS } from '../stream/recording/recording-name.js';
import { streamParams } from './api-schemas.js';
import { checkRequest } from './request-check.js';
import { described } from './route-description.js';
import type { StreamRegistry } from './stream-registry.js';

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'must be a date like 2026-11-21 or a time like 2026-11-21T22:00:00Z',
});
const query = z.object({
  from: moment.optional(),
  to: moment.optional(),
  kind: z.enum(RECORDING_KINDS).optional(),
});
const playlistQuery = query.extend({ kind: z.enum(RECORDING_KINDS).default('enhanced') });
const fileParams = streamParams.extend({ file: z.string().describe('Name of a file, from the list.') });

/** Routes that give what was recorded. */
export function addRecordingRoutes(server: FastifyInstance, streams: StreamRegistry): void {
  const segmentsOf = async (id: string): Promise<{ folder: string; segments: readonly RecordingSegment[] }> => {
    const folder = streams.find(id).handle.recordingFolder;
    if (folder === null) return { folder: '', segments: [] };
    return { folder, segments: (await readRecordingIndex(folder)).segments };
  };

  server.get<{ Params: { id: string } }>(
    '/api/streams/:id/recordings',
    described({
      summary: 'What was recorded',
      description: 'Oldest first; from and to select what has pictures between them.',
      tag: 'recordings',
      access: 'view',
      params: streamParams,
      query,
      answers: { 200: { description: 'The files.', json: recordingIndexSchema } },
      errors: { 400: 'A date or kind is not as it should be.', 404: 'There is no such stream.' },
    }),
    async (request) => {
      const wanted = checkRequest(query, request.query);
      const { segments } = await segmentsOf(request.params.id);
      return { version: 1, segments: segments.filter((segment) => isWithin(segment, wanted)) };
    },
  );

  server.get<{ Params: { id: string } }>(
    '/api/streams/:id/recordings/playlist.m3u8',
    described({
      summary: 'A list of what was recorded, for players such as VLC and mpv',
      tag: 'recordings',
      access: 'view',
      params: streamParams,
      query: playlistQuery,
      answers: { 200: { description: 'An extended M3U list.', type: 'audio/x-mpegurl' } },
      errors: { 400: 'A date or kind is not as it should be.', 404: 'There is no such stream.' },
    }),
    async (request, reply) => {
      const wanted = checkRequest(playlistQuery, request.query);
      const { segments } = await segmentsOf(request.params.id);
      const lines = segments
        .filter((segment) => isWithin(segment, wanted) && segment.complete)
        .flatMap(({ file, start, seconds }) => [`#EXTINF:${Math.round(seconds)},${start}`, file]);
      return reply.type('audio/x-mpegurl').send(['#EXTM3U', ...lines, ''].join('\n'));
    },
  );

  server.get<{ Params: { id: string; file: string } }>(
    '/api/streams/:id/recordings/:file',
    described({
      summary: 'A recorded file',
      description: 'In parts, too, by the header Range. One that is still being written can be read as far as it goes.',
      tag: 'recordings',
      access: 'view',
      params: fileParams,
      answers: { 200: { description: 'The file.', type: 'video/mp4' }, 206: { description: 'A part of it.', type: 'video/mp4' } }, // prettier-ignore
      errors: { 404: 'There is no such stream or file.', 416: 'There is no such part.' },
    }),
    async (request, reply) => {
      const { id, file } = request.params;
      const { folder, segments } = await segmentsOf(id);
      // Both by its form and by the list: nothing else of the folder can be asked for.
      if (parseRecordingName(file) === null || !segments.some((segment) => segment.file === file)) {
        throw new AfterglowError('recording-unknown', 'there is no such recording', {
          remedy: `GET /api/streams/${streams.find(id).handle.id}/recordings lists those there are`,
        });
      }
      return reply.type('video/mp4').sendFile(file, folder, { cacheControl: false });
    },
  );
}

function isWithin(segment: RecordingSegment, { from, to, kind }: z.output<typeof query>): boolean {
  const start = Date.parse(segment.start);
  return (
    (kind === undefined || segment.kind === kind) &&
    (from === undefined || start + segment.seconds * 1000 > Date.parse(from)) &&
    (to === undefined || start < Date.parse(to))
  );
}
