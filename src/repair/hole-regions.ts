/** A rectangle of a picture whose holes are filled together, and the square around it that is looked at. */
export interface HoleRegion {
  /** What is filled. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Side of the square that is looked at, in pixels of the picture. */
  readonly side: number;
}

/** A hole is large if, on average, it is thicker than this share of a crop. */
const LARGE = 3 / 8;

/**
 * Divides holes into regions for crops of `crop` pixels. Small holes near each other share a region of half a crop; thin
 * long ones are cut into several; a large one is a region of its own, looked at from further away.
 */
export function holeRegions(mask: Uint8Array, width: number, height: number, crop: number): HoleRegion[] {
  const large: HoleRegion[] = [];
  const small = mask.slice();
  for (const hole of connected(mask, width, height)) {
    const [across, down] = [hole.right - hole.left, hole.bottom - hole.top];
    if (hole.pixels.length / Math.max(across, down) <= LARGE * crop) continue;
    for (const i of hole.pixels) small[i] = 0;
    large.push({ ...hole, side: Math.max(crop, 2 * Math.max(across, down)) });
  }
  return [...cells(small, width, height, crop), ...large];
}

/** Regions of half a crop, each beginning at the first hole that is left, from top to bottom. */
function cells(mask: Uint8Array, width: number, height: number, crop: number): HoleRegion[] {
  const half = crop >> 1;
  const regions: HoleRegion[] = [];
  for (let top = 0; top < height; top++) {
    for (let left = 0; left < width; left++) {
      if (mask[top * width + left] !== 1) continue;
      // Holes of the rows below may reach to the left of this one.
      const start = Math.max(0, left - (half >> 2));
      const [right, bottom] = [Math.min(width, start + half), Math.min(height, top + half)];
      for (let y = top; y < bottom; y++) mask.fill(0, y * width + start, y * width + right);
      regions.push({ left: start, top, right, bottom, side: crop });
    }
  }
  return regions;
}

interface Hole {
  readonly pixels: readonly number[];
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels that touch each other, corners included, with the rectangle around them. */
function connected(mask: Uint8Array, width: number, height: number): Hole[] {
  const rest = mask.slice();
  const holes: Hole[] = [];
  for (let start = rest.indexOf(1); start >= 0; start = rest.indexOf(1, start + 1)) {
    const pixels = [start];
    rest[start] = 0;
    let [left, right, top, bottom] = [width, 0, height, 0];
    // The list grows while it is walked.
    for (const i of pixels) {
      const [x, y] = [i % width, Math.floor(i / width)];
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (rest[next] !== 1) continue;
          rest[next] = 0;
          pixels.push(next);
        }
      }
    }
    holes.push({ pixels, left, top, right, bottom });
  }
  return holes;
}
