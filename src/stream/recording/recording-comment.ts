import type { Making } from './recording-messages.js';

const ORIGINAL = 'original';
const ENHANCED = /^enhanced by Afterglow: pipeline (.+?)(?:, model (.+))?, strength (\d\.\d\d)$/;

/** The comment in a recorded file's metadata: marks what is enhanced as enhanced. Null stands for the original. */
export function recordingComment(making: Making | null): string {
  if (!making) return ORIGINAL;
  const model = making.model === null ? '' : `, model ${making.model}`;
  return `enhanced by Afterglow: pipeline ${making.pipeline}${model}, strength ${making.strength.toFixed(2)}`;
}

/** What a comment tells; nulls for an original or a foreign one. */
export function makingOf(comment: string | null): { [Key in keyof Making]: Making[Key] | null } {
  const [, pipeline, model, strength] = ENHANCED.exec(comment ?? '') ?? [];
  return {
    pipeline: pipeline ?? null,
    model: model ?? null,
    strength: strength === undefined ? null : Math.min(1, Number(strength)),
  };
}
