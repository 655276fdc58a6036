import { medianOf, type BenchResult } from './bench-result.js';
import { ENHANCING } from './photograph.js';

/** A figure that Afterglow is held to on two cores. */
export interface Bar {
  readonly what: string;
  readonly table: string;
  readonly row: string;
  readonly column: string;
  /** It must be at least this, or at most. */
  readonly least?: number;
  readonly most?: number;
  readonly digits: number;
}

/** Cores of the machine that the bars are for. */
const CORES = 2;
const STREAM = 'night-cctv';

/** All of them. */
export const BARS: readonly Bar[] = [
  { what: '1080p night-cctv, frames a second', table: 'streams', row: `1080p ${STREAM}`, column: 'frames a second', least: 30, digits: 1 },
  { what: '1080p night-cctv live, network runs a second', table: 'live', row: `1080p ${STREAM}`, column: 'network runs a second', least: 10, digits: 1 },
  { what: '1080p night-cctv, share of the identity transcode’s rate (FFmpeg)', table: 'streams', row: `1080p ${STREAM}`, column: 'to FFmpeg', least: 0.5, digits: 2 },
  { what: '1080p night-cctv, share of the identity transcode’s rate (node-av)', table: 'streams', row: `1080p ${STREAM}`, column: 'to node-av', least: 0.5, digits: 2 },
  { what: '720p night-cctv, frames a second', table: 'streams', row: `720p ${STREAM}`, column: 'frames a second', least: 75, digits: 1 },
  { what: '1080p, times as fast as the script with the same network', table: 'peers', row: '1080p script: our network at full resolution', column: 'night-cctv is so many times as fast', least: 10, digits: 1 },
  { what: 'slice of a 1080p picture, CPU ms', table: 'kernels', row: 'slice, luma and chroma, of the noise filter’s 16 bits', column: 'CPU ms', most: 8, digits: 2 },
  { what: 'fit at 512x288, CPU ms', table: 'kernels', row: 'fit of the grid, 512x288', column: 'CPU ms', most: 2, digits: 2 },
  { what: 'temporal noise filter at 1080p, CPU ms', table: 'kernels', row: 'temporal noise filter, whole', column: 'CPU ms', most: 4, digits: 2 },
  { what: '16 megapixels through exposure, ms', table: 'photograph', row: ENHANCING, column: 'exposure, ms', most: 500, digits: 0 },
  { what: 'memory of a 1080p stream’s process, MiB', table: 'live', row: `1080p ${STREAM}`, column: 'memory, MiB', most: 500, digits: 0 },
]; // prettier-ignore

/** A result's figure for a bar, rounded as it is shown; null where it was not measured, or on a machine of more cores. */
export function reached(result: BenchResult, { table, row, column, digits }: Bar): number | null {
  if (result.machine.cores > CORES) return null;
  const median = medianOf(result, table, row, column);
  return median === null ? null : Number(median.toFixed(digits));
}

/** Whether a figure meets its bar, or by how much it does not. */
export function verdict(figure: number, { least, most, digits }: Bar): string {
  const missed = Math.max((least ?? -Infinity) - figure, figure - (most ?? Infinity));
  return missed <= 0 ? 'met' : `missed by ${missed.toFixed(digits)}`;
}
