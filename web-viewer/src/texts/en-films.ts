// The film room's texts, in English; a part of en.ts.

const LOCALE = 'en-GB';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const shortest = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const size = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });

const bytes = (count: number): string => {
  const steps = [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const;
  const [unit, step] = steps.find(([, least]) => count >= least) ?? (['kB', 1e3] as const);
  return `${size.format(count / step)} ${unit}`;
};

/** 0:07, 12:30, 1:02:03. */
const clock = (seconds: number): string => {
  const total = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

/** How long something will take, as people say it. */
const left = (seconds: number | null): string => {
  if (seconds === null) return '';
  if (seconds < 50) return `, ${whole.format(Math.max(1, seconds))} s left`;
  if (seconds < 3600) return `, ${whole.format(Math.max(1, seconds / 60))} min left`;
  return `, ${whole.format(Math.floor(seconds / 3600))} h ${whole.format(Math.floor((seconds % 3600) / 60))} min left`;
};

type JobState =
  | { readonly kind: 'waiting' | 'stopped' }
  | {
      readonly kind: 'working';
      readonly phase: 'starting' | 'analyse' | 'process' | 'assemble';
      readonly done: number;
      readonly total: number;
      readonly shot: number;
      readonly shots: number;
      readonly secondsLeft: number | null;
    }
  | {
      readonly kind: 'done';
      readonly outcome: {
        readonly bytes: number;
        readonly pictures: number;
        readonly seconds: number;
        readonly notes: readonly string[];
      };
    }
  | { readonly kind: 'failed'; readonly error: { readonly message: string; readonly remedy: string } };

function progress({ phase, done, total, shot, shots, secondsLeft }: Extract<JobState, { kind: 'working' }>): string {
  switch (phase) {
    case 'starting':
      return 'Starting';
    case 'analyse':
      return `Looking through it: ${whole.format(done)} pictures`;
    case 'process':
      return `${whole.format(done)} of ${whole.format(total)} pictures, shot ${whole.format(shot)} of ${whole.format(shots)}${left(secondsLeft)}`;
    case 'assemble':
      return `Putting it together${left(secondsLeft)}`;
  }
}

/** All texts of the film room. */
export const FILM_TEXTS = {
  region: 'Film room',
  name: 'Film room',
  title: 'Films and pictures: restored, coloured, brightened',
  drop: 'Drop a film or a picture here',
  kinds: 'MP4, MOV, MKV, AVI and more; JPEG, PNG, WebP, TIFF. It stays on this server.',
  choose: 'Choose a file',
  viewOnly: 'Your token may look and not change: files cannot be brought with it.',
  empty: 'Nothing has been brought yet.',
  list: 'What has been brought',
  uploads: 'On the way',
  back: 'All films',
  working: (jobs: number): string => (jobs === 0 ? 'Ready' : jobs === 1 ? 'Working' : `${whole.format(jobs)} in work`),

  uploadOf: (name: string): string => `Upload of ${name}`,
  sending: (sent: number, all: number, secondsLeft: number | null): string =>
    `${bytes(sent)} of ${bytes(all)}${left(secondsLeft)}`,
  paused: (sent: number, all: number): string => `Held at ${bytes(sent)} of ${bytes(all)}`,
  uploadFailed: (reason: string): string =>
    reason === '' ? 'The server does not answer. What has come is kept: go on later.' : reason,
  hold: 'Hold',
  goOn: 'Go on',
  giveUp: 'Give up',
  looking: 'It is being looked at',
  arrived: (name: string): string => `${name} is here.`,

  facts: (
    facts:
      | { readonly kind: 'film'; readonly width: number; readonly height: number; readonly frameRate: number; readonly seconds: number } // prettier-ignore
      | { readonly kind: 'picture'; readonly width: number; readonly height: number },
  ): string => {
    const shape = `${facts.width} × ${facts.height}`;
    if (facts.kind === 'picture') return shape;
    return [shape, `${shortest.format(facts.frameRate)} fps`, ...(facts.seconds > 0 ? [clock(facts.seconds)] : [])].join(', '); // prettier-ignore
  },
  made: (results: number): string => (results === 1 ? '1 result' : `${whole.format(results)} results`),
  progressOf: (name: string): string => `Progress of ${name}`,

  stage: 'Original and result of the same moment, on both sides of the divider',
  divider: 'Divider between the original and the result',
  original: 'Original',
  result: 'Result',
  play: 'Play',
  pause: 'Pause',

  pipeline: 'Pipeline',
  strength: 'Strength',
  at: 'Sample from',
  keptAs: 'Kept as',
  codecs: {
    h264: 'H.264, plays everywhere',
    h265: 'H.265, smaller',
    prores: 'ProRes, for editing',
    ffv1: 'FFV1, lossless, for archives',
  },
  sample: 'Try ten seconds',
  whole: 'Make the whole film',
  enhance: 'Enhance',

  jobs: 'What is made of it',
  job: (kind: 'sample' | 'whole', pipeline: string, strength: number): string =>
    `${kind === 'sample' ? 'Sample' : 'Whole'} · ${pipeline}${strength === 1 ? '' : ` · ${whole.format(100 * strength)} %`}`,
  jobState: (state: JobState): string => {
    switch (state.kind) {
      case 'waiting':
        return 'Waits for its turn';
      case 'working':
        return progress(state);
      case 'done': {
        const { outcome } = state;
        const parts = [bytes(outcome.bytes), `made in ${outcome.seconds < 10 ? shortest.format(Math.round(10 * outcome.seconds) / 10) : whole.format(outcome.seconds)} s`]; // prettier-ignore
        return [parts.join(', '), ...outcome.notes].join('. ');
      }
      case 'failed':
        return `${state.error.message}: ${state.error.remedy}`;
      case 'stopped':
        return 'Stopped';
    }
  },
  compare: 'Show',
  save: 'Download',
  stop: 'Stop',
  remove: 'Delete',
  removeFilm: 'Delete with all results',
  confirmRemove: (name: string): string => `Delete ${name} with all that was made of it?`,
  ready: 'The result is ready.',

  shots: 'Shots',
  shotsNote: 'Press one to begin the next sample there.',
  shot: (number: number, seconds: number): string => `Shot ${whole.format(number)}, from ${clock(seconds)}`,
  clock,
} as const;
