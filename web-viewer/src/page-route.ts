import type { PublishedStatus } from '../../src/server/published-stream.js';

const CAMERA = /^#\/([a-z0-9][a-z0-9-]*)$/;
const FILMS = /^#films(?:\/([a-z0-9-]+))?$/;

/** Address of the wall. */
export const WALL_ADDRESS = '#/';

/** Address of the film room. */
export const FILMS_ADDRESS = '#films';

/** What the page shows: all cameras or one, or the film room, or one film of it. */
export type Route =
  | { readonly kind: 'wall' }
  | { readonly kind: 'stream'; readonly id: string }
  | { readonly kind: 'films'; readonly film: string | null };

/** Address of one camera. */
export function streamAddress(id: string): string {
  return `#/${id}`;
}

/** Address of one film. */
export function filmAddress(id: string): string {
  return `${FILMS_ADDRESS}/${id}`;
}

/** What an address shows. One camera alone needs no wall, and one that is not there any more leads back to it. */
export function routeOf(address: string, streams: readonly Pick<PublishedStatus, 'id'>[]): Route {
  const films = FILMS.exec(address);
  if (films) return { kind: 'films', film: films[1] ?? null };
  const [only] = streams;
  if (only && streams.length === 1) return { kind: 'stream', id: only.id };
  const id = CAMERA.exec(address)?.[1];
  return id !== undefined && streams.some((stream) => stream.id === id) ? { kind: 'stream', id } : { kind: 'wall' };
}
