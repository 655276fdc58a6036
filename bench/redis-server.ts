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
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
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
    const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    while (!log.includes('Ready to accept connections')) {
      const [chunk] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
      if (!Buffer.isBuffer(chunk)) throw new Error(`redis-server ended:\n${log}`);
      log += chunk.toString();
    }
    child.stdout.resume();
    return new RedisServer(`redis://127.0.0.1:${port}`, child, folder);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
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
