import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FrameRing, type HeldSlot } from '../frames/frame-ring.js';
import { LIVE_CLOCK } from '../frames/timeline.js';
import { Enhancer } from '../enhance/enhancer.js';
import { frameAt, type FrameView } from '../enhance/frame-view.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import type { EnhanceMessage, EnhanceWorkerData } from './worker-messages.js';

/** How long a wait for a picture may be before the loop looks whether it is to end, in milliseconds. */
const LOOK_UP = 200;
/** Decoded pictures that may wait: cameras send in bursts, and dropping one of two that came together gains nothing. */
const BACKLOG = 2;
/** Pictures between two reports of the noise. */
const NOISE_EVERY = 50;

/** Takes pictures from the source's ring and leaves enhanced ones in the output's, until it is stopped. */
async function serve(data: EnhanceWorkerData, tell: (message: EnhanceMessage) => void): Promise<void> {
  const control = new ControlBlock(data.control);
  const counters = new CounterBoard(data.counters);
  const { memory } = data.region;
  const { width, height } = data.format;
  const source = FrameRing.join(memory, data.source);
  const output = FrameRing.join(memory, data.output);
  const compare = FrameRing.join(memory, data.compare);
  const bytes = new Uint8Array(memory.buffer);
  const enhancer = await Enhancer.open(
    { recipe: data.recipe, picture: { width, height }, mode: data.exact ? 'exact' : 'live' },
    data.region,
  );
  tell({ kind: 'ready', networkMilliseconds: enhancer.networkMilliseconds });

  const next = (): HeldSlot | null => source.acquireRead(LOOK_UP, data.exact ? Infinity : BACKLOG);
  /** A slot to write to; -1 when the stream is stopped before one is free. */
  const acquireTarget = (): number => {
    let index = -1;
    while (index < 0 && !control.stopped) index = output.acquireWrite(LOOK_UP);
    return index;
  };
  while (!control.stopped) {
    const slot = next();
    if (!slot) {
      if (source.closed && source.published > 0) break;
      continue;
    }
    const target = acquireTarget();
    if (target < 0) break;
    const input = frameAt(slot.address, width, height);
    const enhanced = frameAt(output.address(target), width, height);
    enhancer.process(input, enhanced, slot, Number(slot.pts) / LIVE_CLOCK, control.strength);
    if (control.compare) sideBySide(compare, bytes, input, enhanced, slot);
    source.release(slot.index);
    output.publish(target, slot);
    data.pictures.postMessage(null);
    counters.add('enhanced');
    counters.set('answers', enhancer.answers);
    counters.set('cuts', enhancer.cuts);
    enhancer.clock.stages.forEach((stage, i) => counters.set(`${stage}Ms`, enhancer.clock.total[i] ?? 0));
    if (slot.sequence % NOISE_EVERY === 0) tell({ kind: 'noise', deviation: enhancer.noise });
  }
  output.close();
  compare.close();
  data.pictures.postMessage(null);
  await enhancer.close();
}

/** Leaves original and enhanced picture of one instant next to each other, if there is room. */
function sideBySide(
  ring: FrameRing,
  bytes: Uint8Array,
  original: FrameView,
  enhanced: FrameView,
  slot: HeldSlot,
): void {
  const target = ring.acquireWrite(0);
  if (target < 0) return;
  const both = frameAt(ring.address(target), original.width * 2, original.height);
  const plane = (from: number, to: number, width: number, height: number): void => {
    for (let y = 0; y < height; y++) {
      bytes.copyWithin(to + y * width * 2, from + y * width, from + (y + 1) * width);
    }
  };
  const [chromaWidth, chromaHeight] = [original.width / 2, original.height / 2];
  for (const [view, side] of [
    [original, 0],
    [enhanced, 1],
  ] as const) {
    plane(view.y, both.y + side * original.width, original.width, original.height);
    plane(view.u, both.u + side * chromaWidth, chromaWidth, chromaHeight);
    plane(view.v, both.v + side * chromaWidth, chromaWidth, chromaHeight);
  }
  ring.publish(target, slot);
}

async function main(data: EnhanceWorkerData, port: MessagePort): Promise<void> {
  const tell = (message: EnhanceMessage): void => port.postMessage(message);
  try {
    await serve(data, tell);
  } catch (error) {
    tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
  }
}

if (!isMainThread && parentPort) {
  const data = workerData as EnhanceWorkerData;
  await main(data, parentPort);
  data.pictures.close();
  parentPort.close();
}
