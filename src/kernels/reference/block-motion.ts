/** A padded level of luma; what lies outside repeats its edge. */
export interface Level {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Vectors x and y of blocks, row by row. */
export type Field = readonly (readonly [x: number, y: number])[];

const MARGIN = 32;
const LIMIT = 31;
const FAR = 24;
const SLACK = 256;

const hold = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The plain form of padPlane, without a margin. */
export function padPlane(level: Level, width: number, height: number, gain: number, bias: number): Level {
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const value = at(level, i % width, Math.floor(i / width));
    return hold((value * gain + bias * 256 + 128) >> 8, 0, 255);
  });
  return { data, width, height };
}

/** The plain form of halvePlane. */
export function halvePlane(level: Level): Level {
  const [width, height] = [level.width / 2, level.height / 2];
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [2 * (i % width), 2 * Math.floor(i / width)];
    const column = (cx: number): number => (at(level, cx, y) + at(level, cx, y + 1) + 1) >> 1;
    return (column(x) + column(x + 1) + 1) >> 1;
  });
  return { data, width, height };
}

function at(level: Level, x: number, y: number): number {
  return level.data[hold(y, 0, level.height - 1) * level.width + hold(x, 0, level.width - 1)] ?? 0;
}

/** A level between its pixels, in half pixels. */
function between(level: Level, hx: number, hy: number): number {
  const [x, y] = [hx >> 1, hy >> 1];
  const [right, down] = [hx & 1, hy & 1];
  const row = (cy: number): number => (at(level, x, cy) + at(level, x + right, cy) + 1) >> 1;
  return (row(y) + row(y + down) + 1) >> 1;
}

function isWithin(level: Level, left: number, top: number, size: number): boolean {
  return left > -MARGIN && top > -MARGIN && left + size < level.width + MARGIN && top + size < level.height + MARGIN;
}

/** Sum over a block of the limited differences of two values. */
function sad(x: number, y: number, size: number, a: Sample, b: Sample): number {
  let sum = 0;
  for (let dy = 0; dy < size; dy++) {
    for (let dx = 0; dx < size; dx++) sum += Math.min(LIMIT, Math.abs(a(x + dx, y + dy) - b(x + dx, y + dy)));
  }
  return sum;
}

type Sample = (x: number, y: number) => number;

const whole =
  (level: Level, [vx, vy]: readonly [number, number]): Sample =>
  (x, y) =>
    at(level, x + vx, y + vy);
const half =
  (level: Level, [vx, vy]: readonly [number, number]): Sample =>
  (x, y) =>
    between(level, 2 * x + vx, 2 * y + vy);

function distance(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.min(FAR, Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]));
}

function median(a: number, b: number, c: number): number {
  return [a, b, c].sort((p, q) => p - q)[1] ?? 0;
}

/** Keeps the candidate with the lowest score, of equals the first; those without a score are left out. */
class Best {
  vector: [number, number] = [0, 0];
  score = Infinity;

  add(vector: readonly [number, number], score: number | null): void {
    if (score === null || score >= this.score) return;
    this.score = score;
    this.vector = [vector[0], vector[1]];
  }
}

const ROUND = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [x, y] as const));

function pulled(field: Field, columns: number, column: number, row: number, own: readonly [number, number]) {
  const [left, above] = [field[row * columns + column - 1], field[(row - 1) * columns + column]];
  if (column === 0 || row === 0 || !left || !above) return own;
  return [median(own[0], left[0], above[0]), median(own[1], left[1], above[1])] as const;
}

/** The plain form of searchBlocks. */
export function searchBlocks(cur: Level, ref: Level, reach: number, weight: number): Field {
  const columns = cur.width / 8;
  const field: [number, number][] = [];
  for (let i = 0; i < columns * (cur.height / 8); i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const pull = pulled(field, columns, column, row, [0, 0]);
    const best = new Best();
    const attempt = (v: readonly [number, number]): void => best.add(v, score8(cur, ref, column, row, v, pull, weight));
    attempt(pull);
    for (let y = -reach; y <= reach; y += 2) for (let x = -reach; x <= reach; x += 2) attempt([x, y]);
    const [x, y] = best.vector;
    for (const [dx, dy] of ROUND) attempt([x + dx, y + dy]);
    field.push(best.vector);
  }
  return field;
}

