import { receiveMessageOnPort } from 'node:worker_threads';
import { networkOf } from '../config/recipe.js';
import { copyFrame, frameAt, type FrameView } from '../enhance/frame-view.js';
import { FrameRing, type HeldSlot } from '../frames/frame-ring.js';
import { lumaLimits, planeLayout } from '../frames/picture-format.js';
import { TraceBoard } from '../frames/trace-board.js';
import { LIVE_CLOCK } from '../frames/timeline.js';
import type { StoredPicture } from '../media/last-picture.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import { ExtraPictures } from './extra-pictures.js';
import { Governor } from './governor.js';
import { HistogramBoard } from './histogram-board.js';
import { canResize, LiveEnhancer } from './live-enhancer.js';
import { LoadMeter } from './load-meter.js';
import { meanLuminance, NightGate } from './night-gate.js';
import { RegionMask } from './region-mask.js';
import { sideBySide } from './side-by-side.js';
import type { SnapshotView } from './stream-messages.js';
import type { EnhanceCommand, EnhanceMessage, EnhanceWorkerData } from './worker-messages.js';

/** How long a wait for a picture may be before the loop looks whether it is to end, in milliseconds. */
const LOOK_UP = 200;
/** Decoded pictures that may wait: cameras send in bursts, and dropping one of two that came together gains nothing. */
const BACKLOG = 2;
/** Pictures between two measurements of luminance. */
const LUMINANCE_EVERY = 8;

/** The pictures that the loop saw last; they stay in their slots until newer ones come. */
interface LastPictures {
  readonly input: FrameView;
  readonly output: FrameView;
  readonly slot: HeldSlot;
}

/** Says something to the session; buffers are handed over. */
export type Tell = (message: EnhanceMessage, transfer?: readonly ArrayBuffer[]) => void;

/** Takes pictures from the source's ring and leaves enhanced ones in the output's, until it is stopped. */
export class EnhanceLoop {
  readonly #data: EnhanceWorkerData;
  readonly #tell: Tell;
  readonly #control: ControlBlock;
  readonly #counters: CounterBoard;
  readonly #histograms: HistogramBoard;
  readonly #source: FrameRing;
  readonly #output: FrameRing;
  readonly #extras: ExtraPictures;
  readonly #bytes: Uint8Array;
  readonly #live: LiveEnhancer;
  readonly #gate: NightGate;
  readonly #governor: Governor;
  readonly #load: LoadMeter;
  readonly #trace: TraceBoard | null;
  readonly #untouched: RegionMask;
  readonly #masked: RegionMask;
  /** What the present enhancer had counted at the last picture. */
  #seen = { answers: 0, cuts: 0 };
  readonly #seenStages = new Float64Array(8);
  #last: LastPictures | null = null;
  #bypassed = false;
  /** Whether pictures come through as they are, since the recipe is not ready yet. */
  #isPlain: boolean;
  #pictures = 0;

