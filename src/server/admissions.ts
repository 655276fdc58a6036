import type { Role } from '../config/server-schema.js';
import { mayAct, type Access } from './access.js';
import type { Principal } from './token-list.js';

interface Admission {
  readonly who: Principal;
  readonly needed: Role;
  readonly end: () => void;
}

/** Connections that outlast the request that they came by, each with the token that it was admitted by. */
export class Admissions {
  readonly #access: Access;
  readonly #admitted = new Set<Admission>();

  constructor(access: Access) {
    this.#access = access;
  }

  /** Notes a connection. needed: the role that it takes; end: ends it. Returns what is to be called when it has ended. */
  add(who: Principal, needed: Role, end: () => void): () => void {
    const admission = { who, needed, end };
    this.#admitted.add(admission);
    return () => this.#admitted.delete(admission);
  }

  /** Tokens have changed: ends what was admitted by one that is not known any more, or does not allow it any more. */
  dismissStrangers(): void {
    for (const admission of this.#admitted) {
      const who = this.#access.renew(admission.who);
      if (who && mayAct(who, admission.needed)) continue;
      this.#admitted.delete(admission);
      admission.end();
    }
  }
}
