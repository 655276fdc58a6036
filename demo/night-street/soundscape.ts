import { PERIOD, type Actor } from './actor.js';
import { Random } from './random.js';
import { clamp, type Vec3 } from './vector.js';

/** Samples a second. */
export const SOUND_RATE = 48000;

const LENGTH = PERIOD * SOUND_RATE;
/** Loudness and place of a moving thing are reckoned once per this many samples, and joined by straight lines. */
const BLOCK = 480;
const LOUDNESS = 2.6;

/** The sound of the street as heard at `ear`: wind, the hum of the lamps, cars, steps and drips; left and right channel. */
export function composeSound(cast: readonly Actor[], ear: Vec3): [Float32Array, Float32Array] {
  const random = new Random(31);
  const channels: [Float32Array, Float32Array] = [new Float32Array(LENGTH), new Float32Array(LENGTH)];
  addWind(channels, random);
  addHum(channels);
  addDrips(channels, random);
  const hiss = band(whiteNoise(random), 500, 4200);
  const rumble = band(whiteNoise(random), 40, 260);
  for (const actor of cast) {
    if (actor.kind === 'car') addCar(channels, actor, ear, hiss, rumble);
    else if (actor.stepTime > 0) addSteps(channels, actor, ear, random);
  }
  // Held softly below full scale, so that the quiet of the street is not lost beside a car close by.
  for (const channel of channels) {
    for (let k = 0; k < LENGTH; k++) channel[k] = 0.8 * Math.tanh(LOUDNESS * (channel[k] ?? 0));
  }
  return channels;
}

function whiteNoise(random: Random): Float32Array {
  return Float32Array.from({ length: LENGTH }, () => random.gaussian());
}

/** The part of a looping sound between two frequencies (gentle slopes), scaled to standard deviation 1. */
function band(sound: Float32Array, low: number, high: number): Float32Array {
  const smooth = (input: Float32Array, frequency: number): Float32Array => {
    const share = 1 - Math.exp((-2 * Math.PI * frequency) / SOUND_RATE);
    const output = new Float32Array(LENGTH);
    let state = 0;
    // Twice round: the second time starts from the state that the loop's end leaves.
    for (let lap = 0; lap < 2; lap++) {
      for (let k = 0; k < LENGTH; k++) {
        state += ((input[k] ?? 0) - state) * share;
        output[k] = state;
      }
    }
    return output;
  };
  const upper = smooth(smooth(sound, high), high);
  const lower = smooth(upper, low);
  let square = 0;
  const result = upper.map((value, k) => value - (lower[k] ?? 0));
  for (const value of result) square += value * value;
  const factor = 1 / Math.sqrt(square / LENGTH);
  return result.map((value) => value * factor);
}

function addWind(channels: readonly [Float32Array, Float32Array], random: Random): void {
  channels.forEach((channel, side) => {
    const low = band(whiteNoise(random), 30, 220);
    const leaves = band(whiteNoise(random), 900, 3000);
    for (let k = 0; k < LENGTH; k++) {
      const turn = (2 * Math.PI * k) / LENGTH;
      const gust = 0.6 + 0.25 * Math.sin(turn + side * 0.6) + 0.15 * Math.sin(3 * turn + 1.3);
      channel[k] = (channel[k] ?? 0) + 0.02 * gust * (low[k] ?? 0) + 0.0045 * gust * gust * (leaves[k] ?? 0);
    }
  });
}

/** The lamps' ballasts hum at twice the mains frequency. */
function addHum(channels: readonly [Float32Array, Float32Array]): void {
  channels.forEach((channel, side) => {
    for (let k = 0; k < LENGTH; k++) {
      const turn = (2 * Math.PI * k) / SOUND_RATE;
      const hum = Math.sin(100 * turn + side) + 0.4 * Math.sin(200 * turn) + 0.2 * Math.sin(400 * turn + side);
      channel[k] = (channel[k] ?? 0) + 0.0025 * hum;
    }
  });
}

/** Water dripping from the gutters. */
function addDrips(channels: readonly [Float32Array, Float32Array], random: Random): void {
  for (let drip = 0; drip < 13; drip++) {
    const start = Math.floor(random.next() * LENGTH);
    const pitch = random.between(900, 2200);
    const loudness = random.between(0.004, 0.014);
    const place = random.next();
    for (let k = 0; k < 0.09 * SOUND_RATE; k++) {
      const time = k / SOUND_RATE;
      const value =
        loudness * Math.exp(-time * 55) * Math.sin(2 * Math.PI * pitch * time * (1 + 3 * time)) * Math.min(1, k / 40);
      mixIn(channels, start + k, value, place);
    }
  }
}

