import type { PublishedStatus } from '../../src/server/published-stream.js';
import type { FaultScene, SceneOptions } from './fault-scene.js';

/** Something that goes wrong, and what is then to be seen. */
export interface Fault {
  readonly name: string;
  readonly options: SceneOptions;
  /** Brings it about. */
  readonly strike: (scene: FaultScene, round: number) => void | Promise<void>;
  /** How long it lasts, in milliseconds. */
  readonly holdMs: number;
  /** Ends it; nothing for what the program must get over by itself. */
  readonly mend?: (scene: FaultScene, round: number) => void | Promise<void>;
  /** Whether the camera is away while it lasts, so that placeholders are to be seen. */
  readonly away?: boolean;
  /** What must hold at the end of a fault that the picture is not to suffer from; returns a complaint or null. */
  readonly during?: (before: PublishedStatus, after: PublishedStatus, seconds: number) => string | null;
  /** Besides the picture: what else must be back. */
  readonly back?: (status: PublishedStatus) => boolean;
  /** Share of the pictures by which the account of lost ones may be off. */
  readonly tolerance: number;
}

/** The stream's process, which the supervisor must replace. */
function signalStream(signal: NodeJS.Signals) {
  return (scene: FaultScene): void => {
    for (const pid of scene.program.descendants()) process.kill(pid, signal);
  };
}

function lossy(name: string, loss: number, jitterMs: number): Fault {
  return {
    name,
    options: { udp: true },
    strike: ({ proxy }) => {
      if (proxy) proxy.weather = { loss, jitterMs };
    },
    holdMs: 8000,
    mend: ({ proxy }) => {
      if (proxy) proxy.weather = { loss: 0, jitterMs: 0 };
    },
    // With a fifth of the packets lost hardly a picture is whole; the stream must only live on.
    during: (before, after) => (loss < 0.1 && after.restarts > before.restarts ? 'the process was restarted' : null),
    tolerance: 0.3,
  };
}

const kill = ({ camera }: FaultScene): Promise<void> => camera.kill();

/** The picture goes on at its rate, and nothing was restarted. */
const undisturbed: NonNullable<Fault['during']> = (before, after, seconds) => {
  const pictures = (after.totals?.decoded ?? 0) - (before.totals?.decoded ?? 0);
  if (after.restarts > before.restarts) return 'the process was restarted';
  return pictures < 0.8 * 15 * seconds ? `only ${pictures} pictures in ${seconds.toFixed(1)} s` : null;
};

/** All faults. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'server-killed',
    options: {},
    strike: kill,
    holdMs: 4000,
    mend: (scene) => scene.replaceCamera(),
    away: true,
    tolerance: 0.1,
  },
  {
    name: 'server-frozen',
    options: {},
    strike: ({ camera }) => camera.freeze(),
    holdMs: 15_000,
    mend: ({ camera }) => camera.resume(),
    away: true,
    tolerance: 0.15,
  },
  {
    name: 'resolution-changed',
    options: {},
    strike: kill,
    holdMs: 2500,
    mend: (scene, round) => scene.replaceCamera(round % 2 === 0 ? { clip: scene.clips.clip(1280, 720) } : {}),
    away: true,
    tolerance: 0.15,
  },
  {
    name: 'sound-changed',
    options: {},
    strike: kill,
    holdMs: 2500,
    mend: (scene, round) => scene.replaceCamera({ sound: round % 2 !== 0 }),
    away: true,
    tolerance: 0.15,
  },
  lossy('loss-1', 0.01, 0),
  lossy('loss-5', 0.05, 0),
  lossy('loss-20', 0.2, 0),
  lossy('jitter-200', 0, 200),
  { name: 'stream-sigkill', options: {}, strike: signalStream('SIGKILL'), holdMs: 0, tolerance: 0.15 },
  { name: 'stream-sigsegv', options: {}, strike: signalStream('SIGSEGV'), holdMs: 0, tolerance: 0.15 },
  { name: 'stream-sigstop', options: {}, strike: signalStream('SIGSTOP'), holdMs: 0, tolerance: 0.15 },
  {
    name: 'disk-full',
    options: { volumeMegabytes: 24 },
    strike: async ({ volume, program }) => {
      volume?.fill();
      await program.statusWhere(({ recording }) => recording?.kind === 'paused');
    },
    holdMs: 3000,
    mend: ({ volume }) => volume?.empty(),
    during: undisturbed,
    back: ({ recording }) => recording?.kind === 'recording',
    tolerance: 0.1,
  },
  clockStepped(),
];

/** Forth and back by an hour, a day and a year, for the supervisor and the stream's process alike. */
function clockStepped(): Fault {
  let seconds = 0;
  return {
    name: 'clock-stepped',
    options: { steppedClock: true },
    strike: (scene, round) => {
      seconds = [3600, -3600, 86_400, -86_400, 31_536_000, 0][round % 6] ?? 0;
      scene.stepClock(seconds);
    },
    holdMs: 8000,
    during: (before, after, elapsed) => {
      // When the last picture came by the clock of the stream's process, which must have been stepped indeed.
      const ahead = ((after.anchors.enhanced?.arrival ?? 0) - Date.now()) / 1000;
      if (Math.abs(ahead - seconds) > 5) return `the process's clock is ${ahead.toFixed(0)} s ahead, not ${seconds}`;
      return undisturbed(before, after, elapsed);
    },
    tolerance: 0.1,
  };
}
