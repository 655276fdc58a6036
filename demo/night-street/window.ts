import { colour } from './colour.js';
import { foliage } from './finishes.js';
import { place, type Placement } from './mesh.js';
import { relief, roughRelief, scatter } from './random.js';
import type { Stage } from './stage.js';
import type { Material } from './surface.js';
import { add, scale, smoothstep, vec, type Vec3 } from './vector.js';

/** A rectangle cut out of a wall, in metres along it (u) and up it (v). */
export interface Opening {
  readonly u0: number;
  readonly v0: number;
  readonly u1: number;
  readonly v1: number;
}

/** What is seen through a pane: nothing, or a lit room. */
export type RoomLight = 'dark' | 'warm' | 'dim' | 'cool' | 'shop';

/** How a window is made; the numbers are materials. */
export interface WindowStyle {
  readonly frame: number;
  readonly trim: number;
  /** Panes across and up. */
  readonly columns: number;
  readonly rows: number;
  readonly room: RoomLight;
  readonly shutters?: number;
  readonly flowers?: boolean;
  /** Shop windows have neither sill nor surround. */
  readonly plain?: boolean;
}

const ROOM_TINT: Readonly<Record<RoomLight, Vec3>> = {
  dark: vec(0, 0, 0),
  warm: vec(1, 0.6, 0.27),
  dim: vec(1, 0.48, 0.17),
  cool: vec(0.5, 0.75, 1),
  shop: vec(1, 0.64, 0.32),
};

const ROOM_RADIANCE: Readonly<Record<RoomLight, number>> = { dark: 0, warm: 1.5, dim: 0.45, cool: 0.5, shop: 1.5 };

const GLASS_DEPTH = 0.13;
const REVEAL_DEPTH = 0.2;

/** Adds a window into an opening of the wall that lies at w = 0 of the placement. */
export function addWindow(stage: Stage, wall: Placement, opening: Opening, style: WindowStyle): void {
  const { mesh } = stage;
  const { u0, v0, u1, v1 } = opening;
  mesh.placement = wall;
  addReveal(stage, opening, style.trim);

  mesh.material = stage.palette.add(paneMaterial(stage, wall, opening, style.room));
  const d = -GLASS_DEPTH;
  mesh.quad(vec(u0, v0, d), vec(u1, v0, d), vec(u1, v1, d), vec(u0, v1, d));
  if (style.room !== 'dark') {
    stage.panels.push({
      centre: place(wall, vec((u0 + u1) / 2, (v0 + v1) / 2, -0.02)),
      halfRight: scale(wall.right, (u1 - u0) / 2),
      halfUp: scale(wall.up, (v1 - v0) / 2),
      normal: wall.out,
      radiance: scale(ROOM_TINT[style.room], ROOM_RADIANCE[style.room] * (style.room === 'shop' ? 0.35 : 0.5)),
    });
  }

  mesh.material = style.frame;
  const bar = 0.055;
  mesh.box(u0, v0, -0.16, u0 + bar, v1, -0.07);
  mesh.box(u1 - bar, v0, -0.16, u1, v1, -0.07);
  mesh.box(u0, v0, -0.16, u1, v0 + bar, -0.07);
  mesh.box(u0, v1 - bar, -0.16, u1, v1, -0.07);
  for (let k = 1; k < style.columns; k++) {
    const u = u0 + ((u1 - u0) * k) / style.columns;
    mesh.box(u - 0.025, v0, -0.15, u + 0.025, v1, -0.09);
  }
  for (let k = 1; k < style.rows; k++) {
    const v = v0 + ((v1 - v0) * k) / style.rows;
    mesh.box(u0, v - 0.022, -0.15, u1, v + 0.022, -0.09);
  }

  if (style.plain === true) return;
  mesh.material = style.trim;
  mesh.box(u0 - 0.13, v1, 0, u1 + 0.13, v1 + 0.17, 0.05);
  mesh.box(u0 - 0.16, v0 - 0.09, 0, u1 + 0.16, v0, 0.13);
  if (style.shutters === undefined) {
    mesh.box(u0 - 0.12, v0, 0, u0, v1, 0.035);
    mesh.box(u1, v0, 0, u1 + 0.12, v1, 0.035);
  } else {
    mesh.material = style.shutters;
    const leaf = (u1 - u0) * 0.5;
    for (const left of [u0 - leaf - 0.02, u1 + 0.02]) {
      mesh.box(left, v0, 0.01, left + leaf, v1, 0.05);
      for (let v = v0 + 0.1; v < v1 - 0.08; v += 0.11)
        mesh.box(left + 0.06, v, 0.05, left + leaf - 0.06, v + 0.06, 0.075);
    }
  }
  if (style.flowers === true) addFlowers(stage, u0, u1, v0);
}

