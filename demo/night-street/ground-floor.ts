import { colour } from './colour.js';
import { awningCloth, boards, glowing, painted } from './finishes.js';
import { Lettering } from './lettering.js';
import { place, type Placement } from './mesh.js';
import type { Stage } from './stage.js';
import { scale, vec, type Vec3 } from './vector.js';
import { addWindow, type Opening, type RoomLight } from './window.js';

/** What a house has at street level. */
export type GroundFloor = DoorPlan | ShopPlan;

/** A front door, `doorAt` (0..1) of the way along the front. */
export interface DoorPlan {
  readonly kind: 'door';
  readonly doorAt: number;
  readonly door: string;
  readonly lantern?: boolean;
}

/** A shop: a wide window, a door at its far end, a sign board, perhaps an awning in two colours. */
export interface ShopPlan {
  readonly kind: 'shop';
  readonly sign: string;
  readonly board: string;
  readonly letters: string;
  readonly room: RoomLight;
  readonly awning?: readonly [string, string];
  /** Radiance of the letters; 0 is painted on. */
  readonly neon?: number;
}

const WARM = vec(1, 0.62, 0.3);

/** Adds a front door with its steps, frame and lantern; returns the hole it needs in the wall. */
export function addDoor(stage: Stage, front: Placement, middle: number, plan: DoorPlan, trim: number): Opening {
  const { mesh, palette } = stage;
  const opening = { u0: middle - 0.55, u1: middle + 0.55, v0: 0.3, v1: 2.95 };
  mesh.placement = front;
  mesh.material = trim;
  mesh.box(opening.u0 - 0.2, 0.3, -0.2, opening.u0, 3, 0.08);
  mesh.box(opening.u1, 0.3, -0.2, opening.u1 + 0.2, 3, 0.08);
  mesh.box(opening.u0 - 0.3, 2.95, -0.2, opening.u1 + 0.3, 3.15, 0.2);
  const paint = palette.add(painted(colour(plan.door), 0.8));
  mesh.material = paint;
  mesh.box(opening.u0, 0.3, -0.2, opening.u1, 2.4, -0.15);
  for (const u of [opening.u0 + 0.1, opening.u0 + 0.6]) {
    mesh.box(u, 0.5, -0.15, u + 0.4, 1.15, -0.12);
    mesh.box(u, 1.3, -0.15, u + 0.4, 2.25, -0.12);
  }
  mesh.material = palette.add(glowing(vec(1, 0.6, 0.28), plan.lantern === true ? 0.5 : 0.02));
  mesh.box(opening.u0, 2.45, -0.2, opening.u1, 2.95, -0.17);
  mesh.material = palette.add(painted(colour('#c9a227'), 1));
  mesh.box(opening.u1 - 0.16, 1.2, -0.12, opening.u1 - 0.1, 1.3, -0.04);
  mesh.material = palette.add(painted(colour('#8d8a84'), 0.1));
  mesh.box(opening.u0 - 0.25, 0, -0.2, opening.u1 + 0.25, 0.3, 0.35);
  mesh.box(opening.u0 - 0.25, 0, 0, opening.u1 + 0.25, 0.15, 0.65);
  if (plan.lantern === true) addLantern(stage, front, vec(opening.u0 - 0.42, 2.25, 0.2));
  return opening;
}

/** Adds a wall lantern and its light. */
export function addLantern(stage: Stage, front: Placement, at: Vec3, intensity = 2.2): void {
  const { mesh, palette } = stage;
  mesh.placement = front;
  mesh.material = palette.add(painted(colour('#1c1e1d'), 0.6));
  mesh.box(at.x - 0.1, at.y + 0.16, at.z - 0.1, at.x + 0.1, at.y + 0.2, at.z + 0.1);
  mesh.box(at.x - 0.02, at.y + 0.2, 0, at.x + 0.02, at.y + 0.24, at.z);
  mesh.material = palette.add(glowing(WARM, intensity / 0.06, true));
  mesh.box(at.x - 0.06, at.y - 0.12, at.z - 0.06, at.x + 0.06, at.y + 0.12, at.z + 0.06);
  const position = place(front, vec(at.x, at.y, at.z + 0.02));
  stage.lamps.push({ position, radius: 0.1, tint: WARM, intensity, kind: 'lantern', reach: 9 });
}

