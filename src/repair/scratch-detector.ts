import type { FrameView } from '../enhance/frame-view.js';
import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { NeighbourMatch } from './neighbour-match.js';

/** Rows that are averaged together: texture goes, an upright line stays. */
const BAND = 16;
/** Lines are at most this share of the picture's width wide, and at least two pixels. */
const WIDEST = 1 / 400;
/** A line stands out by so many levels at a sensitivity of 0, by so many less at 1, and by so many times its band's detail. */
const LEVELS = 14;
const LEVELS_SPAN = 8;
const PROMINENCE = 5;
/** Pixels that a line may move from band to band, bands that it may miss, and pixels that it may sway from straight. */
const STEP = 2;
const LONGEST_GAP = 2;
const LARGEST_SWAY = 2;
/** The share of its bands in which a line must stand out here, and in neighbours at the same place. */
const COVERAGE = 0.7;
/** What moves with the scene at least this many pixels from picture to picture is told apart from what stands. */
const MOVING = 3;
/** The share of the picture's height that a line must cover where the scene moves behind it, and where it does not. */
const LENGTH_MOVING = 0.25;
const LENGTH_STILL = 0.97;
/** Bands that a line consists of at least. */
const FEWEST = 5;

/** A line from band to band: where it is in each, or -1 where it does not stand out. */
interface Track {
  readonly sign: 1 | -1;
  readonly first: number;
  readonly places: number[];
}

/**
 * Finds upright scratches that stand in the same place over pictures, which comparing with neighbours misses: thin
 * straight lines, lighter or darker than both sides, that stay where they are while the scene behind them moves, or that
 * run from edge to edge where it does not move.
 */
export class ScratchDetector {
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #size: Size;
  readonly #bands: number;
  readonly #widest: number;
  readonly #sums: number;
  readonly #means: number;
  /** How far each band's pixels stand out to the lighter, less how far to the darker side: picture, previous, next. */
  readonly #stands: readonly [Float32Array, Float32Array, Float32Array];
  readonly #detail: Float32Array;

  constructor(kernels: Kernels, arena: SharedArena, picture: Size) {
    const { width, height } = picture;
    this.#kernels = kernels;
    this.#arena = arena;
    this.#size = picture;
    this.#bands = Math.max(1, Math.floor(height / BAND));
    this.#widest = Math.max(2, Math.round(width * WIDEST));
    this.#sums = arena.allocate(width * 2 + 64);
    this.#means = arena.allocate(width * this.#bands * 4);
    const plane = (): Float32Array => new Float32Array(width * this.#bands);
    this.#stands = [plane(), plane(), plane()];
    this.#detail = new Float32Array(this.#bands);
  }

  /** Bytes of an arena that a detector takes. */
  static bytes({ width, height }: Size): number {
    return width * 2 + width * Math.max(1, Math.floor(height / BAND)) * 4 + 256;
  }

  /**
   * Marks scratches with 1 in a mask [height, width]. Returns how many it found. previous, next: the neighbours as they
   * were matched with the picture, or null; sensitivity: 0..1.
   */
  detect(
    picture: FrameView,
    previous: NeighbourMatch | null,
    next: NeighbourMatch | null,
    sensitivity: number,
    mask: Uint8Array,
  ): number {
    const [own, before, after] = this.#stands;
    this.#measure(picture, own, this.#detail);
    const tracks = this.#follow(own, LEVELS - LEVELS_SPAN * sensitivity);
    if (tracks.length === 0) return 0;
    const others: { readonly match: NeighbourMatch; readonly stands: Float32Array }[] = [];
    for (const [match, stands] of [
      [previous, before],
      [next, after],
    ] as const) {
      if (!match?.frame) continue;
      this.#measure(match.frame, stands, null);
      others.push({ match, stands });
    }
    let found = 0;
    for (const track of tracks) {
      if (!this.#isScratch(track, others)) continue;
      this.#mark(track, own, mask);
      found++;
    }
    return found;
  }

  /** How far each pixel of a band stands out between its sides. detail: mean of it by band, or null. */
  #measure(picture: FrameView, stands: Float32Array, detail: Float32Array | null): void {
    const { width } = this.#size;
    const bands = this.#bands;
    this.#kernels.downsamplePlane(
      picture.y, picture.lumaStride, width, bands * BAND, this.#means, width, bands, this.#sums,
    ); // prettier-ignore
    const means = this.#arena.float32(this.#means, width * bands);
    const reach = this.#widest;
    for (let band = 0; band < bands; band++) {
      const row = band * width;
      let sum = 0;
      for (let x = 0; x < width; x++) {
        // A thin line has something darker, or lighter, within reach on both sides.
        let [lowLeft, lowRight, highLeft, highRight] = [Infinity, Infinity, -Infinity, -Infinity];
        for (let d = 1; d <= reach; d++) {
          const a = means[row + Math.max(0, x - d)] ?? 0;
          const b = means[row + Math.min(width - 1, x + d)] ?? 0;
          if (a < lowLeft) lowLeft = a;
          if (a > highLeft) highLeft = a;
          if (b < lowRight) lowRight = b;
          if (b > highRight) highRight = b;
        }
        const own = means[row + x] ?? 0;
        const light = own - Math.max(lowLeft, lowRight);
        const dark = Math.min(highLeft, highRight) - own;
        const line = light > Math.max(0, dark) ? light : dark > 0 ? -dark : 0;
        // Beside an edge, or the frame of the picture, the sides differ by more than the line.
        const left = means[row + Math.max(0, x - reach - 1)] ?? 0;
        const right = means[row + Math.min(width - 1, x + reach + 1)] ?? 0;
        const value = Math.abs(left - right) > Math.abs(line) ? 0 : line;
        stands[row + x] = value;
        sum += Math.abs(value);
      }
      if (detail) detail[band] = sum / width;
    }
  }