function score8(
  cur: Level,
  ref: Level,
  column: number,
  row: number,
  v: readonly [number, number],
  pull: readonly [number, number],
  weight: number,
): number | null {
  const [x, y] = [column * 8, row * 8];
  if (!isWithin(ref, x + v[0], y + v[1], 8)) return null;
  return sad(x, y, 8, whole(cur, [0, 0]), whole(ref, v)) + weight * distance(v, pull);
}

/** The plain form of refineBlocks. */
export function refineBlocks(cur: Level, ref: Level, coarse: Field, coarseColumns: number, weight: number): Field {
  const columns = cur.width / 8;
  const coarseRows = coarse.length / coarseColumns;
  const field: [number, number][] = [];
  for (let i = 0; i < columns * (cur.height / 8); i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [px, py] = [column >> 1, row >> 1];
    const side = hold(px + ((column & 1) << 1) - 1, 0, coarseColumns - 1);
    const near = hold(py + ((row & 1) << 1) - 1, 0, coarseRows - 1);
    const of = (x: number, y: number): readonly [number, number] => {
      const [vx, vy] = coarse[y * coarseColumns + x] ?? [0, 0];
      return [2 * vx, 2 * vy];
    };
    const pull = pulled(field, columns, column, row, of(px, py));
    const best = new Best();
    const attempt = (v: readonly [number, number] | undefined): void => {
      if (v) best.add(v, score8(cur, ref, column, row, v, pull, weight));
    };
    [pull, of(px, py), of(side, py), of(px, near)].forEach(attempt);
    if (column > 0) attempt(field[i - 1]);
    if (row > 0) attempt(field[i - columns]);
    attempt([0, 0]);
    const [x, y] = best.vector;
    for (const [dx, dy] of ROUND) attempt([x + dx, y + dy]);
    field.push(best.vector);
  }
  return field;
}

function sad16(cur: Level, ref: Level, column: number, row: number, v: readonly [number, number]): number | null {
  const [x, y] = [column * 16, row * 16];
  if (!isWithin(ref, x + (v[0] >> 1), y + (v[1] >> 1), 16)) return null;
  return sad(x, y, 16, whole(cur, [0, 0]), half(ref, v));
}

/** Summed distance of a vector from those of the four blocks around. */
function pullAround(field: Field, columns: number, i: number, v: readonly [number, number]): number {
  const [column, row, rows] = [i % columns, Math.floor(i / columns), field.length / columns];
  const of = (x: number, y: number): readonly [number, number] =>
    field[hold(y, 0, rows - 1) * columns + hold(x, 0, columns - 1)] ?? [0, 0];
  const around = [of(column - 1, row), of(column + 1, row), of(column, row - 1), of(column, row + 1)];
  return around.reduce((sum, other) => sum + distance(v, other), 0);
}

/** The plain form of finishBlocks. */
export function finishBlocks(cur: Level, ref: Level, coarse: Field, weight: number): Field {
  const columns = cur.width / 16;
  const rows = cur.height / 16;
  const field: [number, number][] = [];
  for (let i = 0; i < columns * rows; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [cx, cy] = coarse[i] ?? [0, 0];
    const parent = [4 * cx, 4 * cy] as const;
    const pull = pulled(field, columns, column, row, parent);
    const best = new Best();
    const attempt = (v: readonly [number, number] | undefined): void => {
      const score = v ? sad16(cur, ref, column, row, v) : null;
      if (v && score !== null) best.add(v, score + weight * distance(v, pull));
    };
    [pull, parent].forEach(attempt);
    if (column > 0) attempt(field[i - 1]);
    if (row > 0) attempt(field[i - columns]);
    for (const step of [2, 1]) {
      const [x, y] = best.vector;
      for (const [dx, dy] of ROUND) if (dx !== 0 || dy !== 0) attempt([x + step * dx, y + step * dy]);
    }
    field.push(best.vector);
  }
  for (let i = field.length - 1; i >= 0; i--) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const best = new Best();
    const attempt = (v: readonly [number, number]): void => {
      const score = sad16(cur, ref, column, row, v);
      if (score !== null) best.add(v, score + weight * pullAround(field, columns, i, v));
    };
    attempt(field[i] ?? [0, 0]);
    for (const [dx, dy] of ROUND) {
      if (column + dx < 0 || column + dx >= columns || row + dy < 0 || row + dy >= rows) continue;
      attempt(field[i + dy * columns + dx] ?? [0, 0]);
    }
    field[i] = best.vector;
  }
  return field;
}

