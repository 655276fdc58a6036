import { add, cross, dot, normalize, scale, subtract, vec, type Vec3 } from './vector.js';

/** Size of the picture in pixels. */
export const PICTURE = { width: 1280, height: 720 } as const;

/** Where the camera hangs: on a post on the right-hand pavement. */
export const CAMERA_POST: Vec3 = vec(4.3, 5.6, 0);

/** A pinhole camera fixed on a post. Picture coordinates: x to the right, y down, whole numbers at pixel corners. */
export class Camera {
  /** Where it stands. */
  readonly position: Vec3;
  private readonly forward: Vec3;
  private readonly right: Vec3;
  private readonly up: Vec3;
  private readonly focal: number;
  private readonly centreX: number;
  private readonly centreY: number;

  /** Yaw turns from +z towards +x, pitch upwards, both in radians; focal length in pixels of PICTURE's width. */
  constructor(position: Vec3, yaw: number, pitch: number, focal: number, width: number, height: number) {
    this.position = position;
    this.forward = vec(Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch));
    this.right = vec(Math.cos(yaw), 0, -Math.sin(yaw));
    this.up = normalize(cross(this.forward, this.right));
    this.focal = (focal * width) / PICTURE.width;
    this.centreX = width / 2;
    this.centreY = height / 2;
  }

  /** The unit direction of the ray through a picture point. */
  ray(x: number, y: number): Vec3 {
    const sideways = scale(this.right, (x - this.centreX) / this.focal);
    const upwards = scale(this.up, (this.centreY - y) / this.focal);
    return normalize(add(this.forward, add(sideways, upwards)));
  }

  /** Where a point appears, as picture x and y, and its depth along the view (z); points behind have z <= 0. */
  project(point: Vec3): Vec3 {
    const offset = subtract(point, this.position);
    const depth = dot(offset, this.forward);
    const factor = this.focal / Math.max(depth, 1e-3);
    return vec(this.centreX + dot(offset, this.right) * factor, this.centreY - dot(offset, this.up) * factor, depth);
  }
}

/** How the camera looks down the street: radians to the right and upwards, and pixels. */
const YAW = -0.245;
const PITCH = -0.185;
const FOCAL = 900;

/** The demo camera, for pictures of a size. */
export function streetCamera(width: number, height: number): Camera {
  return new Camera(CAMERA_POST, YAW, PITCH, FOCAL, width, height);
}