/** Tyres on the wet road and a small engine, louder and wider apart the nearer the car. */
function addCar(
  channels: readonly [Float32Array, Float32Array],
  actor: Actor,
  ear: Vec3,
  hiss: Float32Array,
  rumble: Float32Array,
): void {
  const last = Math.ceil((Math.min(actor.duration, 60) * SOUND_RATE) / BLOCK);
  const lapStart = Math.floor(actor.headStart / PERIOD) * PERIOD;
  let phase = 0;
  for (let block = 0; block < last; block++) {
    const from = carAt(actor, (block * BLOCK) / SOUND_RATE, ear);
    const to = carAt(actor, ((block + 1) * BLOCK) / SOUND_RATE, ear);
    // Every lap's player brings its own part of the passage only, or the car would sound more than once.
    const seconds = (block * BLOCK) / SOUND_RATE;
    const mine = seconds >= lapStart && seconds < lapStart + PERIOD;
    for (let k = 0; k < BLOCK; k++) {
      const t = k / BLOCK;
      const speed = from.speed + (to.speed - from.speed) * t;
      phase += (24 + speed * 3.1) / SOUND_RATE;
      if (!mine) continue;
      const loudness = from.loudness + (to.loudness - from.loudness) * t;
      const index = block * BLOCK + k - Math.round(actor.headStart * SOUND_RATE);
      const source = ((index % LENGTH) + LENGTH) % LENGTH;
      const engine =
        Math.sin(2 * Math.PI * phase) + 0.6 * Math.sin(4 * Math.PI * phase) + 0.35 * Math.sin(6 * Math.PI * phase);
      const rolling = (hiss[source] ?? 0) * from.bright + 0.7 * (rumble[source] ?? 0);
      mixIn(
        channels,
        index,
        loudness * (0.2 * (speed / 10) * rolling + 0.05 * engine),
        from.place + (to.place - from.place) * t,
      );
    }
  }
}

function carAt(
  actor: Actor,
  seconds: number,
  ear: Vec3,
): { loudness: number; bright: number; place: number; speed: number } {
  const { origin } = actor.pose(Math.min(seconds, actor.duration)).at;
  const next = actor.pose(Math.min(seconds + 0.05, actor.duration)).at.origin;
  const distance = Math.hypot(origin.x - ear.x, ear.y, origin.z - ear.z);
  // Behind the houses of the cross street a car is heard only faintly; at its passage's ends it fades in and out.
  const screened = Math.abs(origin.x) > 12 ? 0.25 : 1;
  const ends = clamp(Math.min(seconds, actor.duration - seconds) / 0.7, 0, 1);
  return {
    loudness: (screened * ends * 9) / (6 + distance ** 1.35),
    bright: 0.25 + 0.75 * Math.exp(-distance / 30),
    place: 0.5 + clamp((origin.x - ear.x) / (Math.abs(origin.z - ear.z) + 6), -1, 1) * 0.42,
    speed: Math.hypot(next.x - origin.x, next.z - origin.z) / 0.05,
  };
}

function addSteps(channels: readonly [Float32Array, Float32Array], actor: Actor, ear: Vec3, random: Random): void {
  for (let seconds = actor.stepTime / 2; seconds < actor.duration; seconds += actor.stepTime) {
    const lapStart = Math.floor(actor.headStart / PERIOD) * PERIOD;
    if (seconds < lapStart || seconds >= lapStart + PERIOD) continue;
    const { origin } = actor.pose(seconds).at;
    const distance = Math.hypot(origin.x - ear.x, ear.y, origin.z - ear.z);
    const place = 0.5 + clamp((origin.x - ear.x) / (Math.abs(origin.z - ear.z) + 5), -1, 1) * 0.4;
    const loudness = 0.32 / (4 + distance ** 1.4);
    const start = Math.round((seconds - actor.headStart) * SOUND_RATE);
    let soft = 0;
    for (let k = 0; k < 0.06 * SOUND_RATE; k++) {
      soft += (random.gaussian() - soft) * 0.22;
      const time = k / SOUND_RATE;
      const shape = Math.min(1, k / 60) * (Math.exp(-time * 130) + 0.25 * Math.exp(-time * 45));
      mixIn(channels, start + k, loudness * shape * (soft * 1.6 + 0.5 * Math.sin(2 * Math.PI * 115 * time)), place);
    }
  }
}

/** Adds a sample at an index of the loop, `place` 0 (left) .. 1 (right). */
function mixIn(channels: readonly [Float32Array, Float32Array], index: number, value: number, place: number): void {
  const at = ((index % LENGTH) + LENGTH) % LENGTH;
  const angle = (place * Math.PI) / 2;
  channels[0][at] = (channels[0][at] ?? 0) + value * Math.cos(angle);
  channels[1][at] = (channels[1][at] ?? 0) + value * Math.sin(angle);
}
