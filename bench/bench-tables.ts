import type { BenchTable } from './bench-table.js';
import { gridTable } from './grid-sizes.js';
import { kernelTable } from './kernels.js';
import { liveTable } from './live.js';
import { networkTable } from './networks.js';
import { peerQualityTable } from './peer-quality.js';
import { peerTable } from './peer-streams.js';
import { photographTable } from './photograph.js';
import { providerTable } from './providers.js';
import { qualityTable } from './quality.js';
import { stageTable } from './stages.js';
import { streamTable } from './streams.js';
import { sizeTable } from './working-sizes.js';

/** Everything that `npm run bench` can measure, in this order. */
export const TABLES: readonly BenchTable[] = [
  stageTable,
  kernelTable,
  streamTable,
  liveTable,
  networkTable,
  providerTable,
  photographTable,
  gridTable,
  sizeTable,
  qualityTable,
  peerTable,
  peerQualityTable,
];
