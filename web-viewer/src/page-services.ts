import type { AccessToken } from './access-token.js';
import type { Announcer } from './announcer.js';
import type { ClockOffset } from './clock-offset.js';
import type { LiveConnection } from './live-connection.js';

/** What all views of the page share. */
export interface PageServices {
  readonly token: AccessToken;
  readonly clock: ClockOffset;
  readonly announcer: Announcer;
  readonly connection: LiveConnection;
  /** The server wants a token, or another one. */
  readonly locked: () => void;
}
