import { FFmpegError } from 'node-av/lib';
import { describeInput, type InputLocation } from '../config/input-location.js';
import { AfterglowError, type ErrorCode } from '../errors/afterglow-error.js';

/** FFmpeg's error numbers made of four characters (FFERRTAG). */
function tag(a: number | string, b: string, c: string, d: string): number {
  const code = (x: number | string): number => (typeof x === 'number' ? x : x.charCodeAt(0));
  return -(code(a) | (code(b) << 8) | (code(c) << 16) | (code(d) << 24));
}

/** The end of a file or stream. */
export const AVERROR_EOF = tag('E', 'O', 'F', ' ');
/** Data that cannot be decoded; the next packet may be good again. */
export const AVERROR_INVALIDDATA = tag('I', 'N', 'D', 'A');
/** Nothing to be had at the moment. */
export const AVERROR_EAGAIN = -11;
const HTTP_UNAUTHORISED = tag(0xf8, '4', '0', '1');
const HTTP_FORBIDDEN = tag(0xf8, '4', '0', '3');
const HTTP_NOT_FOUND = tag(0xf8, '4', '0', '4');
const ABORTED = tag('E', 'X', 'I', 'T');

interface Explanation {
  readonly code: ErrorCode;
  readonly what: string;
  readonly remedy: string;
  readonly retryable: boolean;
}

const EXPLANATIONS: ReadonlyMap<number, Explanation> = new Map<number, Explanation>([
  [-2, { code: 'input-not-found', what: 'does not exist', remedy: 'check the path', retryable: false }],
  [-13, { code: 'input-unreadable', what: 'may not be read', remedy: 'check its permissions', retryable: false }],
  [-21, { code: 'input-unreadable', what: 'is a folder', remedy: 'name a file in it', retryable: false }],
  [-19, { code: 'input-not-found', what: 'is not a camera', remedy: 'see which /dev/video* exist', retryable: false }],
  [-16, { code: 'input-unreachable', what: 'is in use', remedy: 'close the other program', retryable: true }],
  [
    HTTP_UNAUTHORISED,
    {
      code: 'input-unauthorised',
      what: 'refuses the user name or password (401)',
      remedy: 'correct them in the address, rtsp://user:password@host/path',
      retryable: false,
    },
  ],
  [
    HTTP_FORBIDDEN,
    {
      code: 'input-unauthorised',
      what: 'does not let this user in (403)',
      remedy: "give the user the right to view in the camera's settings",
      retryable: false,
    },
  ],
  [
    HTTP_NOT_FOUND,
    {
      code: 'input-not-found',
      what: 'has no stream at this path (404)',
      remedy: "check the address against the camera's manual",
      retryable: true,
    },
  ],
  [
    AVERROR_INVALIDDATA,
    {
      code: 'input-unreadable',
      what: 'is not a video that FFmpeg can read, or is damaged at its start',
      remedy: 'play it in another program to see whether it is whole',
      retryable: false,
    },
  ],
]);

const UNREACHABLE: ReadonlyMap<number, string> = new Map([
  [-111, 'refuses the connection'],
  [-113, 'cannot be reached: there is no route to it'],
  [-101, 'cannot be reached: there is no network'],
  [-110, 'does not answer'],
  [-104, 'closed the connection'],
  [-5, 'cannot be reached'],
  [AVERROR_EOF, 'closed the connection'],
  [ABORTED, 'does not answer'],
]);

/** The error for an input that could not be opened, from FFmpeg's return value. */
export function openError(input: InputLocation, result: number): AfterglowError {
  const name = describeInput(input);
  const known = EXPLANATIONS.get(result);
  const unreachable = UNREACHABLE.get(result);
  if (input.kind === 'rtsp' && (unreachable !== undefined || result === AVERROR_INVALIDDATA)) {
    const what = unreachable ?? 'takes the connection, but does not answer as an RTSP camera';
    return new AfterglowError('input-unreachable', `${name} ${what}`, {
      remedy: 'check that the camera is on, its address and port, and the network between',
      retryable: true,
    });
  }
  if (known) {
    const { code, what, remedy, retryable } = known;
    return new AfterglowError(code, `${name} ${what}`, { remedy, retryable });
  }
  return new AfterglowError('input-unreadable', `${name} cannot be opened: ${FFmpegError.strerror(result)}`, {
    remedy: 'check that it is a video',
    retryable: input.kind !== 'file',
  });
}

/** Throws an `internal` AfterglowError for a negative return value of a call that should not fail. */
export function check(result: number, what: string): number {
  if (result < 0) throw ffmpegFailure(what, result);
  return result;
}

/** The error for a call of FFmpeg that should not fail. */
export function ffmpegFailure(what: string, result: number): AfterglowError {
  return new AfterglowError('internal', `FFmpeg failed to ${what}: ${FFmpegError.strerror(result)}`, {
    remedy: 'please report it with the log at level debug',
    retryable: true,
  });
}
