import type { Camera } from './camera.js';
import { brightness } from './colour.js';
import { smoothPlane, type Guide } from './smoothing.js';
import { lampIrradiance, skyRadiance } from './light.js';
import { hazeRadiance } from './haze.js';
import { mirrorFactor } from './mirror.js';
import { Random } from './random.js';
import type { Scene } from './scene.js';
import { Surface } from './surface.js';
import { Transport, type Triple } from './transport.js';

/** The still street as the camera sees it, pixel by pixel, with what is needed to light it anew. Colours are RGB triples. */
export interface Backdrop {
  readonly width: number;
  readonly height: number;
  /** Radiance with nothing moving in the street. */
  readonly radiance: Float32Array;
  /** Mean diffuse reflectance. */
  readonly albedo: Float32Array;
  /** At the pixel's centre: distance (Infinity is the sky), world position, unit normal. */
  readonly distance: Float32Array;
  readonly position: Float32Array;
  readonly normal: Float32Array;
  /** At the pixel's centre: the mirror lobe. */
  readonly roughness: Float32Array;
  readonly reflectance: Float32Array;
  /** Per lamp of the scene, the irradiance that reaches the pixel, shadows reckoned, for a tint of 1. */
  readonly lampLight: readonly Float32Array[];
  /** The part of `radiance` that comes from the surroundings at large, which a thing standing close shuts out. */
  readonly ambient: Float32Array;
}

/** Lamps that would add less irradiance than this are left out. */
const FAINT = 0.0015;

