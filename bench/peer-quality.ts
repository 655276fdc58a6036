import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { benchFolder } from './bench-clip.js';
import type { Row } from './bench-result.js';
import type { BenchTable } from './bench-table.js';
import { whyNoFfmpeg } from './ffmpeg-transcode.js';
import { FILTERS, filterPicture, SCRIPT_NETWORKS, scriptPictures, whyNoScript } from './peers.js';
import { asIs, LIKENESS_COLUMNS, likenessCells, likenessOf } from './quality.js';
import { asPicture, asStream, type Enhanced } from './validated-product.js';
import { DATA, readRgb, validationPairs, type ValidationPair } from './validation-pairs.js';

interface Peer {
  readonly label: string;
  /** Why it cannot be run here, or null. */
  readonly missing: string | null;
  readonly open: (pairs: readonly ValidationPair[]) => Enhanced | Promise<Enhanced>;
}

/** How near others come to the truth, on the pairs that ours are judged by. */
export const peerQualityTable: BenchTable = {
  name: 'peer-quality',
  about: 'how near others come to the truth, on the pairs that ours are judged by',
  seconds: [240, 0],
  ofPeers: true,
  measure: async ({ steps, step, note }) => {
    const pairs = validationPairs('lol');
    const peers = allPeers();
    steps(peers.length);
    const rows: Row[] = [];
    for (const { label, missing, open } of peers) {
      const why = pairs ? missing : `there are no pairs at ${DATA}/lol`;
      if (why !== null) note(`peer-quality: ${label} is not run: ${why}`);
      const score = pairs && why === null ? await likenessOf(pairs, await open(pairs)) : null;
      rows.push({ label, cells: likenessCells(score) });
      step();
    }
    return [
      {
        name: 'peer-quality',
        title:
          'Likeness to the truth, mean of the 40 validation pairs of LOL at 600x400. TBEFN and URetinex-Net were trained on these very pairs, ours were not; what works at 320x180 is scaled back, as it would be in a stream.',
        rowsAre: 'what',
        columns: [...LIKENESS_COLUMNS],
        rows,
      },
    ];
  },
};

function allPeers(): Peer[] {
  const ffmpeg = whyNoFfmpeg();
  return [
    { label: 'pictures as they are', missing: null, open: asIs },
    { label: 'Afterglow night-cctv, pictures', missing: null, open: () => asPicture('night-cctv') },
    { label: 'Afterglow night-cctv, stream', missing: null, open: () => asStream('night-cctv') },
    ...SCRIPT_NETWORKS.map((network) => ({
      label: network.label,
      missing: whyNoScript(network),
      open: async (pairs: readonly ValidationPair[]) => {
        const folder = mkdtempSync(path.join(benchFolder, 'script-'));
        await scriptPictures(network, folder, pairs.map(({ input }) => input)); // prettier-ignore
        return fromFiles((pair) => path.join(folder, `${pair.name}.png`));
      },
    })),
    ...FILTERS.map(({ label, chain }) => ({
      label,
      missing: ffmpeg,
      open: () => {
        const folder = mkdtempSync(path.join(benchFolder, 'filter-'));
        return fromFiles(async ({ name, input }) => {
          const output = path.join(folder, `${name}.png`);
          await filterPicture(chain, input, output);
          return output;
        });
      },
    })),
  ];
}

/** Pictures that others have written. */
function fromFiles(fileOf: (pair: ValidationPair) => string | Promise<string>): Enhanced {
  return { picture: async (pair) => readRgb(await fileOf(pair)), close: () => Promise.resolve() };
}
