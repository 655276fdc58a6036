import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { packageRoot } from '../../config/package-root.js';

/** mediasoup as it is once its worker is known. */
export type Mediasoup = typeof import('mediasoup');

/**
 * Path of mediasoup's worker: the one that `npm run webrtc:worker` made for the installed mediasoup, or that
 * $MEDIASOUP_WORKER_BIN names. Null where there is none.
 */
export function workerBinary(): string | null {
  const named = process.env['MEDIASOUP_WORKER_BIN'];
  const file = named ?? path.join(packageRoot, '.webrtc-worker', `mediasoup-worker-${installedVersion()}`);
  return existsSync(file) ? file : null;
}

/** Loads mediasoup, which looks for its worker by this variable when it is loaded and never again. */
export async function loadMediasoup(binary: string): Promise<Mediasoup> {
  process.env['MEDIASOUP_WORKER_BIN'] = binary;
  return import('mediasoup');
}

function installedVersion(): string {
  const entry = createRequire(import.meta.url).resolve('mediasoup');
  // node/lib/index.js lies in the package.
  const manifest: unknown = JSON.parse(
    readFileSync(path.join(path.dirname(entry), '..', '..', 'package.json'), 'utf8'),
  );
  return (manifest as { readonly version: string }).version;
}
