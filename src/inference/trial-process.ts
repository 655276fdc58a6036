import { fork } from 'node:child_process';
import os from 'node:os';
import { childEnvironment } from '../config/child-environment.js';
import { AfterglowError, type ErrorReport } from '../errors/afterglow-error.js';

/** What a trial's process says where it cannot answer. */
export interface TrialFailure {
  readonly kind: 'failed';
  readonly error: ErrorReport;
}

/** How a trial is made. */
export interface TrialOptions {
  /** Milliseconds that an answer may take. */
  readonly limit: number;
  /** How far it gives way to others, 0 to 19; not at all by default. */
  readonly priority?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Tries what may hang or crash in native code, in a process of its own: one question, one answer. program: a script that
 * calls `answerTrial`.
 *
 * Throws AfterglowError that says why there is no answer: that it took too long or that the process crashed, too.
 */
export async function tryInProcess<Answer extends { readonly kind: string }>(
  program: URL,
  question: object,
  { limit, priority, signal }: TrialOptions,
): Promise<Answer> {
  const child = fork(program, [], {
    serialization: 'advanced',
    execArgv: [],
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  if (priority !== undefined && child.pid !== undefined) {
    try {
      os.setPriority(child.pid, priority);
    } catch {
      // Not everywhere allowed.
    }
  }
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    const answer = await new Promise<Answer | TrialFailure | string>((resolve) => {
      timer = setTimeout(() => resolve(`it has not answered within ${limit / 1000} s`), limit);
      stop = () => resolve('it was stopped');
      if (signal?.aborted) stop();
      signal?.addEventListener('abort', stop);
      child.once('message', (message: Answer | TrialFailure) => resolve(message));
      child.once('error', (error) => resolve(error.message));
      // What it said last may come after its end.
      child.once('exit', (code, killedBy) =>
        setTimeout(() => resolve(`it crashed (${killedBy ?? `code ${code}`})`), 200),
      );
      child.send(question, () => undefined);
    });
    if (typeof answer === 'string') {
      throw new AfterglowError('internal', answer, { remedy: 'see whether it answers other programs' });
    }
    if (isFailure(answer)) throw AfterglowError.fromReport(answer.error);
    return answer;
  } finally {
    clearTimeout(timer);
    if (stop) signal?.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  }
}

function isFailure(answer: { readonly kind: string }): answer is TrialFailure {
  return answer.kind === 'failed';
}

/** In a trial's process: answers the one question that it is asked, and ends. */
export function answerTrial(answer: (question: unknown) => Promise<{ readonly kind: string }>): void {
  process.once('message', (question: unknown) => {
    void answer(question)
      .catch((thrown: unknown): TrialFailure => ({ kind: 'failed', error: AfterglowError.from(thrown).toReport() }))
      // By a signal: native threads would keep an ordinary end waiting.
      .then((result) => process.send?.(result, () => process.kill(process.pid, 'SIGKILL')));
  });
  // Whoever asked is gone.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
