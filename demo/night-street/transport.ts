import { lampIrradiance, skyRadiance, type Lamp } from './light.js';
import { fresnel, shadowing } from './mirror.js';
import type { Random } from './random.js';
import { emptyHit, type RayHit } from './ray-tree.js';
import type { Scene } from './scene.js';
import { Surface } from './surface.js';
import { vec } from './vector.js';

/** Rays start this far off the surface they leave, so as not to meet it again. */
const LIFT = 0.004;
/** Radiance met by a bounced ray is held to this, or single rays would leave bright specks. */
const BRIGHTEST = 12;
/** Irradiance that reaches every nook after more bounces than are followed. */
const LEFTOVER = vec(0.022, 0.019, 0.017);

/** Three numbers that a function fills in: a point, a direction or a colour. */
export interface Triple {
  x: number;
  y: number;
  z: number;
}

/** Finds how light travels in the still scene: what a ray meets, and what light arrives there. */
export class Transport {
  /** The surface that `look` last found. */
  readonly surface = new Surface();
  /** Where it was found, lifted a little off it; and the surface's flat normal there. */
  readonly point: Triple = { x: 0, y: 0, z: 0 };
  readonly flat: Triple = { x: 0, y: 0, z: 0 };
  /** The distance to it. */
  distance = 0;
  readonly scene: Scene;
  private readonly random: Random;
  private readonly hit: RayHit = emptyHit();
  private readonly weights: Float64Array;
  private readonly lampWeights: Float64Array;

  /** A transport has scratch space of its own: one user at a time. */
  constructor(scene: Scene, random: Random) {
    this.scene = scene;
    this.random = random;
    this.weights = new Float64Array(scene.panels.length);
    this.lampWeights = new Float64Array(scene.lamps.length);
  }

  /** Follows a ray (unit direction) to the first surface and reads its material; false when it leaves for the sky. */
  look(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): boolean {
    const { tree, palette } = this.scene;
    const { hit } = this;
    if (!tree.nearest(ox, oy, oz, dx, dy, dz, 1e4, hit)) return false;
    const { corners, normals, materials } = tree.mesh;
    const c = hit.triangle * 9;
    const ax = (corners[c + 3] ?? 0) - (corners[c] ?? 0);
    const ay = (corners[c + 4] ?? 0) - (corners[c + 1] ?? 0);
    const az = (corners[c + 5] ?? 0) - (corners[c + 2] ?? 0);
    const bx = (corners[c + 6] ?? 0) - (corners[c] ?? 0);
    const by = (corners[c + 7] ?? 0) - (corners[c + 1] ?? 0);
    const bz = (corners[c + 8] ?? 0) - (corners[c + 2] ?? 0);
    let fx = ay * bz - az * by;
    let fy = az * bx - ax * bz;
    let fz = ax * by - ay * bx;
    const size = (fx * dx + fy * dy + fz * dz > 0 ? -1 : 1) / Math.sqrt(fx * fx + fy * fy + fz * fz);
    fx *= size;
    fy *= size;
    fz *= size;
    const first = 1 - hit.second - hit.third;
    let nx = first * (normals[c] ?? 0) + hit.second * (normals[c + 3] ?? 0) + hit.third * (normals[c + 6] ?? 0);
    let ny = first * (normals[c + 1] ?? 0) + hit.second * (normals[c + 4] ?? 0) + hit.third * (normals[c + 7] ?? 0);
    let nz = first * (normals[c + 2] ?? 0) + hit.second * (normals[c + 5] ?? 0) + hit.third * (normals[c + 8] ?? 0);
    const unit = (nx * fx + ny * fy + nz * fz < 0 ? -1 : 1) / Math.sqrt(nx * nx + ny * ny + nz * nz + 1e-20);
    nx *= unit;
    ny *= unit;
    nz *= unit;
    this.surface.reset(nx, ny, nz);
    const x = ox + dx * hit.distance;
    const y = oy + dy * hit.distance;
    const z = oz + dz * hit.distance;
    palette.get(materials[hit.triangle] ?? 0)(this.surface, x, y, z);
    this.point.x = x + fx * LIFT;
    this.point.y = y + fy * LIFT;
    this.point.z = z + fz * LIFT;
    this.flat.x = fx;
    this.flat.y = fy;
    this.flat.z = fz;
    this.distance = hit.distance;
    return true;
  }

