import type { NetworkStage } from '../config/recipe.js';
import { gridGeometry } from '../enhance/grid-geometry.js';
import { NetworkAdapter } from '../enhance/network-adapter.js';
import { PhotoGrid, type PhotoShape } from '../enhance/photo-grid.js';
import type { StageClock } from '../enhance/stage-clock.js';
import { networkSize, type Size } from '../enhance/working-size.js';
import { SharedArena } from '../frames/shared-arena.js';
import type { NetworkSession } from '../inference/network-session.js';
import { KernelCrew } from '../kernels/kernel-crew.js';
import type { Picture } from './picture-file.js';
import type { PictureStage, PictureStep } from './picture-stage.js';

/** Pixels from which on threads share the work: below, handing it over takes as long. */
const SHARED_FROM = 2_000_000;

/** What is kept between pictures of the same shape. */
interface Workplace {
  readonly key: string;
  readonly size: Size;
  readonly crew: KernelCrew;
  readonly grid: PhotoGrid;
  readonly adapter: NetworkAdapter;
}

/** A network stage over pictures: the network sees a small copy, a bilateral grid carries its work to the picture. */
export class GuidedStage implements PictureStage {
  readonly #stage: NetworkStage;
  readonly #session: NetworkSession;
  readonly #workingSize: number;
  readonly #threads: number;
  #workplace: Workplace | null = null;

  /** workingSize: long side of the small copy, in pixels. threads: that map large pictures. */
  constructor(stage: NetworkStage, session: NetworkSession, workingSize: number, threads: number) {
    this.#stage = stage;
    this.#session = session;
    this.#workingSize = workingSize;
    this.#threads = threads;
  }

  /** Enhances a picture in place. strength: 0..1. Not for concurrent calls. Throws AfterglowError `model-broken`. */
  async apply(picture: Picture, strength: number, clock: StageClock<PictureStep>): Promise<void> {
    const grid = await this.learn(picture, strength, clock);
    grid.slice(picture.pixels);
    clock.lap('slice');
  }

  /** Finds the grid for a picture; it is valid until the next call. */
  async learn(picture: Picture, strength: number, clock: StageClock<PictureStep>): Promise<PhotoGrid> {
    clock.start();
    const { grid, adapter, size } = this.#workplaceFor(picture);
    grid.downsample(picture.pixels);
    clock.lap('downsample');
    this.#session.resize(size);
    await adapter.run();
    clock.lap('network');
    grid.learn(strength, this.#stage.keepLuma);
    clock.lap('grid');
    return grid;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    const last = this.#workplace;
    this.#workplace = null;
    await last?.crew.close();
  }

  #workplaceFor({ width, height, channels, depth }: PhotoShape): Workplace {
    const key = [width, height, channels, depth].join(' ');
    if (this.#workplace?.key === key) return this.#workplace;
    const shape = { width, height, channels, depth };
    const size = networkSize(shape, this.#workingSize, this.#session.model.card);
    const [across, down, bins] = this.#stage.grid;
    const geometry = gridGeometry(shape, width < height ? [down, across, bins] : [across, down, bins]);
    void this.close();
    const threads = width * height < SHARED_FROM ? 1 : this.#threads;
    const arena = SharedArena.create(PhotoGrid.bytes(geometry, shape, size, threads));
    const crew = new KernelCrew(arena.memory, threads - 1);
    const grid = new PhotoGrid(crew, arena, geometry, shape, size);
    const adapter = new NetworkAdapter(crew.kernels, this.#session, arena.memory, grid);
    this.#workplace = { key, size, crew, grid, adapter };
    return this.#workplace;
  }
}
