import { Random } from './random.js';
import type { Scene } from './scene.js';
import { Transport, type Triple } from './transport.js';
import { clamp } from './vector.js';

const COLUMNS = [-7.4, -4.4, -1.6, 1.6, 4.6, 8] as const;
const FIRST_ROW = -6;
const ROW_STEP = 4;
const ROWS = 29;
const HEIGHT = 1.1;
const RAYS = 140;

/**
 * Light that comes from all around (not straight from the lamps) at points over the street: for each, the irradiance on
 * little planes that face the six ways along the axes.
 */
export class Probes {
  private readonly sides = new Float32Array(COLUMNS.length * ROWS * 18);

  /** Measures the light at all points. */
  constructor(scene: Scene) {
    const transport = new Transport(scene, new Random(5));
    const light: Triple = { x: 0, y: 0, z: 0 };
    for (let row = 0; row < ROWS; row++) {
      COLUMNS.forEach((x, column) => {
        const z = FIRST_ROW + row * ROW_STEP;
        for (let side = 0; side < 6; side++) {
          const sign = side & 1 ? -1 : 1;
          const axis = side >> 1;
          const [nx, ny, nz] = [axis === 0 ? sign : 0, axis === 1 ? sign : 0, axis === 2 ? sign : 0];
          light.x = light.y = light.z = 0;
          for (let ray = 0; ray < RAYS; ray++) {
            transport.addBounce(x, HEIGHT, z, nx, ny, nz, light);
            transport.addPanelLight(x, HEIGHT, z, nx, ny, nz, light);
          }
          const at = ((row * COLUMNS.length + column) * 6 + side) * 3;
          this.sides.set([light.x / RAYS, light.y / RAYS, light.z / RAYS], at);
        }
      });
    }
  }

  /** Fills `light` with the irradiance at (x, ·, z) on a plane with the unit normal n. */
  irradiance(x: number, z: number, nx: number, ny: number, nz: number, light: Triple): void {
    const rowAt = clamp((z - FIRST_ROW) / ROW_STEP, 0, ROWS - 1.001);
    const row = Math.floor(rowAt);
    let column = 0;
    while (column < COLUMNS.length - 2 && x > (COLUMNS[column + 1] ?? 0)) column++;
    const left = COLUMNS[column] ?? 0;
    const across = clamp((x - left) / ((COLUMNS[column + 1] ?? 1) - left), 0, 1);
    const deep = rowAt - row;
    light.x = light.y = light.z = 0;
    for (let corner = 0; corner < 4; corner++) {
      const weight = (corner & 1 ? across : 1 - across) * (corner & 2 ? deep : 1 - deep);
      const cell = ((row + (corner >> 1)) * COLUMNS.length + column + (corner & 1)) * 18;
      this.addSide(cell + (nx > 0 ? 0 : 3), weight * nx * nx, light);
      this.addSide(cell + (ny > 0 ? 6 : 9), weight * ny * ny, light);
      this.addSide(cell + (nz > 0 ? 12 : 15), weight * nz * nz, light);
    }
  }

  private addSide(at: number, weight: number, light: Triple): void {
    light.x += (this.sides[at] ?? 0) * weight;
    light.y += (this.sides[at + 1] ?? 0) * weight;
    light.z += (this.sides[at + 2] ?? 0) * weight;
  }
}
