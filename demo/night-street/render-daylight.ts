/**
 * Renders the demo's street on a fine afternoon: `node dist/demo/night-street/render-daylight.js [output.jpg]`.
 * Without an output it writes demo/street-by-day.jpg of the directory it is started in.
 */
import sharp from 'sharp';
import { PICTURE, streetCamera } from './camera.js';
import { renderDaylight } from './daylight.js';
import { ProgressLine } from './progress-line.js';
import { buildScene } from './scene.js';

/** Rays a side of each pixel. */
const SAMPLES = 6;

const output = process.argv[2] ?? 'demo/street-by-day.jpg';
const { width, height } = PICTURE;
const line = new ProgressLine('Street by day');
const light = renderDaylight(buildScene(1), streetCamera(width, height), width, height, SAMPLES, (done) =>
  line.show(done),
);
const pixels = Buffer.alloc(light.length);
for (let i = 0; i < light.length; i++) {
  const value = Math.min(1, light[i] ?? 0);
  const encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * Math.pow(value, 1 / 2.4) - 0.055;
  pixels[i] = Math.round(255 * encoded);
}
await sharp(pixels, { raw: { width, height, channels: 3 } })
  .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
  .toFile(output);
