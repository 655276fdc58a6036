import type { Backdrop } from './backdrop.js';
import type { Camera } from './camera.js';
import { cornersOf, inTheWay, momentFor, pictureBox, type Presence } from './exposure.js';
import { mirrorFactor } from './mirror.js';
import { beamIrradiance, type MovingLight } from './moving-light.js';
import type { Scene } from './scene.js';
import { vec, type Vec3 } from './vector.js';

/** Added radiance below this does not show, and is not reckoned. */
const UNSEEN = 0.0018;
/** How far a moving thing's shadow is followed along the ground, metres. */
const SHADOW_REACH = 9;

/** Changes the picture of the still street for what moves in it: its shadows, and the light of its lamps. */
export class Relighting {
  private readonly scene: Scene;
  private readonly backdrop: Backdrop;
  private readonly camera: Camera;

  /** Works on pictures of the backdrop's size. */
  constructor(scene: Scene, backdrop: Backdrop, camera: Camera) {
    this.scene = scene;
    this.backdrop = backdrop;
    this.camera = camera;
  }

  /** Takes from `picture` (RGB radiance) the light of the street lamps that moving things keep off. */
  castShadows(picture: Float32Array, present: readonly Presence[], frame: number): void {
    for (const presence of present) {
      const pose = presence.poses.find((candidate) => candidate !== undefined);
      if (pose === undefined || presence.actor.kind === 'fixture') continue;
      const corners = cornersOf(pose);
      this.scene.lamps.forEach((lamp, index) => {
        const apart = Math.hypot(presence.middle.x - lamp.position.x, presence.middle.z - lamp.position.z);
        if (apart > lamp.reach * 0.6) return;
        const thrown = corners.map((corner) => shadowOf(corner, lamp.position));
        this.shadeBox(picture, presence, index, pictureBox([...corners, ...thrown], this.camera), frame);
      });
      this.shadeContact(picture, presence, corners);
    }
  }

  /** Adds to `picture` the light of headlights and of other lights that move. */
  addMovingLights(picture: Float32Array, present: readonly Presence[], frame: number): void {
    const { width, height, position, distance } = this.backdrop;
    for (const presence of present) {
      const count = Math.max(...presence.lights.map((lights) => lights.length));
      for (let k = 0; k < count; k++) {
        const sample = presence.lights.map((lights) => lights[k]).find((light) => light !== undefined);
        if (sample === undefined || sample.kind === 'glow') continue;
        const reach = sample.reach + 1;
        for (let pixel = 0; pixel < width * height; pixel++) {
          const p = pixel * 3;
          const dx = (position[p] ?? 0) - sample.position.x;
          const dz = (position[p + 2] ?? 0) - sample.position.z;
          if (dx * dx + dz * dz > reach * reach || distance[pixel] === Infinity) continue;
          if (dx * sample.facing.x + dz * sample.facing.z < -1) continue;
          const moment = momentFor(pixel, 0, 1, frame);
          const light = presence.lights[moment]?.[k];
          if (light !== undefined) this.addBeam(picture, pixel, light, moment, presence, present);
        }
      }
    }
  }

  private addBeam(
    picture: Float32Array,
    pixel: number,
    light: MovingLight,
    moment: number,
    carrier: Presence,
    present: readonly Presence[],
  ): void {
    const { position, normal, albedo, roughness, reflectance } = this.backdrop;
    const p = pixel * 3;
    const x = position[p] ?? 0;
    const y = position[p + 1] ?? 0;
    const z = position[p + 2] ?? 0;
    let dx = x - light.position.x;
    let dy = y - light.position.y;
    let dz = z - light.position.z;
    const far = Math.sqrt(dx * dx + dy * dy + dz * dz);
    dx /= far;
    dy /= far;
    dz /= far;
    const nx = normal[p] ?? 0;
    const ny = normal[p + 1] ?? 0;
    const nz = normal[p + 2] ?? 0;
    const facing = -(dx * nx + dy * ny + dz * nz);
    if (facing <= 0) return;
    const flux = beamIrradiance(light, dx, dy, dz, far);
    const diffuse = (flux * facing) / Math.PI;
    let glint = 0;
    const rough = roughness[pixel] ?? 1;
    if (rough < 0.65 && flux > UNSEEN) {
      const { x: cx, y: cy, z: cz } = this.camera.position;
      const back = 1 / Math.hypot(cx - x, cy - y, cz - z);
      const factor = mirrorFactor(
        Math.max(0.14, rough),
        reflectance[pixel] ?? 0,
        nx,
        ny,
        nz,
        (cx - x) * back,
        (cy - y) * back,
        (cz - z) * back,
        -dx,
        -dy,
        -dz,
      );
      glint = Math.min(12, flux * factor);
    }
    const red = albedo[p] ?? 0;
    const green = albedo[p + 1] ?? 0;
    const blue = albedo[p + 2] ?? 0;
    if (diffuse * Math.max(red, green, blue) + glint < UNSEEN) return;
    const reach = far - 0.15;
    if (this.scene.tree.blocked(x, y, z, -dx, -dy, -dz, reach)) return;
    for (const other of present) {
      if (other !== carrier && inTheWay(other, moment, x, y, z, -dx, -dy, -dz, reach)) return;
    }
    picture[p] = (picture[p] ?? 0) + light.tint.x * (diffuse * red + glint);
    picture[p + 1] = (picture[p + 1] ?? 0) + light.tint.y * (diffuse * green + glint);
    picture[p + 2] = (picture[p + 2] ?? 0) + light.tint.z * (diffuse * blue + glint);
  }

