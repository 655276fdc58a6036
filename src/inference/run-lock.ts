import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Provider } from '../config/provider-names.js';

// Two threads of one process in the WebGPU provider at a time segfault it (onnxruntime 1.30, Linux, Vulkan).

const KEY = 'afterglow-inference-lock';
const FREE = 0;
const HELD = 1;

/** Who of this thread comes next: calls on one thread wait for each other without blocking it. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * The lock of this process. A thread hands it on to those that it starts; so a process whose threads are to share one calls
 * this before it starts the first.
 */
export function shareRunLock(): Int32Array {
  const known: unknown = getEnvironmentData(KEY);
  if (known instanceof SharedArrayBuffer) return new Int32Array(known);
  const made = new SharedArrayBuffer(4);
  setEnvironmentData(KEY, made);
  return new Int32Array(made);
}

/** Does something with a provider: alone in this process where the provider needs that. */
export function inItsTurn<Result>(provider: Provider, work: () => Promise<Result>): Promise<Result> {
  if (provider !== 'webgpu') return work();
  const mine = turn.then(async () => {
    const lock = shareRunLock();
    while (Atomics.compareExchange(lock, 0, FREE, HELD) !== FREE) Atomics.wait(lock, 0, HELD);
    try {
      return await work();
    } finally {
      Atomics.store(lock, 0, FREE);
      Atomics.notify(lock, 0, 1);
    }
  });
  turn = mine.catch(() => undefined);
  return mine;
}
