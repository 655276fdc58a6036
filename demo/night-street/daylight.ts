import type { Camera } from './camera.js';
import { Random } from './random.js';
import type { Scene } from './scene.js';
import { Transport } from './transport.js';
import { normalize, vec } from './vector.js';

/** Where the sun stands, as a unit direction: behind the camera's left shoulder, halfway up. */
const SUN = normalize(vec(-0.55, 0.72, -0.42));
const SUNLIGHT = [3.2, 2.95, 2.6] as const;
/** Light of the sky overhead and at the horizon, and what the ground and walls send back of it. */
const ZENITH = [0.32, 0.5, 0.95] as const;
const HORIZON = [0.85, 0.9, 0.98] as const;
const RETURNED = 0.35;
/** Distance in metres over which haze takes half of a colour. */
const HAZE = 340;

/**
 * Renders the still street on a fine afternoon: `samples` rays a side for each pixel, one ray of skylight for each.
 * Returns linear light, RGB triples, about 0..1. `progress` hears the fraction done.
 */
export function renderDaylight(
  scene: Scene,
  camera: Camera,
  width: number,
  height: number,
  samples: number,
  progress: (done: number) => void,
): Float32Array {
  const picture = new Float32Array(width * height * 3);
  const transport = new Transport(scene, new Random(5));
  const random = new Random(6);
  const { x: cx, y: cy, z: cz } = camera.position;
  const colour = [0, 0, 0] as [number, number, number];
  const share = 1 / (samples * samples);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let sample = 0; sample < samples * samples; sample++) {
        const sx = ((sample % samples) + random.next()) / samples;
        const sy = (Math.floor(sample / samples) + random.next()) / samples;
        const ray = camera.ray(column + sx, row + sy);
        if (transport.look(cx, cy, cz, ray.x, ray.y, ray.z)) shade(transport, random, colour);
        else skylight(ray.x, ray.y, colour);
        for (let k = 0; k < 3; k++) {
          const at = (row * width + column) * 3 + k;
          picture[at] = (picture[at] ?? 0) + share * Math.min(1.6, colour[k] ?? 0);
        }
      }
    }
    progress((row + 1) / height);
  }
  return picture;
}

/** Light that the surface last looked at sends to the camera. */
function shade(transport: Transport, random: Random, into: [number, number, number]): void {
  const { surface, point, distance } = transport;
  const albedo = [surface.red, surface.green, surface.blue] as const;
  const { nx, ny, nz } = surface;
  const { x, y, z } = point;
  const facing = Math.max(0, nx * SUN.x + ny * SUN.y + nz * SUN.z);
  const sunny = facing > 0 && !transport.look(x, y, z, SUN.x, SUN.y, SUN.z) ? facing : 0;
  // One ray by the cosine around the normal: a point on the unit sphere, moved by the normal.
  const turn = 2 * Math.PI * random.next();
  const up = 2 * random.next() - 1;
  const flat = Math.sqrt(Math.max(0, 1 - up * up));
  const towards = normalize(
    vec(nx + flat * Math.cos(turn) * 0.999, ny + up * 0.999, nz + flat * Math.sin(turn) * 0.999),
  );
  const sky = [0, 0, 0] as [number, number, number];
  if (transport.look(x, y, z, towards.x, towards.y, towards.z)) {
    sky[0] = RETURNED * transport.surface.red;
    sky[1] = RETURNED * transport.surface.green;
    sky[2] = RETURNED * transport.surface.blue;
  } else {
    skylight(towards.x, towards.y, sky);
  }
  const clear = Math.pow(0.5, distance / HAZE);
  for (let k = 0; k < 3; k++) {
    const lit = (albedo[k] ?? 0) * ((SUNLIGHT[k] ?? 0) * sunny * 0.42 + (sky[k] ?? 0) * 0.8);
    into[k] = lit * clear + (HORIZON[k] ?? 0) * 0.75 * (1 - clear);
  }
}

/** The sky in a direction: blue overhead, pale at the horizon, with a few streaks of cloud. */
function skylight(dx: number, dy: number, into: [number, number, number]): void {
  const height = Math.min(1, Math.max(0, dy) * 1.6);
  const streaks = Math.sin(9 * dx + 14 * dy) + Math.sin(23 * dx - 31 * dy + 1.3) + Math.sin(5 * dx + 47 * dy + 4);
  const cloud = Math.min(1, Math.max(0, streaks - 0.6) * 0.35);
  for (let k = 0; k < 3; k++) {
    const blue = (HORIZON[k] ?? 0) + ((ZENITH[k] ?? 0) - (HORIZON[k] ?? 0)) * Math.pow(height, 0.6);
    into[k] = blue + (0.97 - blue) * cloud;
  }
}
