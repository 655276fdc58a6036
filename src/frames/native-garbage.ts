import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes after which what is left of them is collected. */
const MOST_BYTES = 4 << 20;
/** Milliseconds between two full collections of a thread that holds many small native objects. */
const FULL_EVERY = 60_000;

type Collect = (options: { readonly type: 'minor' | 'major'; readonly execution: 'sync' }) => void;
let collect: Collect | null = null;

/**
 * Frees memory outside a thread's heap that is held by objects in it which nobody uses any more. V8 sees little of such
 * memory, and heaps as small and steady as these give it no cause to look for a quarter of an hour or more; meanwhile 30 MB
 * and more pile up on a thread.
 */
export class NativeGarbage {
  #bytes = 0;
  #fullAt = performance.now() + FULL_EVERY;

  /** Something large was given that takes the place of what came before. Now and then it takes one or two milliseconds. */
  replaced(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < MOST_BYTES) return;
    this.#bytes = 0;
    run('minor');
  }

  /** To be called often, where nothing is late: once a minute it takes some ten milliseconds. */
  rest(): void {
    const now = performance.now();
    if (now < this.#fullAt) return;
    this.#fullAt = now + FULL_EVERY;
    run('major');
  }
}

function run(type: 'minor' | 'major'): void {
  collect ??= exposeCollection();
  collect({ type, execution: 'sync' });
}

function exposeCollection(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
