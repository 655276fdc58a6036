import { describe, expect, it } from 'vitest';
import type { RoomFacts, RoomJob } from '../../../src/film-room/room-item.js';
import { askInterval } from './ask-interval.js';

const PICTURE: RoomFacts = { kind: 'picture', width: 640, height: 480, codec: 'jpeg' };
const FILM: RoomFacts = { kind: 'film', width: 640, height: 480, frameRate: 24, seconds: 9, codec: 'h264' };
const ERROR = { code: 'input-unreadable', message: 'no film', remedy: 'bring another', retryable: false } as const;

function itemWith(facts: RoomFacts | null, kind?: 'waiting' | 'stopped', error: typeof ERROR | null = null) {
  const order = { kind: 'whole', pipeline: 'night-cctv', strength: 1, codec: 'h264', crf: 18, at: 0, seconds: 10 } as const; // prettier-ignore
  const jobs: RoomJob[] = kind ? [{ id: 'a-job-of-it', order, asked: 0, state: { kind } }] : [];
  return { facts, error, jobs };
}

describe('the interval of asking', () => {
  it.each([
    ['nothing is there', [], 1000],
    ['a file is being looked at', [itemWith(PICTURE), itemWith(null)], 150],
    ['a file is none', [itemWith(null, undefined, ERROR)], 1000],
    ['a picture is being made', [itemWith(FILM), itemWith(PICTURE, 'waiting')], 150],
    ['a picture has ended', [itemWith(PICTURE, 'stopped')], 1000],
    ['a film is being made', [itemWith(FILM, 'waiting')], 1000],
  ])('while %s', (_name, films, interval) => {
    expect(askInterval(films)).toBe(interval);
  });
});