/** The plain form of pairBlocks. */
export function pairBlocks(
  cur: Level,
  prev: Level,
  next: Level,
  toPrev: Field,
  toNext: Field,
  weight: number,
): [toPrev: Field, toNext: Field] {
  const columns = cur.width / 16;
  const rows = cur.height / 16;
  const [fieldA, fieldB] = [[...toPrev], [...toNext]];
  for (let i = 0; i < fieldA.length; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [ownA, ownB] = [fieldA[i] ?? ([0, 0] as const), fieldB[i] ?? ([0, 0] as const)];
    const of = (dx: number, dy: number): [readonly [number, number], readonly [number, number]] => {
      const near = hold(row + dy, 0, rows - 1) * columns + hold(column + dx, 0, columns - 1);
      return [fieldA[near] ?? [0, 0], fieldB[near] ?? [0, 0]];
    };
    const candidates = [
      [ownA, ownB],
      [ownA, [-ownA[0], -ownA[1]]],
      [[-ownB[0], -ownB[1]], ownB],
      of(-1, 0),
      of(1, 0),
      of(0, -1),
      of(0, 1),
    ] as const;
    let [score, largest, chosen] = [Infinity, Infinity, null as number | null];
    candidates.forEach(([a, b], n) => {
      const [before, after] = [sad16(cur, prev, column, row, a), sad16(cur, next, column, row, b)];
      if (before === null || after === null) return;
      const both = before + after;
      if (n === 0) largest = both + Math.floor(both / 4) + SLACK;
      if (both > largest) return;
      const gap = sad(column * 16, row * 16, 16, half(prev, a), half(next, b));
      const pull = pullAround(fieldA, columns, i, a) + pullAround(fieldB, columns, i, b);
      if (both + gap + weight * pull >= score) return;
      [score, chosen] = [both + gap + weight * pull, n];
    });
    const pair = chosen === null ? undefined : candidates[chosen];
    if (pair) [fieldA[i], fieldB[i]] = pair;
  }
  return [fieldA, fieldB];
}

/** The plain form of splitBlocks. */
export function splitBlocks(cur: Level, ref: Level, blocks: Field, cost: number): Field {
  const columns = cur.width / 16;
  const rows = cur.height / 16;
  return Array.from({ length: columns * rows * 4 }, (_, i) => {
    const [column, row] = [i % (2 * columns), Math.floor(i / (2 * columns))];
    const [home, line] = [column >> 1, row >> 1];
    const side = hold(home + ((column & 1) << 1) - 1, 0, columns - 1);
    const near = hold(line + ((row & 1) << 1) - 1, 0, rows - 1);
    const best = new Best();
    const places = [[home, line], [side, line], [home, near], [side, near]] as const; // prettier-ignore
    places.forEach(([x, y], n) => {
      const v = blocks[y * columns + x] ?? [0, 0];
      if (!isWithin(ref, column * 8 + (v[0] >> 1), row * 8 + (v[1] >> 1), 8)) return;
      best.add(v, sad(column * 8, row * 8, 8, whole(cur, [0, 0]), half(ref, v)) + (n === 0 ? 0 : cost));
    });
    return best.vector;
  });
}

/** The plain form of compensatePlane. */
export function compensatePlane(ref: Level, blocks: Field): Uint8Array {
  const columns = ref.width / 8;
  return Uint8Array.from({ length: ref.width * ref.height }, (_, i) => {
    const [x, y] = [i % ref.width, Math.floor(i / ref.width)];
    const [vx, vy] = blocks[(y >> 3) * columns + (x >> 3)] ?? [0, 0];
    return between(ref, 2 * x + vx, 2 * y + vy);
  });
}
