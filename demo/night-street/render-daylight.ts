/**
 * Renders the demo's street on a fine afternoon: `node dist/demo/night-street/render-daylight.js output.jpg`. The
 * pictures of the documentation are made from it.
 */
import { writeFileSync } from 'node:fs';
import { PICTURE, streetCamera } from './camera.js';
import { renderDaylight } from './daylight.js';
import { ProgressLine } from './progress-line.js';
import { buildScene } from './scene.js';

/** Rays a side of each pixel. */
const SAMPLES = 6;

const output = process.argv[2] ?? 'demo/street-by-day.ppm';
const { width, height } = PICTURE;
const line = new ProgressLine('Street by day');
const light = renderDaylight(buildScene(1), streetCamera(width, height), width, height, SAMPLES, (done) => line.show(done));
const pixels = Buffer.alloc(light.length);
for (let i = 0; i < light.length; i++) {
  const value = Math.min(1, light[i] ?? 0);
  const encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * Math.pow(value, 1 / 2.4) - 0.055;
  pixels[i] = Math.round(255 * encoded);
}
writeFileSync(output, Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), pixels]));
