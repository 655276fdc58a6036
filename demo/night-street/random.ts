/** A small repeatable generator of random numbers (sfc32): the same seed always gives the same clip. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Seeds the generator with any whole number. */
  constructor(seed: number) {
    this.a = seed | 0;
    this.b = Math.imul(seed, 0x9e3779b1) | 0;
    this.c = Math.imul(seed ^ 0x5bd1e995, 0x85ebca6b) | 0;
    for (let warmUp = 0; warmUp < 12; warmUp++) this.next();
  }

  /** The next number, 0 <= number < 1. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }

  /** The next number, low <= number < high. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** One of the items, each as likely. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }

  /** A normally distributed number of mean 0 and standard deviation 1. */
  gaussian(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** A repeatable scattered number for three whole numbers, 0 <= number < 1. */
export function scatter(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Smooth random relief over the plane, 0..1, hills about one unit wide. */
export function relief(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const sx = fx * fx * (3 - 2 * fx);
  const sy = fy * fy * (3 - 2 * fy);
  const low = scatter(column, row, seed);
  const lowRight = scatter(column + 1, row, seed);
  const high = scatter(column, row + 1, seed);
  const highRight = scatter(column + 1, row + 1, seed);
  return (low + (lowRight - low) * sx) * (1 - sy) + (high + (highRight - high) * sx) * sy;
}

/** Relief of several sizes summed (each half as wide and half as high as the one before), 0..1. */
export function roughRelief(x: number, y: number, octaves: number, seed: number): number {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * relief(x, y, seed + octave);
    total += weight;
    // Turned as well as shrunk, so that the grids of the octaves do not line up.
    const turned = 1.6 * x - 1.2 * y;
    y = 1.2 * x + 1.6 * y;
    x = turned;
    weight *= 0.5;
  }
  return sum / total;
}