  /** Lines of places that stand out, band by band. */
  #follow(stands: Float32Array, levels: number): Track[] {
    const { width } = this.#size;
    const done: Track[] = [];
    let open: Track[] = [];
    for (let band = 0; band < this.#bands; band++) {
      const limit = Math.max(levels, PROMINENCE * (this.#detail[band] ?? 0));
      const row = band * width;
      const going = open;
      open = [];
      const taken = new Set<number>();
      for (const track of going) {
        const last = lastOf(track.places);
        let best = -1;
        for (let x = Math.max(1, last - STEP); x <= Math.min(width - 2, last + STEP); x++) {
          const value = track.sign * (stands[row + x] ?? 0);
          if (value > limit / 2 && (best < 0 || value > track.sign * (stands[row + best] ?? 0))) best = x;
        }
        if (best >= 0 && taken.has(best)) best = -1;
        if (best >= 0) taken.add(best);
        track.places.push(best);
        const isLost = track.places.slice(-LONGEST_GAP - 1).every((x) => x < 0);
        (isLost ? done : open).push(track);
      }
      for (let x = 1; x < width - 1; x++) {
        const value = stands[row + x] ?? 0;
        if (Math.abs(value) <= limit || taken.has(x)) continue;
        open.push({ sign: value > 0 ? 1 : -1, first: band, places: [x] });
      }
    }
    return [...done, ...open].filter(
      ({ places }) => places.filter((x) => x >= 0).length >= Math.max(FEWEST, COVERAGE * trimmed(places)),
    );
  }

  #isScratch(
    track: Track,
    others: readonly { readonly match: NeighbourMatch; readonly stands: Float32Array }[],
  ): boolean {
    const length = trimmed(track.places);
    if (others.length === 0 || length < LENGTH_MOVING * this.#bands || sway(track.places) > LARGEST_SWAY) return false;
    let isMoving = true;
    for (const { match, stands } of others) {
      let [bands, here, moved, motion] = [0, 0, 0, 0];
      track.places.forEach((x, n) => {
        if (x < 0) return;
        const band = track.first + n;
        const vx = this.#motionAround(match, x, band);
        bands++;
        motion += Math.abs(vx);
        if (this.#standsOut(stands, track, x, band)) here++;
        if (this.#standsOut(stands, track, x + Math.round(vx), band)) moved++;
      });
      if (here < COVERAGE * bands) return false;
      if (motion / bands < MOVING || moved > (1 - COVERAGE) * bands) isMoving = false;
    }
    return isMoving || length >= LENGTH_STILL * this.#bands;
  }

  /** Whether a neighbour has the line at a place too. */
  #standsOut(stands: Float32Array, track: Track, x: number, band: number): boolean {
    const { width } = this.#size;
    const limit = (LEVELS - LEVELS_SPAN) / 2;
    for (let near = Math.max(0, x - 1); near <= Math.min(width - 1, x + 1); near++) {
      if (track.sign * (stands[band * width + near] ?? 0) > limit) return true;
    }
    return false;
  }

  /** Motion across, in pixels, of the scene beside a line: that of blocks that the line itself does not touch. */
  #motionAround({ motion }: NeighbourMatch, x: number, band: number): number {
    const { vectors, columns, rows } = motion;
    const row = Math.min(rows - 1, (band * BAND + BAND / 2) >> 3) * columns;
    const side = (column: number): number => vectors[2 * (row + Math.min(columns - 1, Math.max(0, column)))] ?? 0;
    return (side((x >> 3) - 3) + side((x >> 3) + 3)) / 4;
  }

  /** Marks the pixels of a line, its soft edges included, from band to band. */
  #mark({ sign, first, places }: Track, stands: Float32Array, mask: Uint8Array): void {
    const { width, height } = this.#size;
    let last = places.find((x) => x >= 0) ?? 0;
    for (let n = 0; n < trimmed(places); n++) {
      const x = places[n] ?? -1;
      const isSeen = x >= 0;
      const row = (first + n) * width;
      if (isSeen) last = x;
      const level = isSeen ? (sign * (stands[row + x] ?? 0)) / 3 : Infinity;
      let [left, right] = [last, last];
      while (left > 0 && last - left < this.#widest && sign * (stands[row + left - 1] ?? 0) > level) left--;
      while (right < width - 1 && right - last < this.#widest && sign * (stands[row + right + 1] ?? 0) > level) right++;
      // The last band reaches to the picture's edge where the height is no multiple of a band.
      const bottom = first + n === this.#bands - 1 ? height : (first + n + 1) * BAND;
      for (let y = (first + n) * BAND; y < bottom; y++) {
        mask.fill(1, y * width + Math.max(0, left - 1), y * width + Math.min(width, right + 2));
      }
    }
  }
}

/** The last place of a line that was seen. */
function lastOf(places: readonly number[]): number {
  for (let n = places.length - 1; n >= 0; n--) {
    const x = places[n] ?? -1;
    if (x >= 0) return x;
  }
  return 0;
}

/** How many bands a line has without those missed at its end. */
function trimmed(places: readonly number[]): number {
  let length = places.length;
  while (length > 0 && (places[length - 1] ?? -1) < 0) length--;
  return length;
}

/** Mean distance of a line's places from the straight line through its ends. */
function sway(places: readonly number[]): number {
  const length = trimmed(places);
  const from = places[0] ?? 0;
  const slope = length > 1 ? ((places[length - 1] ?? 0) - from) / (length - 1) : 0;
  let [sum, count] = [0, 0];
  for (let n = 0; n < length; n++) {
    const x = places[n] ?? -1;
    if (x < 0) continue;
    sum += Math.abs(x - from - slope * n);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
