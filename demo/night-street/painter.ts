import type { Backdrop } from './backdrop.js';
import type { Camera } from './camera.js';
import { meets, momentFor, pictureBox, cornersOf, type Presence } from './exposure.js';
import type { FigureShading } from './figure-shading.js';
import { fresnel } from './mirror.js';
import { scatter } from './random.js';
import { emptyHit } from './ray-tree.js';
import type { Scene } from './scene.js';
import type { Triple } from './transport.js';
import { vec } from './vector.js';

/** Rays per pixel, each at its own place and moment; enough to make edges smooth and blur even. */
const SAMPLES = 8;
const TILE = 16;

/** Paints the moving things, and their mirror images in the wet road, into pictures of the still street. */
export class Painter {
  private readonly scene: Scene;
  private readonly backdrop: Backdrop;
  private readonly camera: Camera;
  private readonly shading: FigureShading;
  private readonly hit = emptyHit();
  private readonly nearest = emptyHit();
  private readonly light: Triple = { x: 0, y: 0, z: 0 };

  /** Works on pictures of the backdrop's size. */
  constructor(scene: Scene, backdrop: Backdrop, camera: Camera, shading: FigureShading) {
    this.scene = scene;
    this.backdrop = backdrop;
    this.camera = camera;
    this.shading = shading;
  }

  /** Paints the things that are present over `picture` (RGB radiance). */
  paint(picture: Float32Array, present: readonly Presence[], frame: number): void {
    const { width, height } = this.backdrop;
    for (let top = 0; top < height; top += TILE) {
      for (let left = 0; left < width; left += TILE) {
        const here = present.filter(
          ({ box: [x0, y0, x1, y1] }) => x1 > left && x0 < left + TILE && y1 > top && y0 < top + TILE,
        );
        if (here.length === 0) continue;
        for (let row = top; row < Math.min(height, top + TILE); row++) {
          for (let column = left; column < left + TILE; column++)
            this.paintPixel(picture, column, row, here, present, frame);
        }
      }
    }
  }

  /** Paints the mirror images of the things in the wet parts of the ground. */
  paintMirrored(picture: Float32Array, present: readonly Presence[], frame: number): void {
    const { width, height, normal, roughness, reflectance, position } = this.backdrop;
    const { x: cx, y: cy, z: cz } = this.camera.position;
    for (const presence of present) {
      const pose = presence.poses[0] ?? presence.poses[15];
      if (pose === undefined) continue;
      const mirrored = cornersOf(pose).map(({ x, y, z }) => vec(x, -y, z));
      const [left, top, right, bottom] = pictureBox(mirrored, this.camera);
      for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
        for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
          const pixel = row * width + column;
          const p = pixel * 3;
          const rough = roughness[pixel] ?? 1;
          const ny = normal[p + 1] ?? 0;
          if (rough > 0.4 || ny < 0.9 || (position[p + 1] ?? 9) > 0.05) continue;
          const x = position[p] ?? 0;
          const y = position[p + 1] ?? 0;
          const z = position[p + 2] ?? 0;
          const far = Math.hypot(x - cx, y - cy, z - cz);
          const moment = momentFor(pixel, 0, 1, frame);
          const at = presence.poses[moment];
          if (at === undefined) continue;
          // Rough water mirrors a smeared image: the ray is thrown about by as much.
          const smear = rough * rough * 1.4;
          const dx = (x - cx) / far + smear * (scatter(pixel, 7, frame) - 0.5) * 0.4;
          const dy = (cy - y) / far + smear * (scatter(pixel, 8, frame) - 0.5) * 0.7;
          const dz = (z - cz) / far;
          const size = 1 / Math.hypot(dx, dy, dz);
          if (!meets(at, x, y, z, dx * size, dy * size, dz * size, 40, this.hit)) continue;
          this.shading.shade(presence, moment, present, this.hit, x, y, z, dx * size, dy * size, dz * size, this.light);
          const share = fresnel(reflectance[pixel] ?? 0, (cy - y) / far) * (1 - rough * 1.6);
          if (share <= 0) continue;
          picture[p] = (picture[p] ?? 0) + share * Math.min(6, this.light.x);
          picture[p + 1] = (picture[p + 1] ?? 0) + share * Math.min(6, this.light.y);
          picture[p + 2] = (picture[p + 2] ?? 0) + share * Math.min(6, this.light.z);
        }
      }
    }
  }

  private paintPixel(
    picture: Float32Array,
    column: number,
    row: number,
    here: readonly Presence[],
    present: readonly Presence[],
    frame: number,
  ): void {
    const { hit, nearest, light, camera, scene } = this;
    const { x: cx, y: cy, z: cz } = camera.position;
    const pixel = row * this.backdrop.width + column;
    const candidates = here.filter(({ box: [x0, y0, x1, y1] }) => column >= x0 && column < x1 && row >= y0 && row < y1);
    if (candidates.length === 0) return;
    let covered = 0;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      // Eight places no two of which share a row or a column.
      const ray = camera.ray(column + (sample + 0.5) / SAMPLES, row + (((sample * 3) % SAMPLES) + 0.5) / SAMPLES);
      const moment = momentFor(pixel, sample, SAMPLES, frame);
      let found: Presence | undefined;
      nearest.distance = Infinity;
      for (const presence of candidates) {
        const pose = presence.poses[moment];
        if (pose === undefined || !meets(pose, cx, cy, cz, ray.x, ray.y, ray.z, nearest.distance, hit)) continue;
        Object.assign(nearest, hit);
        found = presence;
      }
      if (found === undefined || scene.tree.blocked(cx, cy, cz, ray.x, ray.y, ray.z, nearest.distance)) continue;
      this.shading.shade(found, moment, present, nearest, cx, cy, cz, ray.x, ray.y, ray.z, light);
      covered++;
      red += light.x;
      green += light.y;
      blue += light.z;
    }
    if (covered === 0) return;
    const keep = 1 - covered / SAMPLES;
    const p = pixel * 3;
    picture[p] = (picture[p] ?? 0) * keep + red / SAMPLES;
    picture[p + 1] = (picture[p + 1] ?? 0) * keep + green / SAMPLES;
    picture[p + 2] = (picture[p + 2] ?? 0) * keep + blue / SAMPLES;
  }
}
