/**
 * Renders the demo camera's clip: `node dist/demo/night-street/render.js [output.mp4]`.
 * Without an output it writes demo/night-street.mp4 of the directory it is started in.
 */
import { statSync } from 'node:fs';
import { CAMERA_POST, PICTURE } from './camera.js';
import { encodeClip } from './clip-encoder.js';
import { FRAMES, RATE } from './exposure.js';
import { addGlare } from './glare.js';
import { ProgressLine } from './progress-line.js';
import { Sensor } from './sensor.js';
import { composeSound, SOUND_RATE } from './soundscape.js';
import { StreetView } from './street-view.js';

/** Rays a side of each pixel for what stands still. */
const BACKDROP_SAMPLES = 3;

const output = process.argv[2] ?? 'demo/night-street.mp4';
const { width, height } = PICTURE;

const backdropLine = new ProgressLine('Still street');
const view = new StreetView(width, BACKDROP_SAMPLES, (done) => backdropLine.show(done));
const sensor = new Sensor(width, height, FRAMES);
const pictures: Buffer[] = [];
const pictureLine = new ProgressLine('Pictures');
for (let frame = 0; frame < FRAMES; frame++) {
  const picture = view.expose(frame);
  addGlare(picture, width, height);
  pictures.push(sensor.capture(picture, frame));
  pictureLine.show((frame + 1) / FRAMES);
}
const sound = composeSound(view.cast, CAMERA_POST);
const encodingLine = new ProgressLine('Encoding');
encodeClip({ width, height, rate: RATE, pictures, sound, soundRate: SOUND_RATE }, output, (done) =>
  encodingLine.show(done),
);
process.stdout.write(`${output}: ${(statSync(output).size / 1e6).toFixed(2)} MB\n`);
