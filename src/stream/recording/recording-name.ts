/** What is recorded: the camera's own stream, or the enhanced pictures. */
export const RECORDING_KINDS = ['original', 'enhanced'] as const;
/** One of RECORDING_KINDS. */
export type RecordingKind = (typeof RECORDING_KINDS)[number];

const NAME = /^(original|enhanced)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z(?:-\d{1,6})?\.mp4$/;

/** Name of a recorded file. start: when its first picture came. attempt: 0, or how many have this name already. */
export function recordingName(kind: RecordingKind, start: Date, attempt = 0): string {
  const time = start.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${kind}-${time}${attempt === 0 ? '' : `-${attempt}`}.mp4`;
}

/** What the name of one of our own files says, or null for any other file, which is then none of our business. */
export function parseRecordingName(file: string): { readonly kind: RecordingKind; readonly start: Date } | null {
  const [, kind, ...numbers] = NAME.exec(file) ?? [];
  if (kind === undefined) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers.map(Number);
  return { kind: kind as RecordingKind, start: new Date(Date.UTC(year, month - 1, day, hour, minute, second)) };
}
