import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server as TusServer } from '@tus/server';
import type { FastifyInstance } from 'fastify';
import type { FilmsConfig } from '../config/schema.js';
import { makeFolder } from '../config/new-folder.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { FilmRoom } from '../film-room/film-room.js';
import { statusOfError } from './error-answer.js';
import { described } from './route-description.js';

/** Where uploads go. */
export const UPLOAD_PATH = '/api/films/uploads';

/** The folder of uploads that are not whole, in the film room's; an id it is not. */
const FOLDER = '.uploads';
/** An upload that was left is deleted after this long, in milliseconds. */
const KEPT = 2 * 86_400_000;
const TIDY_EVERY = 3_600_000;

/**
 * Routes that take films and pictures, in pieces that can be gone on with after an interruption (the protocol tus 1.0).
 * The file's name goes along as the metadatum `filename`. Returns what ends it.
 */
export function addUploadRoutes(server: FastifyInstance, room: FilmRoom, config: FilmsConfig): () => void {
  const directory = path.resolve(config.folder, FOLDER);
  let opened: TusServer | null = null;
  // Who never uploads anything has no folder for it.
  const open = (): TusServer => {
    makeFolder(directory, 'set films.folder to a folder that can be written');
    return (opened ??= makeTus(room, config, directory));
  };
  if (existsSync(directory)) open();
  const tidy = setInterval(() => void opened?.cleanUpExpiredUploads().catch(() => undefined), TIDY_EVERY);
  tidy.unref();

  // Its body goes to the disk as it comes, not into memory.
  server.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null));
  for (const [method, url, summary, status] of [
    ['POST', UPLOAD_PATH, 'Begin an upload (tus 1.0)', 201],
    ['HEAD', `${UPLOAD_PATH}/:upload`, 'How much of an upload has come', 200],
    ['PATCH', `${UPLOAD_PATH}/:upload`, 'Go on with an upload', 204],
    ['DELETE', `${UPLOAD_PATH}/:upload`, 'Give an upload up', 204],
  ] as const) {
    server.route({
      method,
      url,
      ...described({
        summary,
        description: 'The upload’s id is that of the film in GET /api/films once it is whole.',
        tag: 'films',
        access: 'control',
        answers: { [status]: { description: 'As tus 1.0 has it.' } },
        errors: { 404: 'There is no such upload.', 409: 'It goes on elsewhere.', 413: 'It is too large.', 415: 'Files of this kind are not known.' }, // prettier-ignore
      }),
      handler: async (request, reply) => {
        const uploads = open();
        reply.hijack();
        // What the guard has set for all answers.
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value);
        }
        await uploads.handle(request.raw, reply.raw);
      },
    });
  }
  return () => clearInterval(tidy);
}

function makeTus(room: FilmRoom, config: FilmsConfig, directory: string): TusServer {
  return new TusServer({
    path: UPLOAD_PATH,
    relativeLocation: true,
    datastore: new FileStore({ directory, expirationPeriodInMilliseconds: KEPT }),
    maxSize: Math.floor(config.maxUploadGigabytes * 1e9),
    namingFunction: () => randomUUID(),
    onUploadCreate: (_request, upload) => {
      refusing(() => {
        room.endingFor(nameOf(upload));
        if (upload.size === undefined) {
          throw new AfterglowError('request-invalid', 'the upload does not say its size', {
            remedy: 'send Upload-Length',
          });
        }
        room.accepts(upload.size);
        room.expect();
      });
      return Promise.resolve({});
    },
    onUploadFinish: (_request, upload) => {
      const file = path.join(directory, upload.id);
      refusing(() => room.take(upload.id, file, nameOf(upload), upload.size ?? 0));
      return Promise.resolve({});
    },
  });
}

function nameOf({ metadata }: { readonly metadata?: Record<string, string | null> | undefined }): string {
  return metadata?.['filename'] ?? '';
}

/** Errors in the form that the tus server answers with. */
function refusing(act: () => unknown): void {
  try {
    act();
  } catch (thrown) {
    const error = AfterglowError.from(thrown);
    const body = JSON.stringify({ error: error.message, remedy: error.remedy, code: error.code });
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw { status_code: statusOfError(error), body };
  }
}
