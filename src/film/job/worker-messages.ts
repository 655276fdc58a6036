import type { ErrorReport } from '../../errors/afterglow-error.js';
import type { Segment } from '../segment/segment.js';

/** What a worker process is told. */
export type WorkerOrder =
  | { readonly kind: 'open'; readonly folder: string }
  | { readonly kind: 'segment'; readonly segment: Segment }
  | { readonly kind: 'quit' };

/** What a worker process tells. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'picture'; readonly segment: number }
  | { readonly kind: 'done'; readonly segment: number; readonly pictures: number; readonly missing: number }
  | { readonly kind: 'failed'; readonly error: ErrorReport };
