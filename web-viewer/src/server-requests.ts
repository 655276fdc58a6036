import type { AccessToken } from './access-token.js';
import { TEXTS } from './texts/texts.js';

/** What is asked besides the address. */
interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The server refused, in its own words. */
export class RequestRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RequestRefused';
  }
}

/** Requests to the server, with the token. */
export class ServerRequests {
  readonly #token: AccessToken;

  constructor(token: AccessToken) {
    this.#token = token;
  }

  /** Headers that carry the token. */
  headers(): Record<string, string> {
    return this.#token.headers();
  }

  /** Asks for JSON. Throws RequestRefused. */
  async ask(address: string): Promise<unknown> {
    return (await this.#fetch(address, {})).json();
  }

  /** Sends something as JSON; null where nothing is answered. Throws RequestRefused. */
  async send(method: 'POST' | 'PATCH' | 'DELETE', address: string, body?: object): Promise<unknown> {
    const json =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await this.#fetch(address, { method, ...json });
    return response.status === 204 ? null : response.json();
  }

  /** Asks for a file. Throws RequestRefused, or the signal's reason. */
  async blob(address: string, signal: AbortSignal): Promise<Blob> {
    return (await this.#fetch(address, { signal })).blob();
  }

  async #fetch(address: string, question: Question): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(address, { ...question, headers: { ...question.headers, ...this.headers() } });
    } catch {
      question.signal?.throwIfAborted();
      throw new RequestRefused(TEXTS.sentence(TEXTS.failures.unreachable));
    }
    if (response.ok) return response;
    const answer: unknown = await response.json().catch(() => null);
    const { error, remedy } = (answer ?? {}) as { readonly error?: string; readonly remedy?: string };
    const parts = [error ?? response.statusText, remedy ?? ''];
    throw new RequestRefused(
      parts
        .map((part) => TEXTS.sentence(part))
        .join(' ')
        .trim(),
    );
  }
}
