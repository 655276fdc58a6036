import { tryInProcess } from '../../inference/trial-process.js';
import type { ProbeAnswer, ProbeQuestion } from './probe-process.js';

const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/src/cli/doctor/probe-process.js' : './probe-process.js',
  import.meta.url,
);

/**
 * Tries something in a process of its own, for so many milliseconds. Throws AfterglowError that says why it did not work:
 * that it took too long or that the process crashed, too.
 */
export function probe(question: ProbeQuestion, limit: number): Promise<ProbeAnswer> {
  return tryInProcess<ProbeAnswer>(PROCESS, question, { limit });
}