  private constructor(data: EnhanceWorkerData, live: LiveEnhancer, tell: Tell) {
    const { memory } = data.region;
    const { recipe } = data.recipe;
    this.#data = data;
    this.#live = live;
    this.#isPlain = data.beginsPlain;
    this.#trace = data.trace && new TraceBoard(data.trace);
    if (this.#trace) live.enhancer.trace = this.#trace;
    this.#tell = tell;
    this.#control = new ControlBlock(data.control);
    this.#counters = new CounterBoard(data.counters);
    this.#histograms = new HistogramBoard(data.histograms);
    this.#source = FrameRing.join(memory, data.source);
    this.#output = FrameRing.join(memory, data.output);
    this.#extras = new ExtraPictures(memory, data.extras, this.#control);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#gate = new NightGate(data.gate);
    this.#governor = new Governor(data.latency, networkOf(recipe), canResize(recipe));
    this.#load = new LoadMeter(this.#counters, this.#control, () => this.#source.overtaken);
    const { width, height } = data.format;
    this.#untouched = new RegionMask(data.regions.untouched, width, height);
    this.#masked = new RegionMask(data.regions.private, width, height);
  }

  /** Loads the pipeline. Throws AfterglowError. */
  static async open(data: EnhanceWorkerData, tell: Tell): Promise<EnhanceLoop> {
    const live = data.beginsPlain
      ? await LiveEnhancer.openPlain(data.recipe, data, (error) => tell({ kind: 'failed', error: error.toReport() }))
      : await LiveEnhancer.open(data.recipe, data, data.exact ? 'exact' : 'live');
    const { networkMilliseconds, provider } = live.enhancer;
    tell({ kind: 'ready', networkMilliseconds, provider });
    return new EnhanceLoop(data, live, tell);
  }

  /** Runs until the source's ring is closed and empty, or the stream is stopped. Throws AfterglowError. */
  async run(): Promise<void> {
    while (!this.#control.stopped) {
      this.#obey();
      if (this.#live.isBusy) await new Promise((resolve) => setImmediate(resolve));
      if (this.#live.swap()) this.#begin();
      this.#govern();
      const slot = this.#source.acquireRead(LOOK_UP, this.#data.exact ? Infinity : BACKLOG);
      if (slot) {
        if (!this.#take(slot)) break;
      } else if (this.#source.closed) break;
    }
    this.#output.close();
    this.#extras.close();
    this.#data.pictures.postMessage(null);
    await this.#live.close();
  }

  /** Brings one picture through. False if the stream was stopped meanwhile. */
  #take(slot: HeldSlot): boolean {
    const { exact, pictures } = this.#data;
    const { frameStep } = this.#governor.orders;
    if (!exact && this.#pictures++ % frameStep !== 0) {
      this.#source.release(slot.index);
      this.#counters.add('droppedGovernor');
      return true;
    }
    const target = this.#acquireTarget();
    if (target < 0) return false;
    const { width, height } = this.#data.format;
    const input = frameAt(slot.address, width, height);
    const output = frameAt(this.#output.address(target), width, height);
    this.#enhance(input, output, slot);
    this.#untouched.copy(this.#bytes, input, output);
    // What was black on the way in is not to be lifted.
    this.#masked.blacken(this.#bytes, output, lumaLimits(slot.range).black);
    this.#extras.fill(input, output, slot);
    this.#source.release(slot.index);
    this.#output.publish(target, slot);
    pictures.postMessage(null);
    this.#last = { input, output, slot };
    this.#counters.add('enhanced');
    return true;
  }

  #enhance(input: FrameView, output: FrameView, slot: HeldSlot): void {
    const time = Number(slot.pts) / LIVE_CLOCK;
    const measured = this.#pictures % LUMINANCE_EVERY === 0 || this.#gate.state.luminance === null;
    const shown = this.#gate.update(time, measured ? this.#luminance(input, slot) : null, new Date());
    const strength = this.#control.strength * shown;
    const { enhancer } = this.#live;
    // Where nothing would be seen of it nothing is done.
    if (strength === 0 && !this.#data.exact) {
      copyFrame(this.#bytes, input, output);
      this.#bypassed = true;
      return;
    }
    if (this.#bypassed) enhancer.reset();
    this.#bypassed = false;
    enhancer.process(input, output, slot, time, strength);
    this.#count();
  }

  #luminance(input: FrameView, slot: HeldSlot): number {
    const luma = this.#bytes.subarray(input.y, input.y + input.lumaStride * input.height);
    const { width, height, lumaStride: stride } = input;
    return meanLuminance(luma, { width, height, stride }, lumaLimits(slot.range));
  }

  /** A slot to write to; -1 when the stream is stopped before one is free. */
  #acquireTarget(): number {
    let index = -1;
    while (index < 0 && !this.#control.stopped) index = this.#output.acquireWrite(LOOK_UP);
    return index;
  }

  /** A new enhancer counts from nothing. */
  #begin(): void {
    this.#seen = { answers: 0, cuts: 0 };
    this.#seenStages.fill(0);
    // Pictures that began plain do not become bright at a stroke.
    if (this.#isPlain) this.#gate.fadeIn();
    this.#isPlain = false;
    this.#bypassed = false;
    if (this.#trace) this.#live.enhancer.trace = this.#trace;
    const { recipe } = this.#live.recipe;
    this.#governor.follow(networkOf(recipe), canResize(recipe));
    this.#applyOrders();
  }

  #count(): void {
    const { enhancer } = this.#live;
    const { answers, cuts, clock } = enhancer;
    if (answers > this.#seen.answers) this.#histograms.observe('network', enhancer.answerMilliseconds ?? 0);
    this.#counters.add('answers', answers - this.#seen.answers);
    this.#counters.add('cuts', cuts - this.#seen.cuts);
    clock.stages.forEach((stage, i) => {
      const spent = (clock.total[i] ?? 0) - (this.#seenStages[i] ?? 0);
      this.#counters.add(`${stage}Ms`, spent);
      // The network's own time is on another thread; here is only the wait for it at a cut.
      if (stage !== 'network') this.#histograms.observe(stage, spent);
    });
    this.#seen.answers = answers;
    this.#seen.cuts = cuts;
    this.#seenStages.set(clock.total);
  }

  #govern(): void {
    const window = this.#load.window();
    if (!window) return;
    for (const move of this.#live.takeMoves()) this.#tell({ kind: 'moved', move });
    const before = this.#governor.orders;
    if (!this.#data.exact && this.#governor.observe(window)) {
      const { level, reason, networkRate, workingSize, native, frameStep } = this.#governor.state;
      const sizes = `at ${workingSize ?? 0} pixels${native ? ' and at full resolution' : ''}`;
      const network = networkRate === null ? '' : `, network ${networkRate} times a second ${sizes}`;
      const why = reason === '' ? 'there is room again' : reason;
      this.#tell({
        kind: 'note',
        message: `governor: level ${level} (${why})${network}, every ${frameStep === 1 ? '' : `${frameStep}. `}picture`,
      });
      const { sizeShare } = this.#governor.orders;
      this.#applyOrders();
      if (sizeShare !== before.sizeShare) this.#resize(sizeShare);
    }
    this.#tell({
      kind: 'state',
      governor: this.#governor.state,
      gate: this.#gate.state,
      networkMilliseconds: this.#live.enhancer.networkMilliseconds,
      provider: this.#live.enhancer.provider,
      noise: this.#live.enhancer.noise,
      lastArrival: this.#last?.slot.arrival ?? 0,
    });
  }

  /** Those that the enhancer at work follows; a working size needs another one. */
  #applyOrders(): void {
    const { rateShare, native } = this.#governor.orders;
    this.#live.enhancer.rateShare = rateShare;
    this.#live.enhancer.seesNative = native;
  }

  #resize(sizeShare: number): void {
    this.#live.resize(sizeShare, (error) => {
      if (error) this.#tell({ kind: 'note', message: `the working size stays as it was: ${error.sentence}` });
    });
  }

  /** Does what it was told since the last picture; it never waits for a message. */
  #obey(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#data.commands) as { message: EnhanceCommand } | undefined;
      if (!received) return;
      const command = received.message;
      switch (command.kind) {
        case 'gate':
          this.#gate.configure(command.gate);
          break;
        case 'recipe': {
          const { recipe } = command;
          this.#live.change(recipe, this.#governor.orders.sizeShare, (error) => {
            this.#tell({ kind: 'recipe', recipe, error: error?.toReport() ?? null });
          });
          break;
        }
        case 'snapshot':
          this.#sendSnapshot(command.request, command.view);
          break;
      }
    }
  }

  #sendSnapshot(request: number, view: SnapshotView): void {
    const last = this.#last;
    const picture = last && this.#copyOf(last, view);
    const buffers = picture ? [picture.bytes.buffer as ArrayBuffer] : [];
    this.#tell({ kind: 'snapshot', request, picture, arrival: last?.slot.arrival ?? 0 }, buffers);
  }

  #copyOf({ input, output, slot }: LastPictures, view: SnapshotView): StoredPicture {
    const { width, height } = input;
    const { matrix, range } = slot;
    const size = planeLayout(width, height).bytes;
    const picture = ({ y }: FrameView): Uint8Array => this.#bytes.subarray(y, y + size);
    if (view === 'compare') {
      const parts = new Uint8Array(4 * size);
      parts.set(picture(input));
      parts.set(picture(output), size);
      sideBySide(parts, frameAt(0, width, height), frameAt(size, width, height), 2 * size);
      return { format: { width: width * 2, height, matrix, range }, bytes: parts.slice(2 * size) };
    }
    // A copy of its own, which is handed over: not of the shared memory.
    const bytes = Uint8Array.from(picture(view === 'original' ? input : output));
    return { format: { width, height, matrix, range }, bytes };
  }
}
