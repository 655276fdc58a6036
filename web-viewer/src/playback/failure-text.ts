import type { PlaybackError } from './playback.js';
import { TEXTS } from '../texts/texts.js';

/** Why a way of playing failed, as a part of a sentence; the server's own words where it refused. */
export function failureText(error: PlaybackError): string {
  if (error.failure === 'refused') return TEXTS.failures.refused(error.message, error.remedy);
  return TEXTS.failures[error.failure];
}
