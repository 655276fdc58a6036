import path from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { AfterglowError } from '../errors/afterglow-error.js';
import { SHOTS_FOLDER, VIEW_FILE, type FilmRoom } from '../film-room/film-room.js';
import { ROOM_ID, roomItemSchema, roomOrderSchema, type RoomItem, type RoomJob } from '../film-room/room-item.js';
import { DownloadTickets } from './download-tickets.js';
import { checkRequest } from './request-check.js';
import { described } from './route-description.js';

/** Orders from one address in a minute. */
const ORDERS_PER_MINUTE = 120;

const itemParams = z.object({ id: z.string().regex(ROOM_ID).describe('Id of a film or picture.') });
const jobParams = itemParams.extend({ job: z.string().regex(ROOM_ID).describe('Id of one of its jobs.') });
const shotParams = itemParams.extend({ shot: z.coerce.number().int().min(0).max(100_000) });
const ticketParams = z.object({ ticket: z.string().max(64) });

const itemAnswer = roomItemSchema.omit({ file: true });
const jobAnswer = roomItemSchema.shape.jobs.element;
type ItemParams = { Params: { id: string } };
type JobParams = { Params: { id: string; job: string } };

/** Routes of the film room: what was uploaded, what is to be made of it, and what has come of it. */
export function addFilmRoutes(server: FastifyInstance, room: FilmRoom): void {
  const tickets = new DownloadTickets();

  server.get(
    '/api/films',
    described({
      summary: 'All films and pictures of the film room',
      tag: 'films',
      access: 'view',
      answers: { 200: { description: 'The newest first.', json: z.object({ films: z.array(itemAnswer) }) } },
    }),
    () => ({ films: room.items.map(shown) }),
  );

  server.get<ItemParams>(
    '/api/films/:id',
    described({
      summary: 'One film or picture',
      tag: 'films',
      access: 'view',
      params: itemParams,
      answers: { 200: { description: 'What is known of it.', json: itemAnswer } },
      errors: { 404: 'There is no such film.' },
    }),
    (request) => shown(room.find(request.params.id)),
  );

  server.delete<ItemParams>(
    '/api/films/:id',
    described({
      summary: 'Delete a film or picture with all that was made of it',
      tag: 'films',
      access: 'control',
      params: itemParams,
      answers: { 204: { description: 'It is gone.' } },
      errors: { 404: 'There is no such film.' },
    }),
    async (request, reply) => {
      const { name } = room.find(request.params.id);
      room.remove(request.params.id);
      request.log.info({ who: request.who?.name, film: name }, 'film deleted');
      return reply.code(204).send();
    },
  );

  server.post<ItemParams>(
    '/api/films/:id/jobs',
    described({
      summary: 'Ask for a sample or for the whole',
      description: 'Of a film, a sample has original and result beside each other. Pictures are made whole.',
      tag: 'films',
      access: 'control',
      params: itemParams,
      body: { schema: roomOrderSchema },
      answers: { 201: { description: 'The job, which waits for its turn.', json: jobAnswer } },
      errors: {
        400: 'A field is not as it should be.',
        404: 'There is no such film.',
        413: 'There are too many jobs.',
      },
      perMinute: ORDERS_PER_MINUTE,
    }),
    async (request, reply) => {
      const order = checkRequest(roomOrderSchema, request.body);
      const job = room.order(request.params.id, order);
      const { name } = room.find(request.params.id);
      request.log.info({ who: request.who?.name, film: name, job: job.id }, `film ordered: ${order.kind}, ${order.pipeline}`); // prettier-ignore
      return reply.code(201).header('location', `/api/films/${request.params.id}`).send(job);
    },
  );

  server.delete<JobParams>(
    '/api/films/:id/jobs/:job',
    described({
      summary: 'Stop a job, or delete what an ended one has made',
      tag: 'films',
      access: 'control',
      params: jobParams,
      answers: { 204: { description: 'It is stopping, or gone.' } },
      errors: { 404: 'There is no such film or job.' },
    }),
    async (request, reply) => {
      room.removeJob(request.params.id, request.params.job);
      return reply.code(204).send();
    },
  );

  server.get<ItemParams>(
    '/api/films/:id/view.jpg',
    described({
      summary: 'A film’s picture, or the uploaded picture as JPEG',
      tag: 'films',
      access: 'view',
      params: itemParams,
      answers: { 200: { description: 'The picture.', type: 'image/jpeg' } },
      errors: { 404: 'There is no such film, or none yet.' },
    }),
    (request, reply) => send(reply, room, room.find(request.params.id), VIEW_FILE),
  );

  server.get<{ Params: { id: string; shot: string } }>(
    '/api/films/:id/shots/:shot',
    described({
      summary: 'A picture of a shot',
      tag: 'films',
      access: 'view',
      params: shotParams,
      answers: { 200: { description: 'The picture.', type: 'image/jpeg' } },
      errors: { 404: 'There is no such film or shot.' },
    }),
    (request, reply) => {
      const { id, shot } = checkRequest(shotParams, request.params);
      const item = room.find(id);
      if (shot >= item.shots.length) throw unknown('there is no picture of such a shot');
      return send(reply, room, item, `${SHOTS_FOLDER}/${shot}.jpg`);
    },
  );

  server.get<JobParams>(
    '/api/films/:id/jobs/:job/view.jpg',
    described({
      summary: 'A picture’s result as JPEG',
      tag: 'films',
      access: 'view',
      params: jobParams,
      answers: { 200: { description: 'The picture.', type: 'image/jpeg' } },
      errors: { 404: 'There is no such picture, or none yet.' },
    }),
    (request, reply) => {
      const { id, job } = request.params;
      finished(room, id, job);
      return send(reply, room, room.find(id), `${job}.view.jpg`);
    },
  );

  server.get<JobParams>(
    '/api/films/:id/jobs/:job/result',
    described({
      summary: 'What a job has made',
      description: 'In parts, too, by the header Range.',
      tag: 'films',
      access: 'view',
      params: jobParams,
      answers: { 200: { description: 'The file.', type: 'video/mp4' }, 206: { description: 'A part of it.', type: 'video/mp4' } }, // prettier-ignore
      errors: { 404: 'There is no such job, or it is not done.', 416: 'There is no such part.' },
    }),
    (request, reply) => {
      const { id, job } = request.params;
      return send(reply, room, room.find(id), finished(room, id, job).file);
    },
  );

  server.post<JobParams>(
    '/api/films/:id/jobs/:job/download',
    described({
      summary: 'An address from which a browser can save the result',
      description: 'It serves for a quarter of an hour and needs no token.',
      tag: 'films',
      access: 'view',
      params: jobParams,
      answers: { 201: { description: 'The address.', json: z.object({ address: z.string() }) } },
      errors: { 404: 'There is no such job, or it is not done.' },
    }),
    async (request, reply) => {
      const { id, job } = request.params;
      const { file } = finished(room, id, job);
      const name = nameOfResult(room.find(id), room.job(id, job), file);
      const ticket = tickets.issue({ file: room.store.pathOf(id, file), name });
      return reply.code(201).send({ address: `/downloads/${ticket}` });
    },
  );

  server.get<{ Params: { ticket: string } }>(
    '/downloads/:ticket',
    described({
      summary: 'A result, by an address that was asked for',
      tag: 'films',
      access: 'open',
      params: ticketParams,
      answers: { 200: { description: 'The file.', type: 'application/octet-stream' } },
      errors: { 404: 'The address serves no more.' },
    }),
    (request, reply) => {
      const download = tickets.find(request.params.ticket);
      if (!download) throw unknown('this address serves no more', 'ask for another by the page');
      return reply
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(download.name)}`)
        .sendFile(path.basename(download.file), path.dirname(download.file), { cacheControl: false });
    },
  );
}

function unknown(message: string, remedy = 'GET /api/films tells what there is'): AfterglowError {
  return new AfterglowError('film-unknown', message, { remedy });
}

/** An item without what is the room's own business. */
function shown({ file: _, ...item }: RoomItem): z.output<typeof itemAnswer> {
  return item;
}

/** What a job has made. Throws AfterglowError `film-unknown` before it has. */
function finished(room: FilmRoom, id: string, jobId: string): { readonly file: string } {
  const { state } = room.job(id, jobId);
  if (state.kind === 'done') return state.outcome;
  throw unknown('the job is not done', 'wait until its state is done');
}

function nameOfResult({ name }: RoomItem, { order }: RoomJob, file: string): string {
  const kind = order.kind === 'sample' ? '.sample' : '';
  return `${path.parse(name).name}.${order.pipeline}${kind}${path.extname(file)}`;
}

/** Sends a file of an item; all names are the room's own. */
function send(reply: FastifyReply, room: FilmRoom, { id }: RoomItem, file: string): FastifyReply {
  return reply.sendFile(file, path.join(room.store.folder, id), { cacheControl: false });
}
