// npm run bench:document: writes the newest kept figures into docs/performance.md, between its marks, and draws the plot.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import { AfterglowError } from '../src/errors/afterglow-error.js';
import { keptResults } from './bench-result.js';
import { peersPlot } from './peers-plot.js';
import { PEERS_PLOT, withFigures } from './performance-document.js';
import { performancePlot } from './performance-plot.js';

const FOLDER = path.join(packageRoot, 'docs');
const DOCUMENT = path.join(FOLDER, 'performance.md');

const results = keptResults();
if (results.length === 0) {
  const error = new AfterglowError('input-not-found', 'there are no figures in bench/results', {
    remedy: 'measure some with npm run bench',
  });
  console.error(`bench: ${error.sentence}`);
  process.exit(1);
}
writeFileSync(DOCUMENT, withFigures(readFileSync(DOCUMENT, 'utf8'), results));
writeFileSync(path.join(FOLDER, 'performance.svg'), performancePlot(results));
const peers = peersPlot(results);
if (peers !== null) writeFileSync(path.join(FOLDER, PEERS_PLOT), peers);
console.log(`docs/performance.md and its plots say what ${results.length} results in bench/results do.`);
