import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AfterglowError } from '../errors/afterglow-error.js';
import { SourceLoop } from './source-loop.js';
import type { SourceMessage, SourceWorkerData } from './worker-messages.js';

async function main(data: SourceWorkerData, port: MessagePort): Promise<void> {
  try {
    await new SourceLoop(data, port).run();
  } catch (error) {
    port.postMessage({ kind: 'failed', error: AfterglowError.from(error).toReport() } satisfies SourceMessage);
  }
}

if (!isMainThread && parentPort) {
  await main(workerData as SourceWorkerData, parentPort);
  parentPort.close();
}
