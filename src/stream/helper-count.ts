import type { Size } from '../enhance/working-size.js';

/** Pictures of fewer pixels are done before it would pay to hand parts of them over. */
const SHARED_FROM = 1_500_000;
/** Cores that decoding, the network and encoding take up beside the enhancing thread's own. */
const TAKEN = 4;
/** More of them have too little to do. */
const MOST = 3;

/** Threads that share the work on a stream's pictures with the enhancing thread. cores: the stream's fair share of the machine. */
export function helperCount({ width, height }: Size, cores: number): number {
  if (width * height < SHARED_FROM) return 0;
  return Math.max(0, Math.min(MOST, Math.floor(cores) - TAKEN));
}
