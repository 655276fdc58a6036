import type { InferenceConfig } from '../config/inference-schema.js';
import type { ErrorReport } from '../errors/afterglow-error.js';
import type { RoomFacts, RoomOrder, RoomOutcome, RoomProgress } from './room-item.js';

/** To a process of the film room, which does one thing at a time. Paths are the room's own. */
export type RoomCommand =
  /** Find out what a file is, and leave a JPEG of it at `view`. */
  | { readonly kind: 'look'; readonly input: string; readonly view: string; readonly inference: InferenceConfig }
  /** Make something of a picture, and leave a JPEG of the result at `view`. */
  | {
      readonly kind: 'picture';
      readonly input: string;
      readonly output: string;
      readonly view: string;
      readonly order: RoomOrder;
      readonly inference: InferenceConfig;
    }
  /** Make something of a film; small pictures of its shots go to the folder `shots`. */
  | {
      readonly kind: 'film';
      readonly input: string;
      readonly output: string;
      readonly shots: string;
      readonly order: RoomOrder;
      readonly inference: InferenceConfig;
      /** Processes that share the work. */
      readonly processes: number;
    }
  /** End what is being done; what is finished of it stays, so that it can be gone on with. */
  | { readonly kind: 'stop' };

/** From a process of the film room. Each command but `stop` is answered by one of the last four, once. */
export type RoomEvent =
  | { readonly kind: 'progress'; readonly progress: RoomProgress }
  /** Small pictures are there of these shots: the n-th begins at so many seconds. */
  | { readonly kind: 'shots'; readonly shots: readonly number[] }
  | { readonly kind: 'looked'; readonly facts: RoomFacts }
  | { readonly kind: 'made'; readonly outcome: Omit<RoomOutcome, 'seconds'> }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: ErrorReport };
