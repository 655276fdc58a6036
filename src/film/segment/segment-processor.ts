import {
  nativeModelOf,
  requireRepair,
  type DeflickerStage,
  type DenoiseStage,
  type NetworkStage,
  type Recipe,
  type RepairStage,
} from '../../config/recipe.js';
import { BilateralGrid } from '../../enhance/bilateral-grid.js';
import { frameAt, type FrameView } from '../../enhance/frame-view.js';
import { gridGeometry } from '../../enhance/grid-geometry.js';
import { TemporalDenoiser } from '../../enhance/temporal-denoiser.js';
import { WorkingPicture } from '../../enhance/working-picture.js';
import { NativeNetwork } from '../../enhance/native-network.js';
import { CROP, type NetworkPlaces } from '../../enhance/recipe-networks.js';
import { networkSize, workingSize, type Size } from '../../enhance/working-size.js';
import { SharedArena } from '../../frames/shared-arena.js';
import { findCard } from '../../inference/model-library.js';
import { NetworkSession } from '../../inference/network-session.js';
import { ONE_THREAD, type ProviderMove } from '../../inference/placement.js';
import { KernelCrew } from '../../kernels/kernel-crew.js';
import type { Kernels } from '../../kernels/kernel-module.js';
import { filmBytes, type FilmFormat } from '../../media/film-format.js';
import { FilmRepairer } from '../../repair/film-repairer.js';
import { readMask } from '../../repair/hole-mask.js';
import { fillTable, flickerMap, flickerReach, lightLevel, type LightLevel } from './light-levels.js';
import { ColourTrail } from './colour-trail.js';
import { GridWindow, windowLookahead } from './grid-window.js';
import { NativePictures } from './native-pictures.js';
import { PictureRing } from './picture-ring.js';
import type { PictureStore } from './picture-store.js';
import type { ReferenceColours } from './reference-colours.js';
import type { Segment } from './segment.js';

/** Pictures over which the running average of the noise filter settles. */
const DENOISE_LEAD = 30;
/** Long side of the small copy where no network asks for another, for the light alone. */
const LIGHT_SIZE = 256;

/** What a segment's pictures go through. */
export interface SegmentStages {
  readonly recipe: Recipe;
  /** 0 leaves the pictures as they are, 1 is the recipe's full effect. */
  readonly strength: number;
  readonly format: FilmFormat;
  readonly frameRate: number;
  /** Picture of what is always to be filled in, white on black, or null. */
  readonly mask: string | null;
}

/** Where a segment's networks run. */
export interface SegmentNetworks {
  /** One thread of the CPU for networks that are not named. */
  readonly places: NetworkPlaces;
  /** Called when one has to go on elsewhere. */
  readonly moved: (move: ProviderMove) => void;
}

/** Networks of the stages that have one. */
interface Sessions {
  readonly network: NetworkSession | null;
  /** The same network once more, for whole pictures. */
  readonly native: NetworkSession | null;
  readonly repair: NetworkSession | null;
}

/** Takes the finished pictures in order. */
export interface PictureSink {
  /** address: a picture of the film's format in the processor's memory; original: it as it came, 8 bits. */
  write(number: number, address: number, original: FrameView): void;
}

/**
 * Brings the pictures of a segment through the stages of a recipe. What stages need from beyond the segment they get from
 * pictures of the same shot before and after, so that the result does not depend on where segments begin.
 */
export class SegmentProcessor {
  readonly memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #stages: SegmentStages;
  readonly #sessions: Sessions;
  readonly #network: GridWindow | null;
  readonly #native: NativePictures | null;
  readonly #identity: BilateralGrid | null;
  readonly #denoise: { readonly stage: DenoiseStage; readonly filter: TemporalDenoiser } | null;
  readonly #deflicker: DeflickerStage | null;
  readonly #repairer: FilmRepairer | null;
  readonly #trail: { readonly colours: ColourTrail; readonly share: number } | null;
  /** Pictures before a segment that are finished without being shown, for what remembers the ones before. */
  readonly #lead: number;
  readonly #working: WorkingPicture;
  readonly #ring: PictureRing;
  readonly #output: FrameView;
  readonly #table: number;
  /** Pictures that must be known beyond one before it is finished, and before it. */
  readonly #ahead: number;
  readonly #behind: number;
  readonly #levels = new Map<number, LightLevel>();

