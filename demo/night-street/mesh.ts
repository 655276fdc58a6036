import { add, cross, normalize, scale, subtract, vec, type Vec3 } from './vector.js';

/** Triangles: per triangle three corners (9 numbers, metres), three unit corner normals (9) and a material number. */
export interface Mesh {
  readonly corners: Float32Array;
  readonly normals: Float32Array;
  readonly materials: Uint16Array;
}

/** Where local coordinates lie in the world: local (u, v, w) is origin + u·right + v·up + w·out. */
export interface Placement {
  readonly origin: Vec3;
  readonly right: Vec3;
  readonly up: Vec3;
  readonly out: Vec3;
}

/** The placement that leaves coordinates as they are. */
export const WORLD: Placement = { origin: vec(0, 0, 0), right: vec(1, 0, 0), up: vec(0, 1, 0), out: vec(0, 0, 1) };

/** A placement that stands upright at a point, its out axis turned `heading` radians from +z towards +x. */
export function upright(origin: Vec3, heading: number): Placement {
  const sine = Math.sin(heading);
  const cosine = Math.cos(heading);
  return { origin, right: vec(cosine, 0, -sine), up: vec(0, 1, 0), out: vec(sine, 0, cosine) };
}

/** The world position of a local point. */
export function place(placement: Placement, local: Vec3): Vec3 {
  const { origin, right, up, out } = placement;
  return vec(
    origin.x + local.x * right.x + local.y * up.x + local.z * out.x,
    origin.y + local.x * right.y + local.y * up.y + local.z * out.y,
    origin.z + local.x * right.z + local.y * up.z + local.z * out.z,
  );
}

/** Collects triangles, placed by the current placement and made of the current material. */
export class MeshBuilder {
  /** The placement of what is added next. */
  placement: Placement = WORLD;
  /** The material number of what is added next. */
  material = 0;
  private readonly corners: number[] = [];
  private readonly normals: number[] = [];
  private readonly materials: number[] = [];

  /** Adds a triangle; without normals it is flat. The side it faces does not matter: all surfaces are two-sided. */
  triangle(a: Vec3, b: Vec3, c: Vec3, normals?: readonly [Vec3, Vec3, Vec3]): void {
    const corners = [place(this.placement, a), place(this.placement, b), place(this.placement, c)] as const;
    const turned = { ...this.placement, origin: vec(0, 0, 0) };
    const flat = normalize(cross(subtract(corners[1], corners[0]), subtract(corners[2], corners[0])));
    for (let k = 0; k < 3; k++) {
      const corner = corners[k] ?? corners[0];
      const own = normals?.[k];
      const normal = own === undefined ? flat : normalize(place(turned, own));
      this.corners.push(corner.x, corner.y, corner.z);
      this.normals.push(normal.x, normal.y, normal.z);
    }
    this.materials.push(this.material);
  }

  /** Adds a flat four-sided face; corners in order round it. */
  quad(a: Vec3, b: Vec3, c: Vec3, d: Vec3): void {
    this.triangle(a, b, c);
    this.triangle(a, c, d);
  }

  /** Adds a box between two opposite corners. */
  box(x0: number, y0: number, z0: number, x1: number, y1: number, z1: number): void {
    const corner = (k: number): Vec3 => vec(k & 1 ? x1 : x0, k & 2 ? y1 : y0, k & 4 ? z1 : z0);
    for (const [a, b, c, d] of [
      [0, 1, 3, 2],
      [4, 5, 7, 6],
      [0, 1, 5, 4],
      [2, 3, 7, 6],
      [0, 2, 6, 4],
      [1, 3, 7, 5],
    ] as const) {
      this.quad(corner(a), corner(b), corner(c), corner(d));
    }
  }

  /** Adds a smooth skin over rings of equally many points; each ring closes on itself. */
  loft(rings: readonly (readonly Vec3[])[]): void {
    const size = rings[0]?.length ?? 0;
    const points = rings.flat();
    const sums = points.map(() => vec(0, 0, 0));
    const faces: [number, number, number][] = [];
    for (let ring = 0; ring + 1 < rings.length; ring++) {
      for (let k = 0; k < size; k++) {
        const a = ring * size + k;
        const b = ring * size + ((k + 1) % size);
        faces.push([a, b, b + size], [a, b + size, a + size]);
      }
    }
    const at = (list: readonly Vec3[], index: number): Vec3 => list[index] ?? vec(0, 0, 0);
    for (const face of faces) {
      const [a, b, c] = face;
      const normal = cross(subtract(at(points, b), at(points, a)), subtract(at(points, c), at(points, a)));
      for (const index of face) sums[index] = add(at(sums, index), normal);
    }
    for (const [a, b, c] of faces) {
      const pa = at(points, a);
      const pb = at(points, b);
      const pc = at(points, c);
      const area = cross(subtract(pb, pa), subtract(pc, pa));
      // Rings that shrink to a point leave empty triangles, which are dropped.
      if (area.x * area.x + area.y * area.y + area.z * area.z < 1e-16) continue;
      this.triangle(pa, pb, pc, [at(sums, a), at(sums, b), at(sums, c)]);
    }
  }

  /** Adds a round tube through points, with a radius at each, closed at both ends. */
  tube(points: readonly Vec3[], radii: readonly number[], sides: number): void {
    const rings: Vec3[][] = [];
    points.forEach((point, k) => {
      const before = points[Math.max(0, k - 1)] ?? point;
      const after = points[Math.min(points.length - 1, k + 1)] ?? point;
      const axis = normalize(subtract(after, before));
      const side = normalize(cross(axis, Math.abs(axis.y) > 0.9 ? vec(1, 0, 0) : vec(0, 1, 0)));
      const other = cross(axis, side);
      const ring = (radius: number): Vec3[] =>
        Array.from({ length: sides }, (_, s) => {
          const angle = (2 * Math.PI * s) / sides;
          return add(point, add(scale(side, radius * Math.cos(angle)), scale(other, radius * Math.sin(angle))));
        });
      const radius = radii[k] ?? 0;
      if (k === 0) rings.push(ring(0));
      rings.push(ring(radius));
      if (k === points.length - 1) rings.push(ring(0));
    });
    this.loft(rings);
  }

  /** Adds an ellipsoid with half axes along the local axes. */
  ellipsoid(centre: Vec3, half: Vec3, sides: number): void {
    const rings: Vec3[][] = [];
    const levels = Math.max(4, Math.round(sides * 0.6));
    for (let level = 0; level <= levels; level++) {
      const polar = (Math.PI * level) / levels;
      rings.push(
        Array.from({ length: sides }, (_, s) => {
          const angle = (2 * Math.PI * s) / sides;
          return vec(
            centre.x + half.x * Math.sin(polar) * Math.cos(angle),
            centre.y - half.y * Math.cos(polar),
            centre.z + half.z * Math.sin(polar) * Math.sin(angle),
          );
        }),
      );
    }
    this.loft(rings);
  }

  /** What has been added so far. */
  build(): Mesh {
    return {
      corners: new Float32Array(this.corners),
      normals: new Float32Array(this.normals),
      materials: new Uint16Array(this.materials),
    };
  }
}
