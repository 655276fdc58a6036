// Every text that people see or hear on the page, in English. Another language is another file like this one, of the type
// Texts, and a line in texts.ts. index.html names texts as {{part.name}}; functions make the texts that hold figures.

import { FILM_TEXTS } from './en-films.js';

const LOCALE = 'en-GB';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const shortest = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Names of codecs as people know them. */
const CODECS: Readonly<Record<string, string>> = {
  h264: 'H.264',
  hevc: 'H.265',
  mjpeg: 'Motion JPEG',
  av1: 'AV1',
  vp9: 'VP9',
};

/** Names of what networks run on besides the CPU. */
const PROVIDERS: Readonly<Record<string, string>> = { webgpu: 'GPU (WebGPU)', cuda: 'GPU (CUDA)', coreml: 'Core ML', dml: 'GPU (DirectML)' }; // prettier-ignore

/** A sentence with a capital at its beginning and a full stop at its end. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  // An address stays as it is.
  const begun = /^[a-z]+:\/\//.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return begun + (/[.!?]$/.test(trimmed) ? '' : '.');
}

const percent = (share: number): string => `${whole.format(100 * share)} %`;
const regionKinds = { private: 'private', untouched: 'untouched' } as const;

/** All texts of the page, in English. */
export const ENGLISH = {
  language: 'en',
  product: 'Afterglow',
  description: 'Live cameras, made visible at night.',
  needsScript: 'Afterglow plays live video and needs JavaScript for it. Please allow it for this page.',
  /** Stands where a figure is not known. */
  unknown: '–',

  title: (stream: string): string => `${stream} · Afterglow`,
  sentence,

  streams: { label: 'Cameras' },

  rooms: {
    label: 'Views',
    wall: 'Wall',
    wallTitle: 'All cameras (Esc)',
    films: 'Films',
    filmsTitle: 'Films and pictures',
  },

  wall: {
    name: 'All cameras',
    region: 'All cameras, live',
    enhanced: 'Enhanced',
    empty: 'There are no cameras yet',
    emptyRemedy: 'Name them in the configuration, or add them by the API; they appear here at once.',
    away: (since: Date): string => `Offline since ${clock.format(since)}`,
    figures: (rate: number | null, latency: number | null): string =>
      [
        rate === null ? '' : `${whole.format(rate)} fps`,
        latency === null ? '' : latency < 10_000 ? `${whole.format(latency)} ms` : `${whole.format(latency / 1000)} s`,
      ]
        .filter((part) => part !== '')
        .join(' · '),
    summary: (live: number, all: number): string => {
      if (all === 0) return 'No cameras';
      return live === all ? `${whole.format(all)} live` : `${whole.format(live)} of ${whole.format(all)} live`;
    },
    tile: (name: string, state: string, pipeline: string | null): string =>
      `${name}: ${state.toLowerCase()}${pipeline === null ? '' : `, enhanced by ${pipeline}`}`,
    news: (name: string, state: string): string => sentence(`${name}: ${state.toLowerCase()}`),
  },

  frozen: {
    badge: (since: Date): string => `Frozen since ${clock.format(since)}`,
    frozen: 'The picture stands still.',
    thawed: 'The picture is live again.',
  },

  magnifier: {
    label: (scale: number): string =>
      scale === 1
        ? 'Lens: a pixel of the camera is a pixel of the screen'
        : `Lens: ${whole.format(scale)} times enlarged`,
  },

  picture: {
    region: 'Live picture',
    label: (stream: string): string => `Live picture of ${stream}`,
    comparison: 'The original and the enhanced picture of the same moment, side by side',
  },

  conditions: {
    connecting: 'Connecting',
    starting: 'Starting',
    live: 'Live',
    reconnecting: 'Reconnecting',
    ended: 'Ended',
    failed: 'Failed',
    lost: 'Connection lost',
    locked: 'Locked',
  },

  overlay: {
    connecting: { title: 'Connecting', message: 'Asking for the live picture.' },
    firstPicture: { title: 'Almost there', message: 'Waiting for the first picture.' },
    overHls: (reason: string): string => `${reason}. Opening the picture by HLS.`,
    starting: { title: 'Starting', message: 'The camera is being opened and the networks are being loaded.' },
    reconnecting: { title: 'Reconnecting to the camera' },
    failed: { title: 'This camera cannot be shown' },
    ended: { title: 'The film has ended', message: 'The file has come to its end.' },
    lost: { title: 'Connection to Afterglow lost, trying again', message: 'The picture comes back by itself.' },
    stalled: { title: 'The picture has stopped', message: 'Connecting again.' },
    blocked: { title: 'Ready to play', message: 'This browser plays video only when asked to.', action: 'Play' },
    retry: (seconds: number): string => (seconds > 0 ? `Again in ${whole.format(seconds)} s` : 'Trying now'),
    since: (time: Date): string => `Away since ${clock.format(time)}`,
  },

  compare: {
    original: 'Original',
    enhanced: 'Enhanced',
    divider: 'Divider between the original and the enhanced picture',
    hint: 'Drag to compare',
    opening: 'Opening the original',
    value: (percent: number): string =>
      percent <= 0 ? 'Only the enhanced picture' : `Original on the left ${whole.format(percent)} %`,
    started: 'Comparing: the original on the left, the enhanced picture on the right.',
    ended: 'The enhanced picture alone.',
    unavailable: (reason: string): string => `The comparison is not to be had. ${sentence(reason)}`,
  },

  strength: {
    label: 'Strength',
    value: (percent: number): string => `${whole.format(percent)} %`,
  },

  buttons: {
    compare: 'Compare',
    compareTitle: 'Compare with the original (B)',
    sound: 'Sound',
    mute: 'Mute (M)',
    unmute: 'Turn sound on (M)',
    noSound: 'This camera has no sound',
    snapshot: 'Snapshot',
    snapshotTitle: 'Save the picture (S)',
    freeze: 'Freeze the picture (Space)',
    thaw: 'Back to the live picture (Space)',
    magnify: 'Lens (Z)',
    fullScreen: 'Full screen',
    fullScreenTitle: 'Full screen (F)',
    leaveFullScreen: 'Leave full screen (F)',
    help: 'Keyboard shortcuts',
    close: 'Close',
  },

  snapshot: {
    saved: 'Picture saved.',
    fileName: (stream: string, time: Date): string =>
      `${stream}-${time.toISOString().slice(0, 19).replace(/:/g, '-')}.png`,
  },

  sound: { on: 'Sound on.', off: 'Sound off.' },

  figures: {
    heading: 'Figures',
    shown: 'Shown',
    shownUnit: 'fps',
    latency: 'Latency',
    latencyUnit: 'ms',
    latencyNote: 'From arrival to screen',
    network: 'Network',
    networkUnit: 'runs/s',
    source: 'Source',
    connection: 'Connection',
    decimal: (value: number): string => oneDecimal.format(value),
    whole: (value: number): string => whole.format(value),
    ofSource: (rate: number): string => `${oneDecimal.format(rate)} from the camera`,
    /** provider: null for the CPU. */
    networkNote: (milliseconds: number, provider: string | null): string =>
      `${whole.format(milliseconds)} ms each${provider === null ? '' : ` on ${PROVIDERS[provider] ?? provider}`}`,
    lowered: 'Lowered to hold the delay',
    gateClosed: 'Off: it is light, or not its time',
    size: (width: number, height: number): string => `${width} × ${height}`,
    sourceNote: (rate: number, codec: string): string => `${shortest.format(rate)} fps, ${CODECS[codec] ?? codec}`,
  },

  transports: {
    connecting: 'Connecting',
    webrtc: 'WebRTC',
    hls: 'HLS',
    webrtcNote: 'Direct, with the least delay',
    reducedNote: 'Half the size: the connection carries no more',
    again: 'Try WebRTC again',
    trying: 'Trying WebRTC',
    changed: (transport: string, reason: string): string =>
      `Playing by ${transport}${reason === '' ? '' : `: ${reason}`}.`,
  },

  /** Why a way of playing did not work; parts of sentences. */
  failures: {
    unsupported: 'this browser has no WebRTC',
    noHls: 'this browser plays no HLS',
    notConnected: 'WebRTC did not connect in 3 s',
    noPicture: 'WebRTC brought no picture in 3 s',
    noHlsPicture: 'HLS brought no picture',
    lost: 'the connection was lost',
    unreachable: 'Afterglow did not answer',
    unauthorised: 'a token is needed',
    refused: (message: string, remedy: string): string => (remedy === '' ? message : `${message} (${remedy})`),
  },

  details: {
    summary: 'Details',
    stages: 'Time of a picture',
    stagesNote: (milliseconds: number): string => `A new picture comes every ${oneDecimal.format(milliseconds)} ms`,
    stage: {
      downsample: 'Scale down',
      denoise: 'Denoise',
      grid: 'Network and grid',
      slice: 'Apply to the picture',
      encode: 'Encode',
    },
    age: 'In all, until encoded',
    drops: 'Pictures left out',
    overtaken: 'Overtaken by newer ones',
    noSlot: 'No room to put them',
    damaged: 'Damaged on arrival',
    governed: 'To hold the delay',
    away: 'Missed while the camera was away',
    network: 'Lost on the network',
    decoded: 'Decoded',
    encoded: 'Encoded',
    answers: 'Runs of the network',
    stream: 'Stream',
    input: 'Input',
    container: 'Format',
    notes: 'On the way in',
    pipeline: 'Pipeline',
    gate: 'Enhanced',
    gateState: (mode: 'always' | 'dark' | 'schedule', open: boolean, luminance: number | null): string => {
      if (mode === 'always') return 'Always';
      if (mode === 'schedule') return open ? 'Now, by schedule' : 'Not now, by schedule';
      const light = luminance === null ? '' : ` (light ${whole.format(100 * luminance)} %)`;
      return open ? `Now: it is dark${light}` : `Not now: it is light${light}`;
    },
    governor: 'Load',
    governorState: (level: number, reason: string): string =>
      level === 0 ? 'All that was asked for' : `Lowered by ${level} of its steps: ${reason}`,
    recording: 'Recording',
    recordingState: (kind: 'off' | 'recording' | 'paused', error: string | undefined): string => {
      if (kind === 'off') return 'Off';
      return kind === 'recording' ? 'On' : `Paused${error === undefined ? '' : `: ${error}`}`;
    },
    noise: 'Noise of the source',
    encoder: 'Encoder',
    bitrate: 'Bit rate',
    memory: 'Memory',
    restarts: 'Restarts',
    viewers: 'Viewers by WebRTC',
    milliseconds: (value: number): string => `${oneDecimal.format(value)} ms`,
    count: (value: number): string => whole.format(value),
    levels: (value: number): string => `${oneDecimal.format(value)} of 255 levels`,
    megabits: (bits: number): string => `${oneDecimal.format(bits / 1e6)} Mbit/s`,
    megabytes: (bytes: number): string => `${whole.format(bytes / (1 << 20))} MB`,
    listed: (entries: readonly string[]): string => entries.join(', '),
    none: 'Nothing',
  },

  settings: {
    summary: 'Settings',
    viewOnly: 'Your token may look and not change. Ask for one of the role control.',
    pipeline: 'Pipeline',
    network: 'Network',
    networks: (names: readonly string[]): string => names.join(', '),
    noNetwork: 'None: the picture stays as it is',
    gate: 'Enhance',
    always: 'Always',
    dark: 'When it is dark',
    schedule: 'At set times',
    below: 'Dark below',
    above: 'light again above',
    percent: '%',
    from: 'From',
    to: 'to',
    aboveTooLow: 'This must be more than the other.',
    sameTimes: 'The two times must differ.',
    regions: 'Regions',
    regionCount: (hidden: number, untouched: number): string =>
      hidden + untouched === 0 ? 'None' : `${whole.format(hidden)} private, ${whole.format(untouched)} untouched`,
    edit: 'Draw on the picture',
    saving: 'Saving',
    saved: 'Saved.',
  },

  regions: {
    tools: 'Regions of the picture',
    kind: 'Kind',
    private: 'Private: blacked out',
    untouched: 'Untouched: as the camera sees it',
    shape: 'Shape',
    rectangle: 'Rectangle',
    polygon: 'Outline, corner by corner',
    add: 'Add a rectangle',
    remove: 'Remove',
    save: 'Save',
    cancel: 'Cancel',
    hint: 'Drag to draw. Drag a region or a corner to move it. Keys: Space chooses, arrows move, with Shift they stretch, Delete removes.',
    restart: 'Saving starts this camera anew: the picture stands for some seconds, viewers stay.',
    chosen: (number: number, kind: 'private' | 'untouched'): string =>
      `region ${whole.format(number)} is chosen, ${regionKinds[kind]}`,
    area: (count: number, chosen: string): string =>
      `Regions over the picture: ${count === 0 ? 'none yet' : whole.format(count)}${chosen === '' ? '' : `, ${chosen}`}`,
  },

  plots: {
    heading: 'Light and cadence',
    histogram: 'Brightness of the pixels',
    light: 'Light of the picture',
    network: 'Runs of the network',
    span: 'The last two minutes',
    original: 'Original',
    enhanced: 'Enhanced',
    noPicture: 'No picture is shown.',
    nothingYet: 'Nothing is known yet.',
    percent,
    perSecond: (rate: number): string => `${oneDecimal.format(rate)}/s`,
    histogramLabel: (
      enhanced: { readonly mean: number; readonly median: number },
      original: { readonly mean: number; readonly median: number } | null,
    ): string => {
      const side = (name: string, { mean, median }: { readonly mean: number; readonly median: number }): string =>
        `${name}: mean ${percent(mean)}, half of the pixels below ${percent(median)}.`;
      return `${original ? `${side('Original', original)} ` : ''}${side('Enhanced', enhanced)}`;
    },
    lightLabel: (least: number, most: number, now: number): string =>
      `Light of the camera’s picture over the last two minutes: ${percent(least)} to ${percent(most)}, now ${percent(now)}.`,
    networkLabel: (least: number, most: number, now: number): string =>
      `Runs of the network a second over the last two minutes: ${oneDecimal.format(least)} to ${oneDecimal.format(most)}, now ${oneDecimal.format(now)}.`,
  },

  support: {
    copy: 'Copy support bundle',
    note: 'Version, figures of this camera, browser and connection as JSON, without passwords and addresses.',
    copied: 'Copied',
    title: 'Support bundle',
    byHand: 'This browser does not let the page copy. The text is marked: copy it by hand.',
    text: 'Support bundle as JSON',
  },

  films: FILM_TEXTS,

  login: {
    title: 'This Afterglow is locked',
    message: 'Enter the access token that whoever runs it has given you.',
    label: 'Access token',
    submit: 'Open',
    wrong: 'This is not the token. Please try again.',
    checking: 'Checking',
    unreachable: 'Afterglow does not answer. Please try again.',
  },

  help: {
    title: 'Keys',
    compare: 'Compare with the original; held: the original while it is held',
    divider: 'Move the divider or the strength, when it is chosen; else to the next camera',
    edges: 'To either end of it',
    freeze: 'Freeze the picture, and back',
    magnify: 'Lens; held: while it is held',
    sound: 'Sound on or off',
    fullScreen: 'Full screen',
    regions: 'Draw regions, in full screen too',
    snapshot: 'Save the picture',
    escape: 'Back: from lens, comparison and frozen picture, then to the wall',
    wall: 'On the wall, from camera to camera; Enter opens one',
    help: 'Show these keys',
  },

  /** Names of keys as they stand on keyboards. */
  keys: { arrows: '← →', edges: 'Home End', escape: 'Esc', space: 'Space', allArrows: '← → ↑ ↓' },
} as const;
