import { expect, it } from 'vitest';
import { makingOf, recordingComment } from './recording-comment.js';

it('tells how pictures were made, and is understood again', () => {
  const making = { pipeline: 'night-cctv', model: 'liednet-live', strength: 0.8 };
  const comment = recordingComment(making);
  expect(comment).toBe('enhanced by Afterglow: pipeline night-cctv, model liednet-live, strength 0.80');
  expect(makingOf(comment)).toEqual(making);
  const plain = { pipeline: 'passthrough', model: null, strength: 1 };
  expect(makingOf(recordingComment(plain))).toEqual(plain);
  expect(recordingComment(null)).toBe('original');
  expect(makingOf('original')).toEqual({ pipeline: null, model: null, strength: null });
});