/** Renders the still street; `samples` rays a side per pixel; `progress` hears the fraction done. */
export function renderBackdrop(
  scene: Scene,
  camera: Camera,
  width: number,
  height: number,
  samples: number,
  progress: (done: number) => void,
): Backdrop {
  const count = width * height;
  const plane = (parts: number): Float32Array => new Float32Array(count * parts);
  const albedo = plane(3);
  const distance = plane(1);
  const position = plane(3);
  const normal = plane(3);
  const roughness = plane(1);
  const reflectance = plane(1);
  const lampLight = scene.lamps.map(() => plane(1));
  const around = plane(3);
  const mirrored = plane(3);
  const own = plane(3);
  const transport = new Transport(scene, new Random(2));
  const random = new Random(3);
  const { x: cx, y: cy, z: cz } = camera.position;
  const surface = new Surface();
  const point: Triple = { x: 0, y: 0, z: 0 };
  const flat: Triple = { x: 0, y: 0, z: 0 };
  const towards: Triple = { x: 0, y: 0, z: 0 };
  const light: Triple = { x: 0, y: 0, z: 0 };
  const lampSums = new Float64Array(scene.lamps.length);

  const add3 = (into: Float32Array, at: number, x: number, y: number, z: number): void => {
    into[at] = (into[at] ?? 0) + x;
    into[at + 1] = (into[at + 1] ?? 0) + y;
    into[at + 2] = (into[at + 2] ?? 0) + z;
  };

  const shadeSample = (pixel: number, dx: number, dy: number, dz: number): number => {
    const at = pixel * 3;
    if (!transport.look(cx, cy, cz, dx, dy, dz)) {
      skyRadiance(dx, dy, dz, light);
      add3(own, at, light.x, light.y, light.z);
      return 0;
    }
    Object.assign(surface, transport.surface);
    point.x = transport.point.x;
    point.y = transport.point.y;
    point.z = transport.point.z;
    flat.x = transport.flat.x;
    flat.y = transport.flat.y;
    flat.z = transport.flat.z;
    const { x, y, z } = point;
    const { nx, ny, nz } = surface;
    add3(albedo, at, surface.red, surface.green, surface.blue);
    add3(own, at, surface.glowRed, surface.glowGreen, surface.glowBlue);
    const weight = brightness(surface.red, surface.green, surface.blue) + 1e-4;
    for (let k = 0; k < scene.lamps.length; k++) {
      const lamp = scene.lamps[k];
      if (lamp === undefined) continue;
      const full = lampIrradiance(lamp, x, y, z, nx, ny, nz);
      if (full < FAINT || !transport.seesLamp(lamp, x, y, z, towards)) continue;
      lampSums[k] = (lampSums[k] ?? 0) + full * weight;
      const facing = Math.max(0.02, nx * towards.x + ny * towards.y + nz * towards.z);
      const glint =
        (full / facing) *
        mirrorFactor(
          Math.max(0.12, surface.roughness),
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
      const held = Math.min(glint, 30);
      add3(own, at, lamp.tint.x * held, lamp.tint.y * held, lamp.tint.z * held);
    }
    light.x = light.y = light.z = 0;
    transport.addPanelLight(x, y, z, nx, ny, nz, light);
    transport.addBounce(x, y, z, nx, ny, nz, light);
    add3(around, at, light.x * weight, light.y * weight, light.z * weight);
    if (surface.roughness < 0.7) {
      light.x = light.y = light.z = 0;
      transport.addMirrored(surface, x, y, z, flat, dx, dy, dz, light);
      add3(mirrored, at, light.x, light.y, light.z);
    }
    return weight;
  };

  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = row * width + column;
      const centre = camera.ray(column + 0.5, row + 0.5);
      if (transport.look(cx, cy, cz, centre.x, centre.y, centre.z)) {
        distance[pixel] = transport.distance;
        position.set([transport.point.x, transport.point.y, transport.point.z], pixel * 3);
        normal.set([transport.surface.nx, transport.surface.ny, transport.surface.nz], pixel * 3);
        roughness[pixel] = transport.surface.roughness;
        reflectance[pixel] = transport.surface.reflectance;
      } else {
        distance[pixel] = Infinity;
        roughness[pixel] = 1;
      }
      lampSums.fill(0);
      let weights = 0;
      for (let sy = 0; sy < samples; sy++) {
        for (let sx = 0; sx < samples; sx++) {
          const ray = camera.ray(column + (sx + random.next()) / samples, row + (sy + random.next()) / samples);
          weights += shadeSample(pixel, ray.x, ray.y, ray.z);
        }
      }
      const share = 1 / (samples * samples);
      for (let k = 0; k < 3; k++) {
        const at = pixel * 3 + k;
        albedo[at] = (albedo[at] ?? 0) * share;
        own[at] = (own[at] ?? 0) * share;
        mirrored[at] = (mirrored[at] ?? 0) * share;
        around[at] = weights > 0 ? (around[at] ?? 0) / weights : 0;
      }
      lampLight.forEach((field, k) => (field[pixel] = weights > 0 ? (lampSums[k] ?? 0) / weights : 0));
    }
    progress((row + 1) / height);
  }

  const guide: Guide = { width, height, distance, position, normal };
  smoothPlane(guide, around, 3, 5, undefined);
  smoothPlane(guide, mirrored, 3, 2, roughness);
  for (const field of lampLight) smoothPlane(guide, field, 1, 1, undefined);

  const radiance = plane(3);
  const ambient = plane(3);
  for (let pixel = 0; pixel < count; pixel++) {
    const ray = camera.ray((pixel % width) + 0.5, Math.floor(pixel / width) + 0.5);
    hazeRadiance(scene.lamps, camera.position, ray, Math.min(140, distance[pixel] ?? 0), light);
    for (let k = 0; k < 3; k++) {
      const at = pixel * 3 + k;
      let lamps = 0;
      for (let lamp = 0; lamp < lampLight.length; lamp++) {
        const tint = scene.lamps[lamp]?.tint;
        if (tint !== undefined)
          lamps += (lampLight[lamp]?.[pixel] ?? 0) * (k === 0 ? tint.x : k === 1 ? tint.y : tint.z);
      }
      const reflected = (albedo[at] ?? 0) / Math.PI;
      ambient[at] = reflected * (around[at] ?? 0);
      radiance[at] =
        reflected * lamps +
        (ambient[at] ?? 0) +
        (mirrored[at] ?? 0) +
        (own[at] ?? 0) +
        (k === 0 ? light.x : k === 1 ? light.y : light.z);
    }
  }
  return { width, height, radiance, albedo, distance, position, normal, roughness, reflectance, lampLight, ambient };
}
