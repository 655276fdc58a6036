import type { Vec3 } from './vector.js';

/** What a point of a thing's skin does with light; filled in by the point's material. */
export class Surface {
  /** Diffuse reflectance of red, green and blue, 0..1. */
  red = 0;
  green = 0;
  blue = 0;
  /** Radiance given off by the surface itself, linear, in the scene's units. */
  glowRed = 0;
  glowGreen = 0;
  glowBlue = 0;
  /** Width of the mirror lobe, 0 (mirror) .. 1 (none to speak of). */
  roughness = 1;
  /** Mirror reflectance seen straight on, 0..1; it rises at grazing angles. */
  reflectance = 0.02;
  /** Unit normal on the side looked at; a material may tilt it. */
  nx = 0;
  ny = 1;
  nz = 0;
  /** True for the bulbs of lamps, whose light is summed from the list of lamps and must not be counted twice. */
  isLamp = false;

  /** Back to plain black, with the given normal. */
  reset(nx: number, ny: number, nz: number): void {
    this.red = this.green = this.blue = 0;
    this.glowRed = this.glowGreen = this.glowBlue = 0;
    this.roughness = 1;
    this.reflectance = 0.02;
    this.nx = nx;
    this.ny = ny;
    this.nz = nz;
    this.isLamp = false;
  }

  /** Sets the diffuse colour to `colour` times `tone`. */
  paint(colour: Vec3, tone = 1): void {
    this.red = colour.x * tone;
    this.green = colour.y * tone;
    this.blue = colour.z * tone;
  }

  /** Blends the diffuse colour a fraction t (0..1) towards `colour`. */
  cover(colour: Vec3, t: number): void {
    this.red += (colour.x - this.red) * t;
    this.green += (colour.y - this.green) * t;
    this.blue += (colour.z - this.blue) * t;
  }

  /** Multiplies the diffuse colour by `tone`. */
  shade(tone: number): void {
    this.red *= tone;
    this.green *= tone;
    this.blue *= tone;
  }

  /** Sets the glow to `colour` times `radiance`. */
  shine(colour: Vec3, radiance: number): void {
    this.glowRed = colour.x * radiance;
    this.glowGreen = colour.y * radiance;
    this.glowBlue = colour.z * radiance;
  }

  /** Tilts the normal by the given amounts along the world axes. */
  tilt(x: number, y: number, z: number): void {
    const nx = this.nx + x;
    const ny = this.ny + y;
    const nz = this.nz + z;
    const inverse = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
    this.nx = nx * inverse;
    this.ny = ny * inverse;
    this.nz = nz * inverse;
  }
}

/** Fills in `surface`, which arrives reset, for the point (x, y, z) of the mesh's own space. */
export type Material = (surface: Surface, x: number, y: number, z: number) => void;

/** All materials of the scene; meshes name them by number. */
export class Palette {
  private readonly materials: Material[] = [];

  /** Adds a material and returns its number. */
  add(material: Material): number {
    return this.materials.push(material) - 1;
  }

  /** The material of a number that `add` gave. */
  get(index: number): Material {
    const material = this.materials[index];
    if (material === undefined) throw new RangeError(`No material ${index}`);
    return material;
  }
}
