import { workerBinary } from '../src/publish/mediasoup/worker-binary.js';

/** An engine behind WHEP, and the environment in which the program picks it. */
export interface TestedEngine {
  readonly name: 'werift' | 'mediasoup';
  readonly environment: Record<string, string>;
}

/** Where no worker is: mediasoup is not picked. */
const NO_WORKER = { MEDIASOUP_WORKER_BIN: '/nonexistent' };

/** Both engines; werift alone where mediasoup's worker is not there, which `npm test` then says. */
export const ENGINES: readonly TestedEngine[] = [
  { name: 'werift', environment: NO_WORKER },
  ...(workerBinary() === null ? [] : [{ name: 'mediasoup', environment: {} } as const]),
];
