import { isMainThread, workerData } from 'node:worker_threads';
import { CrewPlan } from './crew-plan.js';
import { workOff } from './kernel-crew.js';
import { loadKernels } from './kernel-module.js';

/** What a helper of a crew is started with. */
export interface CrewWorkerData {
  readonly memory: WebAssembly.Memory;
  readonly plan: SharedArrayBuffer;
}

if (!isMainThread) {
  const { memory, plan: buffer } = workerData as CrewWorkerData;
  const plan = new CrewPlan(buffer);
  const kernels = loadKernels(memory);
  while (plan.waitForTasks()) workOff(plan, kernels);
}