  /**
   * Aims at a random point of a lamp from (x, y, z): whether the way there is free. Fills `towards` with the unit
   * direction to it.
   */
  seesLamp(lamp: Lamp, x: number, y: number, z: number, towards: Triple): boolean {
    const { random } = this;
    const polar = 2 * random.next() - 1;
    const ring = Math.sqrt(1 - polar * polar) * lamp.radius;
    const turn = 2 * Math.PI * random.next();
    const dx = lamp.position.x + ring * Math.cos(turn) - x;
    const dy = lamp.position.y + polar * lamp.radius * 0.5 - y;
    const dz = lamp.position.z + ring * Math.sin(turn) - z;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    towards.x = dx / distance;
    towards.y = dy / distance;
    towards.z = dz / distance;
    // The lamp's own bulb and housing do not stand in its way.
    return !this.scene.tree.blocked(x, y, z, towards.x, towards.y, towards.z, distance - lamp.radius - 0.3);
  }

  /** Adds the irradiance of the glowing panels at a point with a normal, from one randomly chosen panel. */
  addPanelLight(x: number, y: number, z: number, nx: number, ny: number, nz: number, light: Triple): void {
    const { weights, random } = this;
    const { panels, tree } = this.scene;
    let total = 0;
    for (let k = 0; k < panels.length; k++) {
      const panel = panels[k];
      weights[k] = 0;
      if (panel === undefined) continue;
      const dx = panel.centre.x - x;
      const dy = panel.centre.y - y;
      const dz = panel.centre.z - z;
      const square = dx * dx + dy * dy + dz * dz;
      const facing = -(dx * panel.normal.x + dy * panel.normal.y + dz * panel.normal.z);
      const size = Math.abs(panel.halfRight.x + panel.halfRight.z) + panel.halfUp.y;
      if (square > 1600 || facing < -size || dx * nx + dy * ny + dz * nz < -size) continue;
      const weight =
        (panel.radiance.y * size * size * (Math.max(facing, 0) + 0.3)) / ((square + 0.3) * Math.sqrt(square + 0.3));
      weights[k] = weight;
      total += weight;
    }
    if (total <= 0) return;
    let chosen = random.next() * total;
    let k = 0;
    while (k < panels.length - 1 && chosen >= (weights[k] ?? 0)) chosen -= weights[k++] ?? 0;
    const panel = panels[k];
    const weight = weights[k] ?? 0;
    if (panel === undefined || weight <= 0) return;
    const u = 2 * random.next() - 1;
    const v = 2 * random.next() - 1;
    let dx = panel.centre.x + u * panel.halfRight.x + v * panel.halfUp.x - x;
    let dy = panel.centre.y + u * panel.halfRight.y + v * panel.halfUp.y - y;
    let dz = panel.centre.z + u * panel.halfRight.z + v * panel.halfUp.z - z;
    const square = Math.max(0.02, dx * dx + dy * dy + dz * dz);
    const distance = Math.sqrt(square);
    dx /= distance;
    dy /= distance;
    dz /= distance;
    const here = dx * nx + dy * ny + dz * nz;
    const there = -(dx * panel.normal.x + dy * panel.normal.y + dz * panel.normal.z);
    if (here <= 0 || there <= 0) return;
    const { halfRight, halfUp } = panel;
    const area = 4 * Math.hypot(halfRight.x, halfRight.y, halfRight.z) * Math.hypot(halfUp.x, halfUp.y, halfUp.z);
    const amount = Math.min(4, (here * there * area) / square) * (total / weight);
    if (amount < 1e-5 || tree.blocked(x, y, z, dx, dy, dz, distance - 0.12)) return;
    light.x += panel.radiance.x * amount;
    light.y += panel.radiance.y * amount;
    light.z += panel.radiance.z * amount;
  }

  /** Adds the irradiance of the lamps at a point, from one lamp chosen by its unshadowed share. */
  addLampLight(x: number, y: number, z: number, nx: number, ny: number, nz: number, light: Triple): void {
    const { lampWeights } = this;
    const { lamps } = this.scene;
    let total = 0;
    for (let k = 0; k < lamps.length; k++) {
      const lamp = lamps[k];
      const weight = lamp === undefined ? 0 : lampIrradiance(lamp, x, y, z, nx, ny, nz);
      lampWeights[k] = weight;
      total += weight;
    }
    if (total <= 1e-6) return;
    let chosen = this.random.next() * total;
    let k = 0;
    while (k < lamps.length - 1 && chosen >= (lampWeights[k] ?? 0)) chosen -= lampWeights[k++] ?? 0;
    const lamp = lamps[k];
    if (lamp === undefined || !this.seesLamp(lamp, x, y, z, scratchTowards)) return;
    light.x += lamp.tint.x * total;
    light.y += lamp.tint.y * total;
    light.z += lamp.tint.z * total;
  }