/** Adds a shop front; returns the holes it needs in the wall. */
export function addShopFront(stage: Stage, front: Placement, width: number, plan: ShopPlan): Opening[] {
  const { mesh, palette } = stage;
  mesh.placement = front;
  const board = palette.add(painted(colour(plan.board), 0.6));
  const window = { u0: 0.55, u1: width - 2.2, v0: 0.65, v1: 2.6 };
  const door = { u0: width - 1.75, u1: width - 0.65, v0: 0.1, v1: 2.6 };
  const style = { frame: board, trim: board, columns: Math.round((window.u1 - window.u0) / 1.3), rows: 1, plain: true };
  addWindow(stage, front, window, { ...style, room: plan.room });
  addWindow(stage, front, { ...door, v0: 0.9 }, { ...style, columns: 1, room: plan.room });
  mesh.placement = front;
  mesh.material = palette.add(boards(colour(plan.board), 0.3, 4));
  mesh.box(door.u0, 0.1, -0.18, door.u1, 0.9, -0.1);
  mesh.material = board;
  mesh.box(0.3, 0.1, 0, 0.52, 3.3, 0.12);
  mesh.box(width - 0.52, 0.1, 0, width - 0.3, 3.3, 0.12);
  mesh.box(width - 2.12, 0.1, 0, width - 1.85, 2.6, 0.1);
  mesh.box(0.5, 0.1, 0, width - 2.1, 0.6, 0.08);
  addSign(stage, front, plan, { u0: 0.3, u1: width - 0.3, v0: 2.66, v1: 3.24 }, board);
  if (plan.awning !== undefined) {
    const [first, second] = plan.awning;
    mesh.material = palette.add(awningCloth(colour(first), colour(second), 0.34));
    const [u0, u1] = [window.u0 - 0.15, width - 0.45];
    mesh.quad(vec(u0, 2.72, 0.1), vec(u1, 2.72, 0.1), vec(u1, 2.26, 1.25), vec(u0, 2.26, 1.25));
    mesh.quad(vec(u0, 2.26, 1.25), vec(u1, 2.26, 1.25), vec(u1, 2.04, 1.27), vec(u0, 2.04, 1.27));
  }
  return [window, door];
}

function addSign(stage: Stage, front: Placement, plan: ShopPlan, area: Opening, board: number): void {
  const { mesh, palette } = stage;
  const paint = palette.get(board);
  const ink = colour(plan.letters);
  const lettering = new Lettering(plan.sign);
  const size = Math.min(0.36, (area.u1 - area.u0 - 0.4) / lettering.width);
  const start = (area.u0 + area.u1 - lettering.width * size) / 2;
  const base = (area.v0 + area.v1 - size) / 2;
  const neon = plan.neon ?? 0;
  // Seen from the front the wall's right axis may point left; the text is set along the direction that reads.
  const mirrored = front.right.z > 0 && front.out.x < 0;
  mesh.material = palette.add((surface, x, y, z) => {
    const along = (x - front.origin.x) * front.right.x + (z - front.origin.z) * front.right.z;
    const u = mirrored ? area.u0 + area.u1 - along : along;
    const far = lettering.distance((u - start) / size, (y - front.origin.y - base) / size);
    paint(surface, x, y, z);
    if (far < 0.085) {
      surface.paint(ink);
      if (neon > 0) surface.shine(ink, neon);
    } else if (neon > 0) {
      surface.shine(ink, neon * 0.1 * Math.exp(-far * 4));
    }
  });
  mesh.placement = front;
  mesh.box(area.u0, area.v0, 0.02, area.u1, area.v1, 0.16);
  if (neon > 0) {
    const middle = vec((area.u0 + area.u1) / 2, (area.v0 + area.v1) / 2, 0.17);
    stage.panels.push({
      centre: place(front, middle),
      halfRight: scale(front.right, (area.u1 - area.u0) / 2),
      halfUp: scale(front.up, 0.2),
      normal: front.out,
      radiance: scale(ink, neon * 0.25),
    });
  }
}