/** The four cheeks of a hole in the wall. */
function addReveal(stage: Stage, { u0, v0, u1, v1 }: Opening, material: number): void {
  const { mesh } = stage;
  const d = -REVEAL_DEPTH;
  mesh.material = material;
  mesh.quad(vec(u0, v0, 0), vec(u0, v1, 0), vec(u0, v1, d), vec(u0, v0, d));
  mesh.quad(vec(u1, v0, 0), vec(u1, v1, 0), vec(u1, v1, d), vec(u1, v0, d));
  mesh.quad(vec(u0, v0, 0), vec(u1, v0, 0), vec(u1, v0, d), vec(u0, v0, d));
  mesh.quad(vec(u0, v1, 0), vec(u1, v1, 0), vec(u1, v1, d), vec(u0, v1, d));
}

/** The glass of an opening with what shows through it: curtains and a dark room, or a lit one. */
function paneMaterial(stage: Stage, wall: Placement, { u0, v0, u1, v1 }: Opening, room: RoomLight): Material {
  const { random } = stage;
  const seed = Math.floor(random.next() * 1e6);
  const drawn = room === 'shop' ? 0 : random.between(0.16, 0.3);
  const curtain = random.pick([colour('#c9b79a'), colour('#b98d86'), colour('#9aa9b4'), colour('#d8d2c4')]);
  const tint = ROOM_TINT[room];
  const radiance = ROOM_RADIANCE[room];
  return (surface, x, y, z) => {
    const u = ((x - wall.origin.x) * wall.right.x + (z - wall.origin.z) * wall.right.z - u0) / (u1 - u0);
    const v = (y - wall.origin.y - v0) / (v1 - v0);
    const side = Math.min(u, 1 - u);
    const hanging = side < drawn + 0.05 * (1 - v) * Math.sin(v * 5 + seed);
    const fold = 0.5 + 0.5 * Math.sin(side * (u1 - u0) * 42 + relief(u * 5, v * 2, seed) * 3);
    surface.roughness = 0.06;
    surface.reflectance = 0.045;
    if (room === 'dark') {
      surface.paint(curtain, hanging ? 0.15 + 0.3 * fold : 0.02);
      return;
    }
    surface.paint(curtain, 0.1);
    if (room === 'shop') {
      const inside = barRoom(u * (u1 - u0), v * (v1 - v0), seed);
      surface.glowRed = tint.x * radiance * inside.x;
      surface.glowGreen = tint.y * radiance * inside.y;
      surface.glowBlue = tint.z * radiance * inside.z;
      return;
    }
    const lampUp = Math.exp(-((u - 0.4) ** 2 * 5 + (v - 0.75) ** 2 * 4));
    const wallpaper = 0.9 + 0.2 * scatter(Math.floor(u * 9), 0, seed);
    const plant = smoothstep(
      0.06,
      0,
      Math.hypot((u - 0.62) * (u1 - u0), (v - 0.2) * (v1 - v0) * 0.8) - 0.2 * roughRelief(u * 9, v * 9, 3, seed),
    );
    const back = (0.3 + 0.9 * lampUp) * wallpaper * (v < 0.12 ? 0.5 : 1) * (1 - 0.8 * plant);
    const through = hanging ? 0.3 + 0.35 * fold : back;
    surface.shine(
      hanging ? vec(tint.x * curtain.x * 1.6, tint.y * curtain.y * 1.6, tint.z * curtain.z * 1.6) : tint,
      radiance * through,
    );
  };
}

