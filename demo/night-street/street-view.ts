import { renderBackdrop, type Backdrop } from './backdrop.js';
import { PICTURE, streetCamera, type Camera } from './camera.js';
import type { Actor } from './actor.js';
import { assembleCast } from './cast.js';
import { presences } from './exposure.js';
import { FigureShading } from './figure-shading.js';
import { Painter } from './painter.js';
import { Probes } from './probes.js';
import { Random } from './random.js';
import { Relighting } from './relighting.js';
import { buildScene } from './scene.js';

/** The street as the camera's lens throws it on the sensor, picture after picture. */
export class StreetView {
  readonly width: number;
  readonly height: number;
  /** All that moves. */
  readonly cast: readonly Actor[];
  private readonly camera: Camera;
  private readonly backdrop: Backdrop;
  private readonly relighting: Relighting;
  private readonly painter: Painter;

  /** Builds the street and renders what stands still, with `samples` rays a side per pixel. */
  constructor(width: number, samples: number, progress: (done: number) => void) {
    const height = (width * PICTURE.height) / PICTURE.width;
    this.width = width;
    this.height = height;
    this.camera = streetCamera(width, height);
    const scene = buildScene(1);
    this.backdrop = renderBackdrop(scene, this.camera, width, height, samples, progress);
    this.cast = assembleCast(scene.palette);
    const shading = new FigureShading(scene, new Probes(scene), new Random(11));
    this.relighting = new Relighting(scene, this.backdrop, this.camera);
    this.painter = new Painter(scene, this.backdrop, this.camera, shading);
  }

  /** The radiance (RGB triples) that reaches each pixel during picture `frame`. */
  expose(frame: number): Float32Array {
    const picture = this.backdrop.radiance.slice();
    const present = presences(this.cast, frame, this.camera);
    this.relighting.castShadows(picture, present, frame);
    this.relighting.addMovingLights(picture, present, frame);
    this.painter.paintMirrored(picture, present, frame);
    this.painter.paint(picture, present, frame);
    return picture;
  }
}
