import { AfterglowError } from '../../errors/afterglow-error.js';

const WHY: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: ['its volume is full', 'make room on it, or lower recording.keepGigabytes'],
  EDQUOT: ['its quota is used up', 'make room, or lower recording.keepGigabytes'],
  EROFS: ['its volume may only be read', 'check the volume for faults and mount it for writing'],
  EACCES: ['its folder may not be written', 'give the user that Afterglow runs as the right to write there'],
  EPERM: ['its folder may not be written', 'give the user that Afterglow runs as the right to write there'],
  EIO: ['its volume has a fault', 'check the disk and its cable'],
  ENOENT: ['its folder is gone', 'check that the volume is mounted'],
  ENODEV: ['its volume is gone', 'check that it is mounted'],
  ENXIO: ['its volume is gone', 'check that it is mounted'],
};

/** Why recording into a folder has paused, from whatever was thrown. The picture goes on without it. */
export function recordingError(folder: string, thrown: unknown): AfterglowError {
  if (thrown instanceof AfterglowError && thrown.code === 'recording-failed') return thrown;
  const code = (thrown as NodeJS.ErrnoException | null)?.code ?? '';
  const known = WHY[code];
  const [what, remedy] = known ?? [
    `it cannot be written (${thrown instanceof Error ? thrown.message : String(thrown)})`,
    'see that the folder can be written',
  ];
  return recordingFailure(`recording into ${folder} has paused: ${what}`, `${remedy}; it is tried again`, thrown);
}

/** The error for a volume with less room than the configuration asks for. */
export function volumeFull(folder: string, minFreeBytes: number): AfterglowError {
  const least = minFreeBytes / 1e9 >= 0.1 ? `the ${(minFreeBytes / 1e9).toFixed(1)} GB that are to stay free` : 'room';
  return recordingFailure(
    `recording into ${folder} has paused: its volume has not ${least}`,
    'make room on it, or lower recordings.minFreeGigabytes; it is tried again',
  );
}

/** An error of recording, with its own words. */
export function recordingFailure(message: string, remedy: string, cause?: unknown): AfterglowError {
  return new AfterglowError('recording-failed', message, { remedy, retryable: true, cause });
}
