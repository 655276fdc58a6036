import { colour } from './colour.js';
import { cloth, painted } from './finishes.js';
import { addLimb, addTrunk, jointOf } from './limb.js';
import { MeshBuilder, WORLD, type Mesh } from './mesh.js';
import type { Palette } from './surface.js';
import { lerp, smoothstep, vec, type Vec3 } from './vector.js';

/** How a person looks. */
export interface PersonStyle {
  /** Metres. */
  readonly height: number;
  readonly coat: string;
  /** A second colour banding the coat. */
  readonly band?: string;
  /** How far down the coat reaches: to the hips, the knees, or as a wide skirt. */
  readonly cut: 'jacket' | 'long' | 'skirt';
  readonly trousers: string;
  readonly skin: string;
  readonly hair: string;
  readonly longHair?: boolean;
  readonly hat?: string;
  readonly scarf?: string;
  readonly bag?: string;
  /** Two colours of an umbrella held overhead. */
  readonly umbrella?: readonly [string, string];
}

/** What a person is doing. */
export interface PersonPose {
  readonly kind: 'walk' | 'run' | 'stand' | 'sit';
  /** How far through the cycle of two steps, or of a gesture, 0..1. */
  readonly phase: number;
}

/** Metres walked in one cycle of two steps. */
export const STRIDE = { walk: 1.4, run: 2.3 } as const;

/** The materials of a style. */
export interface Wardrobe {
  readonly style: PersonStyle;
  readonly coat: number;
  readonly trousers: number;
  readonly skin: number;
  readonly hair: number;
  readonly shoes: number;
  readonly hat: number;
  readonly scarf: number;
  readonly bag: number;
  readonly umbrella: number;
  readonly screen: number;
}

/** Makes the materials of a style. */
export function wardrobe(palette: Palette, style: PersonStyle): Wardrobe {
  const dyed = (hex: string | undefined): number => palette.add(cloth(colour(hex ?? '#333333')));
  const [first, second] = (style.umbrella ?? ['#222222', '#222222']).map(colour);
  return {
    style,
    coat: palette.add(cloth(colour(style.coat), colour(style.band ?? style.coat), style.band === undefined ? 0 : 6)),
    trousers: dyed(style.trousers),
    skin: palette.add(painted(colour(style.skin), 0.3)),
    hair: dyed(style.hair),
    shoes: palette.add(painted(colour('#2a2320'), 0.6)),
    hat: dyed(style.hat),
    scarf: dyed(style.scarf),
    bag: palette.add(painted(colour(style.bag ?? '#333333'), 0.5)),
    umbrella: palette.add((surface, x, _y, z) => {
      const panel = Math.floor((Math.atan2(z - UMBRELLA.z, x - UMBRELLA.x) / Math.PI) * 4 + 8);
      surface.paint((panel & 1 ? second : first) ?? vec(0, 0, 0));
      surface.roughness = 0.35;
      surface.reflectance = 0.04;
    }),
    screen: palette.add((surface) => {
      surface.shine(vec(0.7, 0.85, 1), 3);
    }),
  };
}

const UMBRELLA = vec(0.16, 2.12, 0.1);
const ACROSS = vec(1, 0, 0);

/** Builds a person in a pose: standing on y = 0 about the origin, facing +z. */
export function buildPerson(dress: Wardrobe, pose: PersonPose): Mesh {
  const mesh = new MeshBuilder();
  const size = dress.style.height / 1.76;
  mesh.placement = { ...WORLD, right: vec(size, 0, 0), up: vec(0, size, 0), out: vec(0, 0, size) };
  const turn = pose.phase * 2 * Math.PI;
  const moving = pose.kind === 'walk' || pose.kind === 'run';
  const lean = pose.kind === 'run' ? 0.13 : pose.kind === 'walk' ? 0.03 : 0.01 * Math.sin(turn);
  const hipHeight =
    pose.kind === 'sit'
      ? 0.52
      : pose.kind === 'stand'
        ? 0.95
        : 0.92 + 0.018 * Math.cos(2 * turn + (pose.kind === 'run' ? 2 : 0.6));
  const hip = vec(pose.kind === 'stand' ? 0.012 * Math.sin(turn) : 0, hipHeight, 0);
  const spine = (up: number): Vec3 => vec(hip.x, hip.y + up, hip.z + lean * up);

  addLegs(mesh, dress, pose, hip);
  addCoat(mesh, dress, pose, spine);
  addArms(mesh, dress, pose, spine, moving ? turn : 0);
  addHead(mesh, dress, spine, pose.kind === 'sit' ? 0.12 : 0.02);
  if (dress.style.umbrella !== undefined) addUmbrella(mesh, dress);
  return mesh.build();
}

