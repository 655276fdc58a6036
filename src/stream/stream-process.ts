// The process of one stream, forked by the supervisor. It ends when it is told to, when its stream ends, and when the
// supervisor is gone, however that came about.

import { AfterglowError } from '../errors/afterglow-error.js';
import { shareRunLock } from '../inference/run-lock.js';
import { silenceFfmpeg } from '../media/ffmpeg-log.js';
import type { StreamCommand, StreamEvent } from './stream-messages.js';
import { StreamSession } from './stream-session.js';

/** Threads have this long to end by themselves, in milliseconds; then the process ends with them in it. */
const LONGEST_GOODBYE = 1200;

silenceFfmpeg();
// Before any thread is started that might run a network.
shareRunLock();

let session: StreamSession | null = null;
let leaving = false;

function tell(event: StreamEvent): void {
  if (process.connected) process.send?.(event);
}

/** Ends the process. A thread blocked in native code would keep `process.exit` waiting; the signal does not wait. */
function leave(): void {
  if (process.connected) process.disconnect();
  process.kill(process.pid, 'SIGKILL');
}

function stop(): void {
  if (leaving) return;
  leaving = true;
  setTimeout(leave, LONGEST_GOODBYE).unref();
  if (session) session.stop();
  else leave();
}

async function start(command: Extract<StreamCommand, { kind: 'start' }>): Promise<void> {
  process.title = `afterglow ${command.options.id}`;
  session = new StreamSession(command.options, tell);
  try {
    await session.run();
  } catch (error) {
    tell({ kind: 'state', state: { kind: 'failed', error: AfterglowError.from(error).toReport() } });
  }
  // What was told last must be on its way before the process goes.
  if (process.connected)
    process.send?.({ kind: 'log', level: 'debug', message: 'gone' } satisfies StreamEvent, () => leave());
  else leave();
}

process.on('message', (command: StreamCommand) => {
  switch (command.kind) {
    case 'start':
      void start(command);
      break;
    case 'strength':
      session?.setStrength(command.value);
      break;
    case 'renditions':
      session?.setWanted(command.wanted);
      break;
    case 'gate':
      session?.setGate(command.gate);
      break;
    case 'recipe':
      session?.setRecipe(command.recipe);
      break;
    case 'share':
      session?.setShare(command.cores);
      break;
    case 'snapshot':
      session?.takeSnapshot(command.request, command.view);
      break;
    case 'stop':
      stop();
      break;
  }
});

process.on('disconnect', stop);
process.on('SIGTERM', stop);
// Ctrl-C reaches every process of the terminal; the supervisor decides what ends and when.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