  private shadeBox(
    picture: Float32Array,
    presence: Presence,
    lampIndex: number,
    [left, top, right, bottom]: readonly [number, number, number, number],
    frame: number,
  ): void {
    const { width, height, position, albedo, lampLight } = this.backdrop;
    const lamp = this.scene.lamps[lampIndex];
    const field = lampLight[lampIndex];
    if (lamp === undefined || field === undefined) return;
    for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
      for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
        const pixel = row * width + column;
        const arriving = field[pixel] ?? 0;
        if (arriving < 0.004) continue;
        const p = pixel * 3;
        const x = position[p] ?? 0;
        const y = position[p + 1] ?? 0;
        const z = position[p + 2] ?? 0;
        let hidden = 0;
        for (let sample = 0; sample < 2; sample++) {
          const moment = momentFor(pixel, sample, 2, frame);
          const dx = lamp.position.x - x + (sample - 0.5) * lamp.radius;
          const dy = lamp.position.y - y;
          const dz = lamp.position.z - z;
          const far = Math.sqrt(dx * dx + dy * dy + dz * dz);
          if (inTheWay(presence, moment, x, y, z, dx / far, dy / far, dz / far, far)) hidden += 0.5;
        }
        if (hidden === 0) continue;
        const lost = (hidden * arriving) / Math.PI;
        picture[p] = Math.max(0, (picture[p] ?? 0) - lost * (albedo[p] ?? 0) * lamp.tint.x);
        picture[p + 1] = Math.max(0, (picture[p + 1] ?? 0) - lost * (albedo[p + 1] ?? 0) * lamp.tint.y);
        picture[p + 2] = Math.max(0, (picture[p + 2] ?? 0) - lost * (albedo[p + 2] ?? 0) * lamp.tint.z);
      }
    }
  }

  /** Darkens the ground close under and around a thing, where it shuts out the surroundings. */
  private shadeContact(picture: Float32Array, presence: Presence, corners: readonly Vec3[]): void {
    const { width, height, position, normal, ambient } = this.backdrop;
    const pose = presence.poses[8] ?? presence.poses[0];
    if (pose === undefined) return;
    const margin = 0.9;
    const ground = corners.map(({ x, z }) =>
      vec(x + Math.sign(x - presence.middle.x) * margin, 0, z + Math.sign(z - presence.middle.z) * margin),
    );
    const [left, top, right, bottom] = pictureBox(ground, this.camera);
    const [x0 = 0, , z0 = 0, x1 = 0, , z1 = 0] = pose.tree.bounds;
    const strength = presence.actor.kind === 'car' ? 0.85 : 0.45;
    const falloff = presence.actor.kind === 'car' ? 0.4 : 0.25;
    for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
      for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
        const pixel = row * width + column;
        const p = pixel * 3;
        if ((normal[p + 1] ?? 0) < 0.8 || (position[p + 1] ?? 9) > 0.3) continue;
        const dx = (position[p] ?? 0) - pose.at.origin.x;
        const dz = (position[p + 2] ?? 0) - pose.at.origin.z;
        const u = dx * pose.at.right.x + dz * pose.at.right.z;
        const w = dx * pose.at.out.x + dz * pose.at.out.z;
        const outside = Math.hypot(Math.max(0, x0 - u, u - x1), Math.max(0, z0 - w, w - z1));
        const shut = strength * Math.exp(-outside / falloff);
        if (shut < 0.02) continue;
        for (let k = p; k < p + 3; k++) picture[k] = Math.max(0, (picture[k] ?? 0) - shut * (ambient[k] ?? 0));
      }
    }
  }
}

/** Where the shadow of a point falls on the road, no further than SHADOW_REACH away from it. */
function shadowOf(point: Vec3, lamp: Vec3): Vec3 {
  const drop = lamp.y - point.y;
  const dx = point.x - lamp.x;
  const dz = point.z - lamp.z;
  const way = Math.hypot(dx, dz);
  const stretch = drop > 0.05 ? point.y / drop : Infinity;
  const reach = Math.min(stretch, SHADOW_REACH / Math.max(way, 0.01));
  return vec(point.x + dx * reach, Math.max(0, point.y - reach * drop), point.z + dz * reach);
}
