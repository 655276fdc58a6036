import { randomBytes } from 'node:crypto';

/** How long a ticket lasts, in milliseconds: a download that breaks off can be gone on with for so long. */
const LASTS = 15 * 60_000;
const MOST = 1000;

/** A file that somebody may download, with the name that it gets there. */
export interface Download {
  readonly file: string;
  readonly name: string;
}

/**
 * Addresses of files for a short time. A browser saves a file by its address alone, without a header for the token; and
 * tokens do not belong into addresses.
 */
export class DownloadTickets {
  readonly #tickets = new Map<string, Download & { readonly until: number }>();

  /** A ticket for a file. */
  issue(download: Download): string {
    const now = Date.now();
    for (const [ticket, { until }] of this.#tickets) {
      if (until < now || this.#tickets.size >= MOST) this.#tickets.delete(ticket);
    }
    const ticket = randomBytes(24).toString('base64url');
    this.#tickets.set(ticket, { ...download, until: now + LASTS });
    return ticket;
  }

  /** What a ticket is for, or null. */
  find(ticket: string): Download | null {
    const found = this.#tickets.get(ticket);
    return found && found.until >= Date.now() ? found : null;
  }
}
