import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../src/config/package-root.js';

const SCRIPT = path.join(packageRoot, 'test', 'rtsp_camera.py');

/** What a camera of a test serves. */
export interface CameraOptions {
  readonly clip: string;
  readonly codec?: 'h264' | 'hevc';
  readonly sound?: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
  /** Sends by UDP alone instead of TCP alone. */
  readonly udp?: boolean;
}

/** A real RTSP camera: GStreamer's server in a process of its own. */
export class RtspCamera {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  static async start(options: CameraOptions): Promise<RtspCamera> {
    const args = [SCRIPT, options.clip, '--codec', options.codec ?? 'h264', '--port', String(options.port ?? 0)];
    if (options.sound) args.push('--sound');
    if (options.udp) args.push('--udp');
    if (options.user !== undefined) args.push('--user', options.user, '--password', options.password ?? '');
    const child = spawn('/usr/bin/python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /^ready (\d+)$/.exec(line)?.[1];
      if (port !== undefined) return new RtspCamera(child, Number(port));
    }
    throw new Error(
      "GStreamer's RTSP server did not start; is gstreamer1.0-rtsp with gir1.2-gst-rtsp-server-1.0 installed?",
    );
  }

  /** Address of the stream. */
  url(credentials = ''): string {
    return `rtsp://${credentials}127.0.0.1:${this.port}/camera`;
  }

  /** Stops answering without closing anything, as cameras do. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Goes on after `freeze`. */
  resume(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends the camera at once, frozen or not. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
