import { AfterglowError } from '../errors/afterglow-error.js';
import type { Logger } from '../logging/logger.js';
import type { StreamHandle } from '../supervisor/stream-handle.js';
import type { StreamStatus } from '../supervisor/stream-status.js';
import type { Supervisor } from '../supervisor/supervisor.js';

/** Logs what happens to all streams, those that come later too. */
export function logStreams(supervisor: Supervisor, logger: Logger): void {
  for (const stream of supervisor.streams) logStream(stream, logger);
  supervisor.on('added', (stream) => logStream(stream, logger));
}

/** Resolves when none of the streams can go on. */
export function allFinished(streams: readonly StreamHandle[]): Promise<'ended' | 'failed'> {
  return new Promise((resolve) => {
    const over = new Map<string, 'ended' | 'failed'>();
    for (const stream of streams) {
      stream.on('state', (state) => {
        if (state.kind === 'ended' || (state.kind === 'failed' && !state.error.retryable)) {
          over.set(stream.id, state.kind);
        }
        if (over.size === streams.length) resolve([...over.values()].includes('failed') ? 'failed' : 'ended');
      });
    }
  });
}

function logStream(stream: StreamHandle, logger: Logger): void {
  const { id } = stream;
  // Of the level that the log has at that moment, which a reload may change.
  const log = (level: 'debug' | 'info' | 'warn' | 'error', message: string): void =>
    logger[level]({ stream: id }, message);
  stream.on('log', log);
  stream.on('state', (state) => {
    switch (state.kind) {
      case 'starting':
        log('info', `opening ${stream.status().input}`);
        break;
      case 'live': {
        const { width, height, frameRate, codec } = state.source;
        log('info', `live: ${width}x${height} at ${frameRate.toFixed(2)} pictures a second, ${codec}`);
        break;
      }
      case 'reconnecting': {
        const wait = Math.ceil(state.retryInMs / 1000);
        log('warn', `${AfterglowError.fromReport(state.error).sentence} (again in ${wait} s)`);
        break;
      }
      case 'ended':
        log('info', `ended; ${accountsOf(stream.status())}`);
        break;
      case 'failed':
        if (state.error.retryable) log('error', AfterglowError.fromReport(state.error).sentence);
        else console.error(`afterglow: ${id}: ${AfterglowError.fromReport(state.error).sentence}`);
        break;
    }
  });
}

/** What became of a stream's pictures, in one line. */
function accountsOf({ totals, drops }: StreamStatus): string {
  const { overtaken = 0, noSlot = 0, damaged = 0, governor = 0, away = 0 } = drops ?? {};
  const { decoded = 0, encoded = 0 } = totals ?? {};
  return (
    `accounts: ${decoded} decoded, ${encoded} sent, ${overtaken} overtaken, ${noSlot} without a slot, ` +
    `${damaged} damaged, ${governor} left out by the governor, ${away} missed`
  );
}
