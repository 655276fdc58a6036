/** What bringing a clip from one end to the other gave, as fast as it went. */
export interface Transcode {
  readonly frames: number;
  readonly framesPerSecond: number;
  /** CPU milliseconds for each picture, all threads together. */
  readonly cpuPerFrame: number;
  /** The most memory that its process had, in MiB; null where it does not say. */
  readonly memoryMiB: number | null;
}
