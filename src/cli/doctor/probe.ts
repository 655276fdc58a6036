import { fork } from 'node:child_process';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { childEnvironment } from '../../supervisor/child-environment.js';
import type { ProbeAnswer, ProbeQuestion } from './probe-process.js';

const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/src/cli/doctor/probe-process.js' : './probe-process.js',
  import.meta.url,
);

/**
 * Tries something in a process of its own, for so many milliseconds. Throws AfterglowError that says why it did not work:
 * that it took too long or that the process crashed, too.
 */
export async function probe(question: ProbeQuestion, limit: number): Promise<Extract<ProbeAnswer, { kind: 'found' }>> {
  const child = fork(PROCESS, [], {
    serialization: 'advanced',
    execArgv: [],
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<ProbeAnswer | string>((resolve) => {
      timer = setTimeout(() => resolve(`it has not answered within ${limit / 1000} s`), limit);
      child.once('message', (message: ProbeAnswer) => resolve(message));
      child.once('error', (error) => resolve(error.message));
      // What it said last may come after its end.
      child.once('exit', (code, signal) => setTimeout(() => resolve(`it crashed (${signal ?? `code ${code}`})`), 200));
      child.send(question, () => undefined);
    });
    if (typeof answer === 'string') {
      throw new AfterglowError('internal', answer, { remedy: 'see whether it answers other programs' });
    }
    if (answer.kind === 'failed') throw AfterglowError.fromReport(answer.error);
    return answer;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