  /**
   * Follows one ray that left a surface and fills `light` with the radiance it brings back. A mirror ray also sees
   * the glow of windows; a diffuse one does not, as their light is added by addPanelLight.
   */
  gather(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, mirror: boolean, light: Triple): void {
    if (!this.look(ox, oy, oz, dx, dy, dz)) {
      skyRadiance(dx, dy, dz, light);
      return;
    }
    const { surface, point } = this;
    light.x = LEFTOVER.x;
    light.y = LEFTOVER.y;
    light.z = LEFTOVER.z;
    this.addLampLight(point.x, point.y, point.z, surface.nx, surface.ny, surface.nz, light);
    this.addPanelLight(point.x, point.y, point.z, surface.nx, surface.ny, surface.nz, light);
    const glow = mirror && !surface.isLamp ? 1 : 0;
    light.x = Math.min(BRIGHTEST, (light.x * surface.red) / Math.PI + glow * surface.glowRed);
    light.y = Math.min(BRIGHTEST, (light.y * surface.green) / Math.PI + glow * surface.glowGreen);
    light.z = Math.min(BRIGHTEST, (light.z * surface.blue) / Math.PI + glow * surface.glowBlue);
  }

  /** Adds the light of one ray sent off a surface by its diffuse lobe, as irradiance. */
  addBounce(x: number, y: number, z: number, nx: number, ny: number, nz: number, light: Triple): void {
    const { random } = this;
    // A unit vector plus a random one on the sphere has the cosine distribution about the first.
    const polar = 2 * random.next() - 1;
    const ring = Math.sqrt(1 - polar * polar);
    const turn = 2 * Math.PI * random.next();
    let dx = nx + ring * Math.cos(turn);
    let dy = ny + polar;
    let dz = nz + ring * Math.sin(turn);
    const inverse = 1 / Math.sqrt(dx * dx + dy * dy + dz * dz + 1e-9);
    dx *= inverse;
    dy *= inverse;
    dz *= inverse;
    this.gather(x, y, z, dx, dy, dz, false, scratchLight);
    light.x += scratchLight.x * Math.PI;
    light.y += scratchLight.y * Math.PI;
    light.z += scratchLight.z * Math.PI;
  }

  /** Adds what a surface mirrors of its surroundings, but for the lamps; d is the direction of the ray that met it. */
  addMirrored(
    surface: Readonly<Surface>,
    x: number,
    y: number,
    z: number,
    flat: Readonly<Triple>,
    dx: number,
    dy: number,
    dz: number,
    light: Triple,
  ): void {
    const { random } = this;
    const { nx, ny, nz } = surface;
    const alpha = Math.max(0.004, surface.roughness * surface.roughness);
    const share = random.next();
    const cosine = Math.sqrt((1 - share) / (1 + (alpha * alpha - 1) * share));
    const sine = Math.sqrt(1 - cosine * cosine);
    const turn = 2 * Math.PI * random.next();
    // Two axes square to the normal.
    const sign = nz >= 0 ? 1 : -1;
    const a = -1 / (sign + nz);
    const b = nx * ny * a;
    const u = sine * Math.cos(turn);
    const v = sine * Math.sin(turn);
    const hx = u * (1 + sign * nx * nx * a) + v * b + cosine * nx;
    const hy = u * sign * b + v * (sign + ny * ny * a) + cosine * ny;
    const hz = -u * sign * nx - v * ny + cosine * nz;
    const vh = -(dx * hx + dy * hy + dz * hz);
    const lx = dx + 2 * vh * hx;
    const ly = dy + 2 * vh * hy;
    const lz = dz + 2 * vh * hz;
    const nl = nx * lx + ny * ly + nz * lz;
    const nv = -(nx * dx + ny * dy + nz * dz);
    if (vh <= 0 || nl <= 0 || nv <= 0 || flat.x * lx + flat.y * ly + flat.z * lz <= 0) return;
    const factor = (fresnel(surface.reflectance, vh) * shadowing(alpha, nl, nv) * vh) / (nv * cosine);
    this.gather(x, y, z, lx, ly, lz, true, scratchLight);
    light.x += scratchLight.x * factor;
    light.y += scratchLight.y * factor;
    light.z += scratchLight.z * factor;
  }
}

const scratchTowards: Triple = { x: 0, y: 0, z: 0 };
const scratchLight: Triple = { x: 0, y: 0, z: 0 };
