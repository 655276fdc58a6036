import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { packageRoot } from '../src/config/package-root.js';

/** GStreamer's webrtcbin in a process of its own, which says line by line what happens to it. */
export class GStreamerPeer extends EventEmitter<{ line: [line: string] }> {
  readonly lines: string[] = [];
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;

  /** script: in the folder of the tests. */
  constructor(script: string, args: readonly string[]) {
    super();
    const file = path.join(packageRoot, 'test', script);
    this.#process = spawn('/usr/bin/python3', [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.emit('line', line);
    });
  }

  /** The first line that matches, once it has come. Throws when it says that something failed, or says nothing for long. */
  async lineMatching(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(60_000);
    for (let next = 0; ; next++) {
      while (next === this.lines.length) {
        await once(this, 'line', { signal }).catch((cause: unknown) => {
          throw new Error(`no ${String(pattern)} in: ${this.lines.join(' | ')}`, { cause });
        });
      }
      const line = this.lines[next] ?? '';
      const match = pattern.exec(line);
      if (match) return match;
      if (line.startsWith('error')) throw new Error(line);
    }
  }

  /** Lets it say goodbye as WHEP and WHIP have it. */
  leave(): void {
    this.#process.stdin.end();
  }

  /** Ends it. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
