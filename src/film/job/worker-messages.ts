import type { NetworkPlaces } from '../../enhance/recipe-networks.js';
import type { ErrorReport } from '../../errors/afterglow-error.js';
import type { Segment } from '../segment/segment.js';

/** What a worker process is told. */
export type WorkerOrder =
  /**
   * root: what the files of a job from another machine may not be outside of; null for a job of this one. places: where
   * its networks run.
   */
  | { readonly kind: 'open'; readonly folder: string; readonly root: string | null; readonly places: NetworkPlaces }
  | { readonly kind: 'segment'; readonly segment: Segment }
  | { readonly kind: 'quit' };

/** What a worker process tells. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'picture'; readonly segment: number }
  | { readonly kind: 'done'; readonly segment: number; readonly pictures: number; readonly missing: number }
  | { readonly kind: 'failed'; readonly error: ErrorReport };