/** The look of a café's inside, u and v in metres: hanging lamps, bottles along the wall, guests; factors of its light. */
function barRoom(u: number, v: number, seed: number): Vec3 {
  const table = Math.floor(u / 1.25);
  const across = u - table * 1.25 - 0.62;
  const lampHeight = 1.62 + 0.1 * scatter(table, 3, seed);
  const bulb = smoothstep(0.13, 0.05, Math.hypot(across, (v - lampHeight) * 1.5));
  const pool = Math.exp(-3.2 * across * across - 1.6 * (v - 1.2) ** 2);
  const seated = guest(across - 0.34, v, table * 2, seed) || guest(across + 0.3, v, table * 2 + 1, seed);
  const counter = v < 0.34 || Math.abs(v - 1.02) < 0.025;
  let tone = 0.1 + 0.42 * pool;
  if (seated) tone *= 0.24 + 0.3 * scatter(Math.floor(u * 3), 9, seed);
  else if (counter) tone *= 0.3;
  const bottle = Math.floor(u / 0.085);
  const tall = 1.06 + 0.26 * scatter(bottle, 6, seed);
  const onShelf = !seated && v > 1.04 && v < tall && u / 0.085 - bottle > 0.2 && scatter(bottle, 7, seed) < 0.75;
  const light = vec(tone + 1.3 * bulb, tone + 1.3 * bulb, tone + 1.3 * bulb);
  if (!onShelf) return light;
  const hue = scatter(bottle, 8, seed);
  return vec(light.x * (0.35 + 0.6 * hue), light.y * (0.85 - 0.5 * hue), light.z * (0.4 + 0.5 * Math.abs(hue - 0.5)));
}

/** Whether a guest, seated at `across` = 0 if there is one, hides the point. */
function guest(across: number, v: number, seat: number, seed: number): boolean {
  if (scatter(seat, 4, seed) > 0.75) return false;
  const lean = (scatter(seat, 5, seed) - 0.5) * 0.5;
  const crown = 0.62 + 0.16 * scatter(seat, 10, seed);
  const x = across - lean * (v - 0.2);
  const head = (x / 0.078) ** 2 + ((v - crown) / 0.115) ** 2 < 1;
  const body =
    v < crown - 0.1 && Math.abs(x) < 0.2 * Math.sqrt(Math.max(0, 1 - ((v - 0.1) / (crown - 0.18)) ** 2)) + 0.03;
  return head || body;
}

/** A box of geraniums on the sill. */
function addFlowers(stage: Stage, u0: number, u1: number, v: number): void {
  const { mesh, palette, random } = stage;
  mesh.material = palette.add((surface) => {
    surface.paint(vec(0.13, 0.06, 0.035));
  });
  mesh.box(u0 - 0.05, v, 0.02, u1 + 0.05, v + 0.16, 0.2);
  const bloom = random.pick([colour('#d8203a'), colour('#e0508c'), colour('#f0e8e0')]);
  const green = palette.add(foliage(colour('#5d8f3c'), 3));
  const petal = palette.add((surface) => {
    surface.paint(bloom);
  });
  const tufts = Math.round((u1 - u0) * 55);
  for (let k = 0; k < tufts; k++) {
    const middle = vec(
      random.between(u0 - 0.05, u1 + 0.05),
      v + random.between(0.12, 0.36),
      random.between(0.02, 0.26),
    );
    mesh.material = random.next() < 0.45 ? petal : green;
    addLeaf(stage, middle, random.between(0.03, 0.06));
  }
}

/** Adds one leaf: a small four-cornered scrap, turned any way. */
export function addLeaf(stage: Stage, middle: Vec3, size: number): void {
  const { mesh, random } = stage;
  const turn = (): Vec3 => scale(vec(random.between(-1, 1), random.between(-1, 1), random.between(-1, 1)), size);
  const a = turn();
  const b = turn();
  mesh.quad(add(middle, a), add(middle, b), add(middle, scale(a, -1)), add(middle, scale(b, -1)));
}
