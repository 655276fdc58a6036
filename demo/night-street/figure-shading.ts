import { inTheWay, toWorld, type Presence } from './exposure.js';
import { lampIrradiance } from './light.js';
import { fresnel, mirrorFactor } from './mirror.js';
import { beamIrradiance } from './moving-light.js';
import type { Probes } from './probes.js';
import type { Random } from './random.js';
import type { RayHit } from './ray-tree.js';
import type { Scene } from './scene.js';
import { Surface } from './surface.js';
import { Transport, type Triple } from './transport.js';
import { vec } from './vector.js';

/** Lamps that add less irradiance than this to a moving thing are left out. */
const FAINT = 0.01;

/** Finds the light that moving things send to the camera. */
export class FigureShading {
  private readonly scene: Scene;
  private readonly probes: Probes;
  private readonly transport: Transport;
  private readonly surface = new Surface();
  private readonly towards: Triple = { x: 0, y: 0, z: 0 };
  private readonly around: Triple = { x: 0, y: 0, z: 0 };

  /** Shades by the scene's lamps and by the light measured around. */
  constructor(scene: Scene, probes: Probes, random: Random) {
    this.scene = scene;
    this.probes = probes;
    this.transport = new Transport(scene, random);
  }

  /** Fills `light` with the radiance from the point where the ray (o, unit direction d) hit a presence's pose. */
  shade(
    presence: Presence,
    moment: number,
    others: readonly Presence[],
    hit: RayHit,
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    light: Triple,
  ): void {
    light.x = light.y = light.z = 0;
    const pose = presence.poses[moment];
    if (pose === undefined) return;
    const { surface, scene, transport, towards, around } = this;
    const { normals, materials } = pose.tree.mesh;
    const c = hit.triangle * 9;
    const first = 1 - hit.second - hit.third;
    const part = (k: number): number =>
      first * (normals[c + k] ?? 0) + hit.second * (normals[c + 3 + k] ?? 0) + hit.third * (normals[c + 6 + k] ?? 0);
    let normal = toWorld(pose.at, part(0), part(1), part(2));
    const flip =
      (normal.x * dx + normal.y * dy + normal.z * dz > 0 ? -1 : 1) / Math.hypot(normal.x, normal.y, normal.z);
    normal = vec(normal.x * flip, normal.y * flip, normal.z * flip);
    const x = ox + dx * hit.distance;
    const y = oy + dy * hit.distance;
    const z = oz + dz * hit.distance;
    const lx = x - pose.at.origin.x;
    const lz = z - pose.at.origin.z;
    // The material looks in the thing's own space; only the size of the normal's sideways part matters to it.
    surface.reset(part(0) * flip, part(1) * flip, part(2) * flip);
    scene.palette.get(materials[hit.triangle] ?? 0)(
      surface,
      lx * pose.at.right.x + lz * pose.at.right.z,
      y - pose.at.origin.y,
      lx * pose.at.out.x + lz * pose.at.out.z,
    );
    const { x: nx, y: ny, z: nz } = normal;
    const px = x + nx * 0.02;
    const py = y + ny * 0.02;
    const pz = z + nz * 0.02;
    this.probes.irradiance(x, z, nx, ny, nz, around);
    // What lies low is shut in by the ground and by the thing itself.
    const open = Math.min(1, 0.35 + (y - pose.at.origin.y) * 0.7);
    let red = around.x * open;
    let green = around.y * open;
    let blue = around.z * open;
    for (const lamp of scene.lamps) {
      const full = lampIrradiance(lamp, x, y, z, nx, ny, nz);
      if (full < FAINT || !transport.seesLamp(lamp, px, py, pz, towards)) continue;
      if (inTheWay(presence, moment, px, py, pz, towards.x, towards.y, towards.z, 6)) continue;
      red += full * lamp.tint.x;
      green += full * lamp.tint.y;
      blue += full * lamp.tint.z;
      const facing = nx * towards.x + ny * towards.y + nz * towards.z;
      if (surface.reflectance < 0.03 || facing < 0.02) continue;
      const factor = mirrorFactor(
        Math.max(0.2, surface.roughness),
        surface.reflectance,
        nx,
        ny,
        nz,
        -dx,
        -dy,
        -dz,
        towards.x,
        towards.y,
        towards.z,
      );
      const glint = Math.min(25, (full / facing) * factor);
      light.x += glint * lamp.tint.x;
      light.y += glint * lamp.tint.y;
      light.z += glint * lamp.tint.z;
    }
    for (const other of others) {
      for (const beam of other.lights[moment] ?? []) {
        if (other === presence && beam.kind !== 'glow') continue;
        const bx = x - beam.position.x;
        const by = y - beam.position.y;
        const bz = z - beam.position.z;
        const distance = Math.sqrt(bx * bx + by * by + bz * bz);
        const facing = -(bx * nx + by * ny + bz * nz) / distance;
        if (facing <= 0) continue;
        const amount = facing * beamIrradiance(beam, bx / distance, by / distance, bz / distance, distance);
        if (
          amount < FAINT ||
          scene.tree.blocked(px, py, pz, -bx / distance, -by / distance, -bz / distance, distance - 0.3)
        )
          continue;
        red += amount * beam.tint.x;
        green += amount * beam.tint.y;
        blue += amount * beam.tint.z;
      }
    }
    light.x += (surface.red * red) / Math.PI + surface.glowRed;
    light.y += (surface.green * green) / Math.PI + surface.glowGreen;
    light.z += (surface.blue * blue) / Math.PI + surface.glowBlue;
    if (presence.actor.kind === 'car' && surface.reflectance > 0.04 && surface.roughness < 0.3 && (moment & 2) === 0) {
      this.addMirrored(px, py, pz, nx, ny, nz, dx, dy, dz, light);
    }
  }

  /** Adds what smooth paint or glass mirrors of the street; called for every other moment only, it counts double. */
  private addMirrored(
    x: number,
    y: number,
    z: number,
    nx: number,
    ny: number,
    nz: number,
    dx: number,
    dy: number,
    dz: number,
    light: Triple,
  ): void {
    const facing = -(dx * nx + dy * ny + dz * nz);
    const share = 2 * fresnel(this.surface.reflectance, facing);
    const { transport, around } = this;
    transport.gather(x, y, z, dx + 2 * facing * nx, dy + 2 * facing * ny, dz + 2 * facing * nz, true, around);
    light.x += share * around.x;
    light.y += share * around.y;
    light.z += share * around.z;
  }
}
