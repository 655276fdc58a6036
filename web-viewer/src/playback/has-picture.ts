import type { StreamState } from '../../../src/stream/stream-messages.js';

/** Whether there is something to be seen: while a camera is away its stream shows the last picture. */
export function hasPicture(state: StreamState): boolean {
  return state.kind === 'live' || state.kind === 'reconnecting';
}
