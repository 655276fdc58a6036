// Every text that people see or hear on the page, in English. A page in another language needs another file like this
// one. index.html names texts as {{part.name}}; functions make the texts that hold figures.

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

/** A sentence with a capital at its beginning and a full stop at its end. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  // An address stays as it is.
  const begun = /^[a-z]+:\/\//.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return begun + (/[.!?]$/.test(trimmed) ? '' : '.');
}

/** All texts of the page. */
export const TEXTS = {
  language: 'en',
  product: 'Afterglow',
  description: 'Live cameras, made visible at night.',
  needsScript: 'Afterglow plays live video and needs JavaScript for it. Please allow it for this page.',
  /** Stands where a figure is not known. */
  unknown: '–',

  title: (stream: string): string => `${stream} · Afterglow`,
  sentence,

  streams: { label: 'Cameras' },

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
    networkNote: (milliseconds: number): string => `${whole.format(milliseconds)} ms each`,
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
    compare: 'Compare with the original, and back',
    divider: 'Move the divider or the strength, when it is chosen',
    edges: 'To either end of it',
    sound: 'Sound on or off',
    fullScreen: 'Full screen',
    snapshot: 'Save the picture',
    escape: 'Leave the comparison',
    help: 'Show these keys',
  },

  /** Names of keys as they stand on keyboards. */
  keys: { arrows: '← →', edges: 'Home End', escape: 'Esc' },
} as const;