  private constructor(stages: SegmentStages, sessions: Sessions) {
    const { recipe, format, frameRate } = stages;
    const denoise = stageOf(recipe, 'temporal-denoise');
    const network = stageOf(recipe, 'network');
    this.#stages = stages;
    this.#sessions = sessions;
    const repair = stageOf(recipe, 'repair');
    this.#deflicker = stageOf(recipe, 'deflicker');
    const size = network
      ? networkSize(format, network.workingSize, findCard(network.model))
      : workingSize(format, LIGHT_SIZE);
    this.#ahead = Math.max(
      network ? windowLookahead(network, frameRate) : 0,
      this.#deflicker ? flickerReach(this.#deflicker, frameRate) : 0,
    );
    const follow = network?.follow ?? 0;
    this.#lead = Math.max(denoise ? DENOISE_LEAD : 0, ColourTrail.lead(follow));
    this.#behind = this.#ahead + this.#lead;
    const capacity = this.#ahead + 4;
    const geometry = gridGeometry(format, [1, 1, 2]);
    const bytes =
      PictureRing.bytes(format, capacity) +
      filmBytes(format) +
      (network ? GridWindow.bytes(network, format, frameRate) : BilateralGrid.bytes(geometry, format)) +
      (network && sessions.native ? NativePictures.bytes(network, format) : 0) +
      (denoise ? TemporalDenoiser.bytes(format) : 0) +
      (repair ? FilmRepairer.bytes(format) : 0) +
      (follow > 0 ? ColourTrail.bytes(format) : 0) +
      size.width * size.height * 12 +
      format.width * 2 +
      65536;
    const arena = SharedArena.create(bytes);
    // A film has a process for each core: none of them has helpers.
    const crew = new KernelCrew(arena.memory, 0);
    const { kernels } = crew;
    this.#arena = arena;
    this.#kernels = kernels;
    this.memory = arena.memory;
    this.#working = new WorkingPicture(kernels, arena, size, format.width);
    this.#network =
      network && sessions.network
        ? new GridWindow(crew, arena, sessions.network, this.#working, network, format, frameRate)
        : null;
    this.#native =
      network && sessions.native ? new NativePictures(kernels, arena, sessions.native, network, format) : null;
    this.#identity = this.#network || !denoise ? null : new BilateralGrid(crew, arena, geometry, format, size);
    this.#denoise = denoise ? { stage: denoise, filter: new TemporalDenoiser(crew, arena, format) } : null;
    this.#repairer = repair ? new FilmRepairer(kernels, arena, format, repair, sessions.repair, format) : null;
    this.#trail = follow > 0 ? { colours: new ColourTrail(kernels, arena, format), share: follow } : null;
    this.#ring = new PictureRing(arena, format, capacity);
    this.#output = frameAt(arena.allocate((format.width * format.height * 3) / 2 + 64), format.width, format.height);
    this.#table = arena.allocate(256);
  }

  /** Loads the recipe's networks. Throws AfterglowError `model-missing`, `model-broken` or `pipeline-invalid`. */
  static async open(
    stages: SegmentStages,
    { places, moved }: SegmentNetworks = { places: {}, moved: () => undefined },
  ): Promise<SegmentProcessor> {
    const { recipe, format, mask } = stages;
    const network = stageOf(recipe, 'network');
    const repair = stageOf(recipe, 'repair');
    if (mask !== null) requireRepair(recipe);
    const open = (model: string, picture: Size, longSide: number): Promise<NetworkSession> => {
      const placements = places[model];
      const size = networkSize(picture, longSide, findCard(model));
      return NetworkSession.open(model, size, { moved, ...(placements ? { placements } : {}) });
    };
    const openTiles = (model: string): Promise<NetworkSession> => {
      const placements = places[model] ?? ONE_THREAD;
      const size = NativeNetwork.tileSize(format, findCard(model), placements[0].provider === 'cpu');
      return NetworkSession.open(model, size, { moved, placements });
    };
    const processor = new SegmentProcessor(stages, {
      network: network ? await open(network.model, format, network.workingSize) : null,
      native: network?.native ? await openTiles(nativeModelOf(network)) : null,
      repair: repair ? await open(repair.model, { width: CROP, height: CROP }, CROP) : null,
    });
    if (mask !== null) processor.#repairer?.setMask(await readMask(mask, format));
    return processor;
  }

