import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import type { Outcome } from './running-afterglow.js';

const PROGRAM = path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js');

/** Any command of the program, as a user gives it. */
export class RunningCommand {
  readonly process: ChildProcess;
  /** How it ended, once it has. */
  readonly outcome: Promise<Outcome>;
  #output = '';

  constructor(args: readonly string[], environment: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const hear = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.process.emit('output');
    };
    this.process.stdout?.on('data', hear);
    this.process.stderr?.on('data', hear);
    this.outcome = once(this.process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      output: this.#output,
    }));
  }

  /** Everything printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits until what was printed matches. Throws if the command ends first. */
  async outputMatching(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      const ended = await Promise.race([once(this.process, 'output').then(() => null), this.outcome]);
      if (ended && !pattern.test(this.#output)) throw new Error(`the command ended (${ended.code}):\n${ended.output}`);
    }
  }

  /** Sends a signal, and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    return this.outcome;
  }
}
