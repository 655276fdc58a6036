import path from 'node:path';
import { AfterglowError } from '../errors/afterglow-error.js';

/** Where a stream's pictures come from. */
export type InputLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'rtsp'; readonly url: string }
  | { readonly kind: 'webcam'; readonly device: string }
  /** Whoever publishes by WebRTC. description: the file that tells of it while somebody does; empty until it is known. */
  | { readonly kind: 'whip'; readonly description: string };

const LONGEST = 2048;

/**
 * Understands an input as people write it: an rtsp:// or rtsps:// URL, a device /dev/videoN, the word whip for whoever
 * publishes by WebRTC, or the path of a file.
 *
 * Throws AfterglowError `input-invalid` for anything else, other URLs and control characters among it: what passes here
 * reaches FFmpeg.
 */
export function parseInput(text: string): InputLocation {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text === '' || text.length > LONGEST || /[\u0000-\u001f\u007f]/.test(text)) {
    throw invalid('the input is empty, too long or holds control characters');
  }
  if (text === 'whip') return { kind: 'whip', description: '' };
  if (/^\/dev\/video\d{1,3}$/.test(text)) return { kind: 'webcam', device: text };
  if (/^rtsps?:\/\//i.test(text)) {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      throw invalid(`"${redactUrl(text)}" is not a valid RTSP address`);
    }
    if (url.hostname === '') throw invalid(`"${redactUrl(text)}" names no host`);
    return { kind: 'rtsp', url: text };
  }
  const scheme = /^([a-z][a-z0-9+.-]{1,}):/i.exec(text)?.[1];
  if (scheme !== undefined) throw invalid(`inputs of kind "${scheme}:" are not supported`);
  return { kind: 'file', path: path.resolve(text) };
}

function invalid(message: string): AfterglowError {
  return new AfterglowError('input-invalid', message, {
    remedy: 'give a file, an address like rtsp://user:password@host/path, a webcam like /dev/video0, or whip',
  });
}

/** An input as it may be shown and logged: without user name and password. */
export function describeInput(input: InputLocation): string {
  switch (input.kind) {
    case 'file':
      return input.path;
    case 'rtsp':
      return redactUrl(input.url);
    case 'webcam':
      return input.device;
    case 'whip':
      return 'WHIP';
  }
}

/** Any text with the user information of URLs in it replaced. */
export function redactUrl(text: string): string {
  // Greedy up to the last @ before the path: passwords may hold an @ of their own.
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/gi, '$1***@');
}
