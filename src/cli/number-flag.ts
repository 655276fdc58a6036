import { AfterglowError } from '../errors/afterglow-error.js';

/** The number that a flag was given. Throws AfterglowError `config-invalid`. */
export function numberOf(text: string, flag: string, help = 'afterglow run --help'): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new AfterglowError('config-invalid', `${flag} must be a number, not "${text}"`, { remedy: `see ${help}` });
}

/** The same within bounds, of which whole numbers only if `whole`. */
export function numberWithin(
  text: string,
  flag: string,
  [least, most]: readonly [number, number],
  whole: boolean,
  help: string,
): number {
  const value = numberOf(text, flag, help);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new AfterglowError('config-invalid', `${flag} must be ${kind} from ${least} to ${most}, not ${text}`, {
    remedy: `see ${help}`,
  });
}
