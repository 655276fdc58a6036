/**
 * A point (metres) or a direction in the street: x to the right across it, y up, z along it, away from the camera.
 * Colours use the same shape: x red, y green, z blue, linear light.
 */
export interface Vec3 {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Makes a vector of its three parts. */
export function vec(x: number, y: number, z: number): Vec3 {
  return { x, y, z };
}

/** The sum a + b. */
export function add(a: Vec3, b: Vec3): Vec3 {
  return { x: a.x + b.x, y: a.y + b.y, z: a.z + b.z };
}

/** The difference a - b. */
export function subtract(a: Vec3, b: Vec3): Vec3 {
  return { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
}

/** The vector a made `factor` times as long. */
export function scale(a: Vec3, factor: number): Vec3 {
  return { x: a.x * factor, y: a.y * factor, z: a.z * factor };
}

/** The dot product of a and b. */
export function dot(a: Vec3, b: Vec3): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

/** The cross product a × b. */
export function cross(a: Vec3, b: Vec3): Vec3 {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

/** The length of a. */
export function length(a: Vec3): number {
  return Math.sqrt(dot(a, a));
}

/** The unit vector along a; a zero vector gives straight up. */
export function normalize(a: Vec3): Vec3 {
  const size = length(a);
  return size > 1e-12 ? scale(a, 1 / size) : vec(0, 1, 0);
}

/** The point a fraction t (0..1) of the way from a to b. */
export function mix(a: Vec3, b: Vec3, t: number): Vec3 {
  return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t, z: a.z + (b.z - a.z) * t };
}

/** x held within low..high. */
export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

/** The number a fraction t of the way from a to b. */
export function lerp(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** 0 below `low`, 1 above `high`, a smooth S between them. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = clamp((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

/** The height at x of the line through `points` ([x, height], x rising), flat beyond its ends. */
export function along(points: readonly (readonly [number, number])[], x: number): number {
  let previous = points[0];
  for (const point of points) {
    if (previous !== undefined && x < point[0]) {
      const span = point[0] - previous[0];
      return span > 0 ? lerp(previous[1], point[1], Math.max(0, x - previous[0]) / span) : point[1];
    }
    previous = point;
  }
  return previous === undefined ? 0 : previous[1];
}
