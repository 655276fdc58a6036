// A process of its own for gpu.test.ts, with as many threads as it is told. Each runs a network by WebGPU over and over, as the
// networks of a stream do for a moment when its recipe changes. Prints how many runs each has done.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { NetworkSession } from '../dist/src/inference/network-session.js';
import { shareRunLock } from '../dist/src/inference/run-lock.js';

const RUNS = 150;

if (isMainThread) {
  const [folder, threads, isShared] = process.argv.slice(2);
  if (isShared === 'shared') shareRunLock();
  const done = await Promise.all(
    Array.from({ length: Number(threads) }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: folder });
      return new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
  process.stdout.write(`${JSON.stringify(done)}\n`);
  // Native threads would keep an ordinary end waiting.
  process.kill(process.pid, 'SIGKILL');
} else {
  const placements = [{ provider: 'webgpu', device: null, threads: 1 }];
  const size = { width: 64, height: 40 };
  let done = 0;
  while (done < RUNS) {
    const session = await NetworkSession.open('small', size, { placements, folder: workerData });
    for (let run = 0; run < 30; run++) {
      session.input.fill(0.25);
      const output = await session.run();
      if (output.every((value) => Math.abs(value - 0.5) < 1e-5)) done++;
    }
    await session.close();
  }
  parentPort.postMessage(done);
}
