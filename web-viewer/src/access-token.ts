const KEY = 'afterglow-token';

/**
 * The token that the server wants, kept for as long as this tab is open. It goes into headers and messages, never into
 * an address: those end up in histories and logs.
 */
export class AccessToken {
  #value: string | null;

  constructor() {
    this.#value = read();
  }

  /** The token, or null where none has been given. */
  get value(): string | null {
    return this.#value;
  }

  set value(token: string | null) {
    this.#value = token;
    try {
      if (token === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, token);
    } catch {
      // Storage may be forbidden; the token then lasts until the page is loaded again.
    }
  }

  /** Headers for a request to the server. */
  headers(): Record<string, string> {
    return this.#value === null ? {} : { authorization: `Bearer ${this.#value}` };
  }
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
