import type { RoomItem, RoomJob, RoomOrder } from '../../../src/film-room/room-item.js';
import type { ServerRequests } from '../server-requests.js';

/** A film or picture as the server shows it. */
export type Film = Omit<RoomItem, 'file'>;
/** What may be left out of an order. */
export type FilmOrder = Pick<RoomOrder, 'kind' | 'pipeline'> & Partial<RoomOrder>;

/** A pipeline that films and pictures can go through. */
export interface FilmPipeline {
  readonly name: string;
  readonly description: string;
}

/** Requests of the film room. Each throws RequestRefused. */
export class FilmRequests {
  readonly #server: ServerRequests;

  constructor(server: ServerRequests) {
    this.#server = server;
  }

  /** All films and pictures, the newest first. */
  async films(): Promise<readonly Film[]> {
    return ((await this.#server.ask('/api/films')) as { readonly films: readonly Film[] }).films;
  }

  /** What can be made of them. */
  async pipelines(): Promise<readonly FilmPipeline[]> {
    const { pipelines } = (await this.#server.ask('/api/pipelines')) as { readonly pipelines: readonly FilmPipeline[] };
    return pipelines;
  }

  /** Asks for something to be made. */
  async order(film: string, order: FilmOrder): Promise<RoomJob> {
    return (await this.#server.send('POST', `/api/films/${film}/jobs`, order)) as RoomJob;
  }

  /** Stops a job, or deletes what it has made. */
  async removeJob(film: string, job: string): Promise<void> {
    await this.#server.send('DELETE', `/api/films/${film}/jobs/${job}`);
  }

  /** Deletes a film with all that was made of it. */
  async remove(film: string): Promise<void> {
    await this.#server.send('DELETE', `/api/films/${film}`);
  }

  /** An address from which the browser can save a result; it holds no token. */
  async download(film: string, job: string): Promise<string> {
    const answer = (await this.#server.send('POST', `/api/films/${film}/jobs/${job}/download`)) as { readonly address: string }; // prettier-ignore
    return answer.address;
  }

  /** A picture or film as an address of the page's own: elements cannot send the token along. To be revoked. */
  async blob(address: string, signal: AbortSignal): Promise<string> {
    return URL.createObjectURL(await this.#server.blob(address, signal));
  }
}
