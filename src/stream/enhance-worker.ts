import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AfterglowError } from '../errors/afterglow-error.js';
import { EnhanceLoop, type Tell } from './enhance-loop.js';
import type { EnhanceWorkerData } from './worker-messages.js';

async function main(data: EnhanceWorkerData, port: MessagePort): Promise<void> {
  const tell: Tell = (message, transfer = []) => port.postMessage(message, transfer);
  try {
    const loop = await EnhanceLoop.open(data, tell);
    await loop.run();
  } catch (error) {
    tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
  }
}

if (!isMainThread && parentPort) {
  const data = workerData as EnhanceWorkerData;
  await main(data, parentPort);
  data.pictures.close();
  data.commands.close();
  parentPort.close();
}
