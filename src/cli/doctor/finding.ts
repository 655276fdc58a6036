import { AfterglowError } from '../../errors/afterglow-error.js';

/** What a check found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What there is, in a sentence. */
  readonly found: string;
  /** What to do about it; empty if nothing. */
  readonly remedy: string;
}

/** All is well. */
export function fine(check: string, found: string): Finding {
  return { check, status: 'ok', found, remedy: '' };
}

/** It works, but not as well as it could. */
export function doubtful(check: string, found: string, remedy: string): Finding {
  return { check, status: 'warn', found, remedy };
}

/** It does not work. */
export function broken(check: string, found: string, remedy: string): Finding {
  return { check, status: 'fail', found, remedy };
}

/** What was thrown, as a finding. */
export function brokenBy(check: string, thrown: unknown): Finding {
  const { message, remedy } = AfterglowError.from(thrown);
  return broken(check, message, remedy);
}
