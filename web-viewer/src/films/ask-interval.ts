import type { Film } from './film-requests.js';

/** How often the server is asked how far it is, in milliseconds: pictures are ready in less than a second. */
const USUAL = 1000;
const SOON = 150;

/** Milliseconds until the server is asked again, where these films and pictures were its last answer. */
export function askInterval(films: readonly Pick<Film, 'facts' | 'error' | 'jobs'>[]): number {
  const isSoon = films.some(({ facts, error, jobs }) => {
    if (!facts) return !error;
    return facts.kind === 'picture' && jobs.some(({ state }) => state.kind === 'waiting' || state.kind === 'working');
  });
  return isSoon ? SOON : USUAL;
}