  /** Processes a segment. store: gives the film's pictures; reference: colours for the shot, or null. */
  async run(
    segment: Segment,
    store: PictureStore,
    reference: ReferenceColours | null,
    sink: PictureSink,
  ): Promise<void> {
    const { shotFirst, shotEnd } = segment;
    // One more on each side, for stages that compare a picture with its neighbours.
    const start = Math.max(shotFirst, segment.first - this.#behind - 1);
    const stop = Math.min(shotEnd, segment.end + this.#ahead + 1);
    const known = start === shotFirst ? start : start + 1;
    const last = stop === shotEnd ? stop : stop - 1;
    this.#levels.clear();
    this.#network?.reset();
    // With its noise: it must not matter which segments this process has made before.
    this.#denoise?.filter.forget();
    this.#trail?.colours.reset();
    const settled = Math.max(known, segment.first - this.#lead);
    let [studied, finished] = [known, settled];
    store.begin(start);
    for (let number = start; number < stop; number++) {
      this.#load(number, store);
      const isLast = number + 1 === stop;
      // A picture's next one must be there, unless nothing comes after it.
      const comparable = isLast ? last : Math.min(number, last);
      for (; studied < comparable; studied++) await this.#study(studied, segment, reference);
      const ready = isLast ? segment.end : Math.min(segment.end, number - this.#ahead);
      for (; finished < ready; finished++)
        await this.#finish(finished, segment, finished >= segment.first ? sink : null);
    }
  }

  /** Frees the networks. */
  async close(): Promise<void> {
    await this.#sessions.network?.close();
    await this.#sessions.native?.close();
    await this.#sessions.repair?.close();
  }

  #load(number: number, store: PictureStore): void {
    const picture = this.#ring.at(number);
    const { format } = this.#stages;
    const { original, fine } = picture;
    const samples = (format.width * format.height * 3) / 2;
    if (fine === null) {
      store.read(number, this.#arena.bytes(original.y, samples));
    } else {
      store.read(number, this.#arena.bytes(fine, samples * 2));
      this.#kernels.narrowTen(fine, original.y, samples);
    }
  }

  /** Repairs a picture whose neighbours are known, and learns what it says of light and colour. */
  async #study(number: number, segment: Segment, reference: ReferenceColours | null): Promise<void> {
    const { original, current } = this.#ring.at(number);
    const { format, strength } = this.#stages;
    const bytes = (format.width * format.height * 3) / 2;
    if (this.#repairer && strength > 0) {
      const neighbour = (n: number): FrameView | null => {
        const isThere = n >= segment.shotFirst && n < segment.shotEnd;
        return isThere ? this.#ring.at(n).original : null;
      };
      await this.#repairer.repair(neighbour(number - 1), original, neighbour(number + 1), current);
      if (strength < 1) blend(this.#arena.bytes(original.y, bytes), this.#arena.bytes(current.y, bytes), strength);
    } else {
      this.#arena.bytes(current.y, bytes).set(this.#arena.bytes(original.y, bytes));
    }
    const inShot = number - segment.shotFirst;
    const isDue = this.#network?.isDue(inShot) ?? false;
    if (!isDue && !this.#deflicker) return;
    this.#working.fill(current);
    const { width, height } = this.#working.size;
    if (this.#deflicker) this.#levels.set(number, lightLevel(this.#arena.float32(this.#working.y, width * height)));
    if (isDue) await this.#network?.ask(inShot, format, reference);
  }

  async #finish(number: number, segment: Segment, sink: PictureSink | null): Promise<void> {
    const { strength, format, frameRate } = this.#stages;
    const { current, original, fine } = this.#ring.at(number);
    const samples = (format.width * format.height * 3) / 2;
    if (this.#deflicker) {
      const stage = { ...this.#deflicker, strength: this.#deflicker.strength * strength };
      fillTable(this.#arena.bytes(this.#table, 256), flickerMap(this.#levels, number, stage, frameRate));
      this.#kernels.mapLevels(current.y, format.width * format.height, this.#table);
      this.#levels.delete(number - this.#ahead - 1);
    }
    this.#network?.aim(number - segment.shotFirst);
    this.#denoise?.filter.add(current, format, this.#denoise.stage.strength * strength);
    const grid = this.#network?.grid ?? this.#identity;
    if (!sink && !this.#trail) return;
    const denoised = this.#denoise?.filter.frame ?? null;
    grid?.slice(current, denoised, this.#output, format, strength);
    await this.#native?.add(current, denoised, this.#output, format, strength);
    const done = grid ? this.#output : current;
    this.#trail?.colours.follow(done, this.#trail.share * strength);
    if (!sink) return;
    if (fine !== null) this.#kernels.widenChanges(fine, done.y, samples);
    sink.write(number, fine ?? done.y, original);
  }
}

function stageOf(recipe: Recipe, name: 'temporal-denoise'): DenoiseStage | null;
function stageOf(recipe: Recipe, name: 'network'): NetworkStage | null;
function stageOf(recipe: Recipe, name: 'deflicker'): DeflickerStage | null;
function stageOf(recipe: Recipe, name: 'repair'): RepairStage | null;
function stageOf(recipe: Recipe, name: string): Recipe['stages'][number] | null {
  return recipe.stages.find(({ stage }) => stage === name) ?? null;
}

/** Takes back a share of what was done to a picture. */
function blend(before: Uint8Array, after: Uint8Array, strength: number): void {
  before.forEach((old, i) => {
    const now = after[i] ?? 0;
    if (now !== old) after[i] = Math.round(old + strength * (now - old));
  });
}
