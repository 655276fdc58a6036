import { colour } from './colour.js';
import { painted } from './finishes.js';
import { STREET } from './layout.js';
import { ashlar, roofTiles } from './masonry.js';
import { WORLD } from './mesh.js';
import type { Stage } from './stage.js';
import { scale, vec } from './vector.js';

const X = 2.6;
const HALF = 3.2;
const CLOCK_Y = 15.2;
const CLOCK_RADIUS = 1.5;
const GLOW = vec(1, 0.86, 0.6);

/** Adds the town hall's tower with its lit clock, which closes the view at the far end of the street. */
export function addClockTower(stage: Stage): void {
  const { mesh, palette, panels } = stage;
  const front = STREET.closingFront;
  mesh.placement = WORLD;
  mesh.material = palette.add(ashlar(colour('#b3a588'), 81, 1.2, 0.55));
  mesh.box(-10, 0, front + 0.6, 15, 9.5, front + 9);
  mesh.box(X - HALF, 0, front, X + HALF, 18, front + 2 * HALF);
  const trim = palette.add(painted(colour('#d8ceb6'), 0.1));
  mesh.material = trim;
  for (const y of [9.5, 12.6, 17.8])
    mesh.box(X - HALF - 0.25, y, front - 0.25, X + HALF + 0.25, y + 0.4, front + 2 * HALF + 0.25);
  const pane = palette.add((surface, x, y) => {
    surface.paint(vec(0.02, 0.02, 0.025));
    surface.reflectance = 0.045;
    surface.roughness = 0.1;
    if (Math.abs(x - X) > HALF && y < 5.5 && Math.floor(x / 2.3) % 3 === 0) surface.shine(vec(1, 0.62, 0.3), 0.5);
  });
  for (const left of [-9, -6.7, -4.4, 6.9, 9.2, 11.5]) {
    for (const y of [1.6, 5.6]) {
      mesh.material = trim;
      mesh.box(left - 0.2, y - 0.2, front + 0.45, left + 1.5, y + 2.7, front + 0.6);
      mesh.material = pane;
      mesh.box(left, y, front + 0.4, left + 1.3, y + 2.4, front + 0.5);
    }
  }
  mesh.material = palette.add(roofTiles(colour('#4f6a62'), 82));
  const apex = vec(X, 26, front + HALF);
  const corners = [
    vec(X - HALF, 18.2, front),
    vec(X + HALF, 18.2, front),
    vec(X + HALF, 18.2, front + 2 * HALF),
    vec(X - HALF, 18.2, front + 2 * HALF),
  ];
  corners.forEach((corner, k) => mesh.triangle(corner, corners[(k + 1) % 4] ?? corner, apex));
  mesh.quad(vec(-10, 9.5, front + 0.4), vec(15, 9.5, front + 0.4), vec(15, 13, front + 5), vec(-10, 13, front + 5));

  mesh.material = palette.add((surface, x, y) => {
    const far = Math.hypot(x - X, y - CLOCK_Y) / CLOCK_RADIUS;
    const turn = Math.atan2(x - X, y - CLOCK_Y) / (2 * Math.PI);
    const hour = Math.abs(((turn * 12 + 24.5) % 1) - 0.5) < 0.09 && far > 0.72 && far < 0.9;
    const hand = (at: number, reach: number, width: number): boolean =>
      far < reach &&
      Math.cos((turn - at) * 2 * Math.PI) > 0 &&
      Math.abs(Math.sin((turn - at) * 2 * Math.PI)) * far < width;
    const dark = far > 0.95 || hour || hand(10.15 / 12, 0.5, 0.07) || hand(9 / 60, 0.8, 0.05);
    surface.paint(vec(0.6, 0.57, 0.5));
    if (!dark) surface.shine(GLOW, 2.4);
  });
  const rim = Array.from({ length: 28 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 28;
    return vec(X + CLOCK_RADIUS * Math.cos(angle), CLOCK_Y + CLOCK_RADIUS * Math.sin(angle), front - 0.06);
  });
  rim.forEach((point, k) => mesh.triangle(vec(X, CLOCK_Y, front - 0.06), point, rim[(k + 1) % rim.length] ?? point));
  panels.push({
    centre: vec(X, CLOCK_Y, front - 0.3),
    halfRight: vec(CLOCK_RADIUS, 0, 0),
    halfUp: vec(0, CLOCK_RADIUS, 0),
    normal: vec(0, 0, -1),
    radiance: scale(GLOW, 1.8),
  });
}