function addLegs(mesh: MeshBuilder, dress: Wardrobe, pose: PersonPose, hip: Vec3): void {
  for (const side of [-1, 1]) {
    const root = vec(hip.x + side * 0.09, hip.y, hip.z);
    const foot = footOf(pose, side);
    const ankle = vec(foot.x, foot.y + 0.09, foot.z - 0.03);
    const knee = jointOf(root, ankle, 0.44, 0.44, vec(side * 0.05, 0, 1));
    mesh.material = dress.trousers;
    addLimb(mesh, root, knee, ankle, [0.095, 0.066, 0.05]);
    mesh.material = dress.shoes;
    mesh.ellipsoid(vec(foot.x, foot.y + 0.05, foot.z + 0.05), vec(0.048, 0.05, 0.135), 9);
  }
}

/** Where a foot is: on the ground for six tenths of the cycle, then swung forward. */
function footOf(pose: PersonPose, side: number): Vec3 {
  if (pose.kind === 'sit') return vec(side * 0.11, 0, 0.46);
  if (pose.kind === 'stand') return vec(side * 0.12, 0, side * 0.04);
  const running = pose.kind === 'run';
  const onGround = running ? 0.4 : 0.6;
  const reach = STRIDE[pose.kind] * onGround;
  const u = (pose.phase + (side > 0 ? 0.5 : 0)) % 1;
  if (u < onGround) {
    const heel = smoothstep(onGround * 0.6, onGround, u) * 0.07;
    return vec(side * 0.085, heel, reach * (0.5 - u / onGround));
  }
  const swing = (u - onGround) / (1 - onGround);
  const lift = running ? 0.34 : 0.13;
  return vec(
    side * 0.085,
    lift * Math.sin(Math.PI * Math.min(1, swing + 0.12)) + 0.02,
    reach * (smoothstep(0, 1, swing) - 0.5),
  );
}

function addCoat(mesh: MeshBuilder, dress: Wardrobe, pose: PersonPose, spine: (up: number) => Vec3): void {
  const { cut } = dress.style;
  const sitting = pose.kind === 'sit';
  const hem = sitting || cut === 'jacket' ? -0.1 : cut === 'long' ? -0.42 : -0.36;
  const flare = cut === 'skirt' ? 0.27 : cut === 'long' ? 0.21 : 0.175;
  mesh.material = dress.coat;
  addTrunk(
    mesh,
    [
      [spine(hem), sitting ? 0.18 : flare, sitting ? 0.15 : flare * 0.85],
      [spine(lerp(hem, 0, 0.6)), (flare + 0.18) / 2, 0.15],
      [spine(0.06), 0.17, 0.128],
      [spine(0.2), 0.152, 0.112],
      [spine(0.36), 0.185, 0.128],
      [spine(0.49), 0.205, 0.12],
      [spine(0.545), 0.175, 0.095],
      [spine(0.59), 0.085, 0.07],
      [spine(0.62), 0.058, 0.056],
    ],
    ACROSS,
  );
  if (dress.style.scarf !== undefined) {
    mesh.material = dress.scarf;
    mesh.ellipsoid(spine(0.575), vec(0.1, 0.045, 0.1), 10);
    const low = spine(0.3);
    mesh.tube([spine(0.56), vec(low.x + 0.07, low.y, low.z + 0.15)], [0.05, 0.045], 6);
  }
  if (dress.style.bag !== undefined) {
    mesh.material = dress.bag;
    const middle = spine(0.3);
    mesh.ellipsoid(vec(middle.x, middle.y, middle.z - 0.2), vec(0.15, 0.21, 0.1), 10);
  }
}

