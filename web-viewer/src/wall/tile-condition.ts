import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { TEXTS } from '../texts/texts.js';

/** The pipeline that changes nothing. */
const PASSTHROUGH = 'passthrough';

/** What a tile says of its stream. */
export interface TileCondition {
  readonly kind: PublishedStatus['state']['kind'] | 'lost';
  /** In a word or two. */
  readonly word: string;
  /** What lies over the picture, empty while it is live. */
  readonly notice: string;
  /** Name of the pipeline that changes the picture now; null while nothing does. */
  readonly enhancedBy: string | null;
}

/** What a tile says. isLost: the server is gone, and what it said is old. */
export function tileConditionOf(status: PublishedStatus, isLost: boolean): TileCondition {
  const { conditions, wall } = TEXTS;
  if (isLost) return { kind: 'lost', word: conditions.lost, notice: conditions.lost, enhancedBy: null };
  const { state } = status;
  const word = conditions[state.kind];
  const said = { kind: state.kind, word, enhancedBy: null };
  switch (state.kind) {
    case 'live':
      return { ...said, notice: '', enhancedBy: enhancedBy(status) };
    case 'reconnecting':
      return { ...said, notice: wall.away(new Date(state.since)) };
    case 'failed':
      return { ...said, notice: TEXTS.sentence(state.error.message) };
    case 'starting':
    case 'ended':
      return { ...said, notice: word };
  }
}

function enhancedBy({ gate, strength, pipeline }: PublishedStatus): string | null {
  if (gate.open === false || strength === 0 || pipeline === PASSTHROUGH) return null;
  // A recipe of one's own is named by its path.
  return pipeline.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '');
}
