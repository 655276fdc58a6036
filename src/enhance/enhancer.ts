import type { Provider } from '../config/provider-names.js';
import { networkOf, type DenoiseStage, type NetworkStage, type Recipe } from '../config/recipe.js';
import { SharedArena, type ArenaRegion } from '../frames/shared-arena.js';
import type { TraceBoard } from '../frames/trace-board.js';
import { findCard } from '../inference/model-library.js';
import { ONE_THREAD, type Placements, type ProviderMove } from '../inference/placement.js';
import { KernelCrew } from '../kernels/kernel-crew.js';
import { BilateralGrid } from './bilateral-grid.js';
import { copyFrame, type FrameColour, type FrameView } from './frame-view.js';
import { gridGeometry } from './grid-geometry.js';
import { NativePass } from './native-pass.js';
import { NetworkExchange } from './network-exchange.js';
import { NetworkThread } from './network-thread.js';
import { SceneWatch, type SceneEvent } from './scene-watch.js';
import { StageClock } from './stage-clock.js';
import { TemporalDenoiser } from './temporal-denoiser.js';
import { WorkingPicture } from './working-picture.js';
import { networkSize, workingSize, type Size } from './working-size.js';

/**
 * live: the network answers when it can, and frames do not wait for it but at a cut. exact: an answer is learnt on the
 * frame that the network is asked on next, so that the result depends on the pictures alone; until then it computes
 * beside the frames.
 */
export type EnhanceMode = 'live' | 'exact';

/** How an enhancer is set up. */
export interface EnhancerOptions {
  readonly recipe: Recipe;
  readonly picture: Size;
  readonly mode: EnhanceMode;
  /** Where the network may run; one thread of the CPU by default. */
  readonly placements?: Placements;
  /** Threads that share the work on each picture with the calling one; none by default. */
  readonly helpers?: number;
  /** Folder of models other than the installation's. */
  readonly modelFolder?: string;
}

/** How long a live frame waits for the network at a cut, in milliseconds; it is then shown with what there is. */
const LONGEST_WAIT = 250;

/** The longest time over which pictures go over to an answer of the network, in seconds. */
const LONGEST_GLIDE = 1;

/** What a recipe's stages are made of. */
interface Parts {
  readonly crew: KernelCrew;
  readonly denoise: { readonly stage: DenoiseStage; readonly filter: TemporalDenoiser } | null;
  readonly network: { readonly stage: NetworkStage; readonly thread: NetworkThread } | null;
  readonly native: NativePass | null;
  readonly grid: BilateralGrid | null;
  readonly working: WorkingPicture | null;
}

/** The stages of a recipe over a stream of pictures of one size, on the calling thread; the network has its own. */
export class Enhancer {
  /** Time spent in each stage. */
  readonly clock = new StageClock(['downsample', 'denoise', 'network', 'grid', 'slice']);
  readonly #mode: EnhanceMode;
  readonly #crew: KernelCrew;
  readonly #denoise: Parts['denoise'];
  readonly #network: Parts['network'];
  readonly #native: NativePass | null;
  readonly #grid: BilateralGrid | null;
  readonly #working: WorkingPicture | null;
  readonly #scene = new SceneWatch();
  readonly #arena: SharedArena;
  #trace: TraceBoard | null = null;
  /** Stream time of the picture at work. */
  #time = 0;
  /** Stream time of the picture that was last left with the network, and of the one whose answer was last learnt. */
  #askedAt = -Infinity;
  /** Stream time from which the network is to be asked again. */
  #dueAt = -Infinity;
  #learntAt = -Infinity;
  /** Whether the answer under way belongs to a scene that is over. */
  #answerIsStale = false;
  #answers = 0;
  #cuts = 0;
  #rateShare = 1;
  #seesNative = true;

  private constructor(options: EnhancerOptions, arena: SharedArena, parts: Parts) {
    this.#mode = options.mode;
    this.#arena = arena;
    this.#crew = parts.crew;
    this.#denoise = parts.denoise;
    this.#network = parts.network;
    this.#native = parts.native;
    this.#grid = parts.grid;
    this.#working = parts.working;
  }

