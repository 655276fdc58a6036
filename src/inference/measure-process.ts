// The process in which a network's runs are timed: a provider may crash or hang it, and nothing else.

import { AfterglowError } from '../errors/afterglow-error.js';
import { causeOf, NetworkSession } from './network-session.js';
import type { TimingAnswer, TimingQuestion } from './measurement.js';
import type { Placement } from './placement.js';
import { answerTrial } from './trial-process.js';

/** A time is the median of so many runs ... */
const RUNS = 9;
/** ... or of those that fit into this time, in milliseconds. */
const LONGEST = 2000;

async function answer(question: TimingQuestion): Promise<TimingAnswer> {
  const milliseconds: number[] = [];
  for (const placement of question.placements) {
    try {
      milliseconds.push(await time(question, placement));
    } catch (error) {
      // Its cause does not cross processes, and is what tells why.
      const { code, remedy } = AfterglowError.from(error);
      throw new AfterglowError(code, causeOf(error), { remedy });
    }
  }
  return { kind: 'timed', milliseconds };
}

async function time({ model, folder, size, hopeless }: TimingQuestion, placement: Placement): Promise<number> {
  const session = await NetworkSession.open(model, size, {
    placements: [placement],
    ...(folder === null ? {} : { folder }),
  });
  const { input } = session;
  for (let i = 0; i < input.length; i++) input[i] = ((i * 7919) % 1009) / 1008;
  // Opening it has run it once; some prepare more at the second time.
  const warmUp = performance.now();
  await session.run();
  const taken = performance.now() - warmUp;
  if (taken > hopeless) return taken;
  const times: number[] = [];
  const begin = performance.now();
  while (times.length < RUNS && performance.now() - begin < LONGEST) {
    const start = performance.now();
    const output = await session.run();
    times.push(performance.now() - start);
    // A driver that computes nonsense is no choice, however fast.
    if (!output.every(Number.isFinite)) {
      throw new AfterglowError('model-broken', `it gives no numbers on ${placement.provider}`, {
        remedy: 'update the driver of the graphics card',
      });
    }
  }
  await session.close();
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

answerTrial((question) => answer(question as TimingQuestion));
