import { describe, expect, it } from 'vitest';
import { rectangle, RegionDraft } from './region-draft.js';

const NONE = { private: [], untouched: [] };

describe('regions that are drawn', () => {
  it('become what the server takes, held to the picture and rounded', () => {
    const draft = new RegionDraft(NONE);
    expect(draft.isChanged).toBe(false);
    expect(draft.add('private', rectangle([0.111119, 0.2], [1.4, 0.5]))).toBe(0);
    expect(draft.isChanged).toBe(true);
    expect(draft.regions).toEqual({ private: [[[0.1111, 0.2], [1, 0.2], [1, 0.5], [0.1111, 0.5]]], untouched: [] }); // prettier-ignore
  });

  it('are none where they are too small, have no corners or are too many', () => {
    const draft = new RegionDraft(NONE);
    expect(draft.add('private', rectangle([0.5, 0.5], [0.502, 0.9]))).toBeNull();
    expect(draft.add('private', [[0, 0], [1, 1]])).toBeNull(); // prettier-ignore
    for (let i = 0; i < 32; i++) expect(draft.add('untouched', rectangle([0, 0], [0.5, 0.5]))).toBe(i);
    expect(draft.add('untouched', rectangle([0, 0], [0.5, 0.5]))).toBeNull();
    expect(draft.add('private', rectangle([0, 0], [0.5, 0.5]))).toBe(32);
  });

  it('are moved and stretched no further than the picture goes', () => {
    const draft = new RegionDraft({ private: [rectangle([0.5, 0.5], [0.75, 0.75])], untouched: [] });
    draft.move(0, 0.5, -0.25);
    expect(draft.regions.private[0]).toEqual(rectangle([0.75, 0.25], [1, 0.5]));
    draft.move(0, -0.25, 0);
    draft.stretch(0, 0.9, -0.125);
    expect(draft.regions.private[0]).toEqual(rectangle([0.5, 0.25], [1, 0.375]));
    draft.moveCorner(0, 2, [0.9, 2]);
    expect(draft.regions.private[0]?.[2]).toEqual([0.9, 1]);
    draft.setKind(0, 'untouched');
    expect(draft.regions.private).toEqual([]);
    draft.remove(0);
    expect(draft.regions).toEqual(NONE);
  });
});