  /** Makes an enhancer in a region of shared memory of at least `Enhancer.bytes`. Throws AfterglowError. */
  static async open(options: EnhancerOptions, region: ArenaRegion): Promise<Enhancer> {
    const isIdle = !options.recipe.stages.some(({ stage }) => stage === 'temporal-denoise' || stage === 'network');
    const crew = new KernelCrew(region.memory, isIdle ? 0 : (options.helpers ?? 0));
    try {
      return await Enhancer.#openWith(crew, options, region);
    } catch (error) {
      await crew.close();
      throw error;
    }
  }

  static async #openWith(crew: KernelCrew, options: EnhancerOptions, region: ArenaRegion): Promise<Enhancer> {
    const { recipe, picture } = options;
    const arena = new SharedArena(region);
    const denoiseStage = recipe.stages.find((stage) => stage.stage === 'temporal-denoise');
    const networkStage = networkOf(recipe);
    const { kernels } = crew;
    const denoise = denoiseStage ? { stage: denoiseStage, filter: new TemporalDenoiser(crew, arena, picture) } : null;
    if (!denoiseStage && !networkStage) {
      return new Enhancer(options, arena, { crew, denoise, network: null, native: null, grid: null, working: null });
    }
    // Without a network the grid is the identity, which takes the filter's average back to whole levels.
    const size = sizeFor(networkStage, options);
    const geometry = gridGeometry(picture, networkStage?.grid ?? [1, 1, 2]);
    const working = new WorkingPicture(kernels, arena, size, picture.width);
    const grid = new BilateralGrid(crew, arena, geometry, picture, size, networkStage?.keepLuma);
    const placements = options.placements ?? ONE_THREAD;
    const folder = options.modelFolder === undefined ? {} : { modelFolder: options.modelFolder };
    const network = networkStage
      ? {
          stage: networkStage,
          thread: await NetworkThread.start(arena, {
            model: networkStage.model,
            ...folder,
            placements,
            keepLuma: networkStage.keepLuma,
            work: { kind: 'grid', working: size, geometry },
          }),
        }
      : null;
    try {
      const native = networkStage?.native
        ? await NativePass.open(kernels, arena, networkStage, { picture, placements, ...folder })
        : null;
      return new Enhancer(options, arena, { crew, denoise, network, native, grid, working });
    } catch (error) {
      await network?.thread.stop();
      throw error;
    }
  }

  /** Bytes of shared memory that an enhancer takes. Throws AfterglowError where the model has no right card. */
  static bytes(options: EnhancerOptions): number {
    const { recipe, picture } = options;
    const network = networkOf(recipe);
    const size = sizeFor(network, options);
    const geometry = gridGeometry(picture, network?.grid ?? [1, 1, 2]);
    return (
      TemporalDenoiser.bytes(picture) +
      BilateralGrid.bytes(geometry, picture, 1 + (options.helpers ?? 0)) +
      NetworkExchange.bytes(size, geometry) +
      (network?.native ? NativePass.bytes(network, picture, options.modelFolder) : 0) +
      size.width * size.height * 12 +
      picture.width * 2 +
      16384
    );
  }

  /** Milliseconds that one run of the network takes (at full resolution: over one tile), or null without a network. */
  get networkMilliseconds(): number | null {
    return this.#thread?.exchange.runMilliseconds ?? null;
  }

  /** What the network runs on, or null without a network. */
  get provider(): Provider | null {
    return this.#thread?.exchange.provider ?? null;
  }

  /** The thread whose network has most to do. */
  get #thread(): NetworkThread | undefined {
    return this.#native?.thread ?? this.#network?.thread;
  }

  /** Where the network has had to go on elsewhere since this was asked last. */
  takeMoves(): readonly ProviderMove[] {
    return [this.#network?.thread, this.#native?.thread].flatMap((thread) => thread?.takeMoves() ?? []);
  }

  /** Milliseconds that the network's last answer took, or null without a network. */
  get answerMilliseconds(): number | null {
    return this.#network?.thread.exchange.milliseconds ?? null;
  }

  /** Runs the network at this share (above 0, at most 1) of the recipe's rate, from the next picture on. */
  set rateShare(share: number) {
    this.#rateShare = share;
  }

  /** Whether a recipe's network that sees whole pictures does so, from the next one on; else the grid does all by itself. */
  set seesNative(on: boolean) {
    this.#seesNative = on;
  }

  /** Where the time of each stage is traced from now on. */
  set trace(trace: TraceBoard) {
    this.#trace = trace;
    this.clock.onLap = (stage, start, milliseconds) => {
      trace.addPast(stage === 'network' ? 'network-wait' : stage, this.#time, start, milliseconds);
    };
  }

  /** Answers of the network taken in so far. */
  get answers(): number {
    return this.#answers;
  }

  /** Cuts found so far, the first picture not counted. */
  get cuts(): number {
    return Math.max(0, this.#cuts - 1);
  }

  /** Estimated standard deviation of the input's luma noise in levels, or null. */
  get noise(): number | null {
    return this.#denoise?.filter.noise ?? null;
  }

  /**
   * Enhances one picture into `output`, which must not be `input`. time: seconds of the stream, ascending.
   * strength: 0 returns the picture as it is, 1 is the recipe's full effect. Throws AfterglowError if the network failed.
   */
  process(input: FrameView, output: FrameView, colour: FrameColour, time: number, strength: number): void {
    if (!this.#grid || !this.#working) {
      copyFrame(new Uint8Array(this.#arena.memory.buffer), input, output);
      return;
    }
    this.#time = time;
    this.clock.start();
    this.#working.fill(input);
    const event = this.#scene.judge(this.#working.thumbnail, time);
    this.clock.lap('downsample');
    const denoised = this.#denoiseFrame(this.#denoise, input, colour, event, strength);
    this.clock.lap('denoise');
    // It computes while the grid is learnt and sliced.
    const native = this.#seesNative && strength > 0 && this.#native?.ask(input, denoised, colour) ? this.#native : null;
    if (this.#network) this.#updateGrid(this.#network, this.#grid, this.#working, colour, time, event);
    this.#grid.slice(input, denoised, output, colour, strength, time);
    this.clock.lap('slice');
    if (native) {
      native.finish(input, output, strength, this.#patience);
      this.clock.lap('network');
    }
  }

  /** Forgets the stream so far: the next picture begins another. */
  reset(): void {
    this.#scene.reset();
  }

  /** How long a picture waits for the network, in milliseconds. */
  get #patience(): number {
    return this.#mode === 'exact' ? Infinity : LONGEST_WAIT;
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await this.#native?.thread.stop();
    await this.#network?.thread.stop();
    await this.#crew.close();
  }

  #denoiseFrame(
    denoise: { readonly stage: DenoiseStage; readonly filter: TemporalDenoiser } | null,
    input: FrameView,
    colour: FrameColour,
    event: SceneEvent,
    strength: number,
  ) {
    // A flash must leave nothing in the average, and the average nothing in the flash.
    if (!denoise || event === 'flash' || event === 'maybe-cut') return null;
    if (event === 'cut' || event === 'relit') denoise.filter.reset();
    denoise.filter.add(input, colour, denoise.stage.strength * strength);
    return denoise.filter.frame;
  }

  #updateGrid(
    network: { readonly stage: NetworkStage; readonly thread: NetworkThread },
    grid: BilateralGrid,
    working: WorkingPicture,
    colour: FrameColour,
    time: number,
    event: SceneEvent,
  ): void {
    if (event === 'flash') return;
    if (event === 'maybe-cut' && grid.hasSetAside) return;
    if (event === 'maybe-cut') {
      grid.setAside();
      this.#answerAtOnce(network, grid, working, colour, time);
      return;
    }
    if (event === 'back') {
      grid.recall();
      this.#answerIsStale = true;
    }
    if (event === 'cut') {
      this.#cuts++;
      // What was learnt from the first pictures of the new scene stays, if there was time to learn.
      const known = grid.hasSetAside && grid.learnt;
      grid.forgetForGood();
      if (!known) {
        grid.reset();
        this.#answerAtOnce(network, grid, working, colour, time);
        return;
      }
    }
    if (event === 'relit') {
      grid.reset();
      this.#answerAtOnce(network, grid, working, colour, time);
      return;
    }
    const { exchange } = network.thread;
    const due = time >= this.#dueAt - 1e-4 || time < this.#askedAt;
    if (this.#mode === 'exact') {
      if (!due) return;
      this.#await(network, grid, Infinity);
    } else {
      this.#collect(network, grid);
      if (!due || exchange.state !== 'idle') return;
    }
    const interval = 1 / (network.stage.rate * this.#rateShare);
    // From when it was due, not from now: the rate holds where it does not divide the frame rate.
    const next = time - this.#dueAt < interval ? this.#dueAt + interval : time + interval;
    this.#ask(network, working, colour, time);
    this.#dueAt = next;
  }

  /** Learns from this very picture before it is shown. */
  #answerAtOnce(
    network: { readonly stage: NetworkStage; readonly thread: NetworkThread },
    grid: BilateralGrid,
    working: WorkingPicture,
    colour: FrameColour,
    time: number,
  ): void {
    const { exchange } = network.thread;
    const patience = this.#patience;
    this.#answerIsStale = true;
    exchange.waitWhile('asked', patience);
    this.#collect(network, grid);
    if (exchange.state !== 'idle') return;
    this.#ask(network, working, colour, time);
    this.#await(network, grid, patience);
  }

  #ask(
    network: { readonly stage: NetworkStage; readonly thread: NetworkThread },
    working: WorkingPicture,
    colour: FrameColour,
    time: number,
  ): void {
    network.thread.exchange.ask(working, colour);
    this.clock.lap('downsample');
    this.#askedAt = time;
    this.#dueAt = time + 1 / (network.stage.rate * this.#rateShare);
    this.#answerIsStale = false;
  }

  #await(
    network: { readonly stage: NetworkStage; readonly thread: NetworkThread },
    grid: BilateralGrid,
    patience: number,
  ): void {
    network.thread.exchange.waitWhile('asked', patience);
    this.clock.lap('network');
    this.#collect(network, grid);
  }

  /** Learns from an answer if one is there. */
  #collect(network: { readonly stage: NetworkStage; readonly thread: NetworkThread }, grid: BilateralGrid): void {
    const { exchange } = network.thread;
    if (exchange.state === 'failed') throw network.thread.failure;
    if (exchange.state !== 'answered') return;
    const { milliseconds, answeredAt } = exchange;
    this.#trace?.addPast('network', this.#askedAt, answeredAt - performance.timeOrigin - milliseconds, milliseconds);
    if (!this.#answerIsStale) {
      const { smoothing } = network.stage;
      const passed = Math.max(0, this.#askedAt - this.#learntAt);
      // Until the next answer is there, as far as this one was from the one before. Without smoothing, answers are taken as they are.
      const glide = smoothing > 0 ? Math.min(passed, LONGEST_GLIDE) : 0;
      grid.learn(exchange.sums, smoothing > 0 ? Math.exp(-passed / smoothing) : 0, glide);
      this.#learntAt = this.#askedAt;
      this.#answers++;
    }
    exchange.taken();
    this.clock.lap('grid');
  }
}

/** Size of the working picture; without a network only the scene is watched on it. */
function sizeFor(stage: NetworkStage | null, { picture, modelFolder }: EnhancerOptions): Size {
  if (!stage) return workingSize(picture, 256);
  return networkSize(picture, stage.workingSize, findCard(stage.model, modelFolder));
}