function addArms(
  mesh: MeshBuilder,
  dress: Wardrobe,
  pose: PersonPose,
  spine: (up: number) => Vec3,
  turn: number,
): void {
  const running = pose.kind === 'run';
  for (const side of [-1, 1]) {
    const root = spine(0.5);
    const shoulder = vec(root.x + side * 0.185, root.y, root.z);
    let hand: Vec3;
    if (side > 0 && dress.style.umbrella !== undefined) {
      hand = vec(UMBRELLA.x, 1.28, UMBRELLA.z + 0.16);
    } else if (pose.kind === 'sit') {
      hand = vec(side * 0.05, spine(0.3).y, 0.34);
    } else if (pose.kind === 'stand') {
      const gesture =
        side > 0
          ? Math.max(0, Math.sin(pose.phase * 4 * Math.PI)) * (0.6 + 0.4 * Math.sin(pose.phase * 14 * Math.PI))
          : 0;
      hand = vec(side * (0.26 - 0.06 * gesture), lerp(0.9, 1.28, gesture), lerp(0.08, 0.34, gesture));
    } else {
      const swing = Math.sin(turn + (side > 0 ? 0.2 : Math.PI + 0.2));
      hand = running
        ? vec(side * 0.17, 1.12 + 0.16 * swing, 0.2 + 0.28 * swing)
        : vec(side * 0.23, 0.89 + 0.05 * Math.abs(swing), 0.04 + 0.26 * swing);
    }
    const elbow = jointOf(shoulder, hand, 0.29, 0.27, vec(side * 0.15, -0.3, -1));
    mesh.material = dress.coat;
    addLimb(mesh, shoulder, elbow, hand, [0.074, 0.056, 0.042]);
    mesh.material = dress.skin;
    mesh.ellipsoid(hand, vec(0.04, 0.055, 0.045), 7);
    if (pose.kind === 'sit' && side > 0) {
      mesh.material = dress.screen;
      mesh.box(-0.04, hand.y + 0.05, hand.z + 0.02, 0.04, hand.y + 0.18, hand.z + 0.05);
    }
  }
}

function addHead(mesh: MeshBuilder, dress: Wardrobe, spine: (up: number) => Vec3, nod: number): void {
  const neck = spine(0.72);
  const head = vec(neck.x, neck.y, neck.z + nod);
  mesh.material = dress.skin;
  mesh.tube([spine(0.58), spine(0.68)], [0.055, 0.055], 8);
  mesh.ellipsoid(head, vec(0.078, 0.112, 0.096), 12);
  mesh.ellipsoid(vec(head.x, head.y - 0.015, head.z + 0.095), vec(0.014, 0.022, 0.02), 6);
  mesh.material = dress.hair;
  mesh.ellipsoid(vec(head.x, head.y + 0.035, head.z - 0.022), vec(0.09, 0.098, 0.1), 12);
  if (dress.style.longHair === true)
    mesh.ellipsoid(vec(head.x, head.y - 0.09, head.z - 0.065), vec(0.085, 0.16, 0.055), 10);
  if (dress.style.hat !== undefined) {
    mesh.material = dress.hat;
    mesh.ellipsoid(vec(head.x, head.y + 0.075, head.z - 0.01), vec(0.1, 0.085, 0.11), 12);
    mesh.ellipsoid(vec(head.x, head.y + 0.05, head.z + 0.02), vec(0.12, 0.02, 0.14), 12);
  }
}

function addUmbrella(mesh: MeshBuilder, dress: Wardrobe): void {
  mesh.material = dress.shoes;
  mesh.tube([vec(UMBRELLA.x, 1.2, UMBRELLA.z + 0.16), UMBRELLA], [0.012, 0.012], 5);
  mesh.material = dress.umbrella;
  const rings = [0, 0.25, 0.5, 0.75, 1].map((t) => {
    const radius = 0.56 * Math.sin(t * 1.35);
    const y = UMBRELLA.y + 0.08 - 0.3 * (1 - Math.cos(t * 1.35));
    return Array.from({ length: 16 }, (_, s) => {
      const angle = (2 * Math.PI * s) / 16;
      const sag = t * 0.025 * (s & 1);
      return vec(UMBRELLA.x + radius * Math.cos(angle), y + sag, UMBRELLA.z + radius * Math.sin(angle));
    });
  });
  mesh.loft(rings);
}
