import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A real Redis on a free port of this machine, which keeps nothing. */
export class RedisServer {
  /** redis://127.0.0.1:port, without the password. */
  readonly url: string;
  #child: ChildProcess;
  readonly #options: readonly string[];
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, options: readonly string[], folder: string) {
    this.url = url;
    this.#child = child;
    this.#options = options;
    this.#folder = folder;
  }

  /** Starts one and waits until it answers. password: without it nobody is let in. */
  static async start(password?: string): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-redis-'));
    const options = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ];
    if (password !== undefined) options.push('--requirepass', password);
    const child = await startServer(options);
    return new RedisServer(`redis://127.0.0.1:${port}`, child, options, folder);
  }

  /** Ends it and starts it anew, with nothing in it. */
  async restart(): Promise<void> {
    await this.#end();
    this.#child = await startServer(this.#options);
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

async function startServer(options: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  while (!log.includes('Ready to accept connections')) {
    const [chunk] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    if (!Buffer.isBuffer(chunk)) throw new Error(`redis-server ended:\n${log}`);
    log += chunk.toString();
  }
  child.stdout.resume();
  return child;
}

/** A TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
