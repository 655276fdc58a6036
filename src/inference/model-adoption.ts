import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/new-folder.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { readCard, type ModelCard } from './model-card.js';
import { fileHash, modelFolders, userModelFolder } from './model-library.js';
import { NetworkSession } from './network-session.js';

/** Sides of the pictures that a new network is tried on, before they are made multiples of what its card says. */
const TRIALS = [
  { width: 96, height: 64 },
  { width: 160, height: 128 },
] as const;

/** A model that was taken in, and where. */
export interface Adoption {
  readonly card: ModelCard;
  readonly home: string;
  /** Milliseconds of a run at the size of the last trial. */
  readonly milliseconds: number;
}

/**
 * Takes a user's own model into the folder of users' models: checks the card, loads the network, runs it at two sizes (or
 * at its own, if the card fixes one), copies both and writes the file's hash into the card.
 *
 * Throws AfterglowError `model-missing`, `model-broken` (which names the card's field), `output-exists` or
 * `output-invalid`.
 */
export async function adoptModel(network: string, cardFile: string, overwrite: boolean): Promise<Adoption> {
  const sha256 = fileHash(network, path.basename(network));
  const file = 'model.onnx';
  const card = readCard(cardFile, { file, sha256 });
  const milliseconds = await tryOut(card, network);
  const [shipped = ''] = modelFolders();
  const home = path.join(userModelFolder(), card.name);
  if (existsSync(path.join(shipped, card.name)) && shipped !== userModelFolder()) {
    throw new AfterglowError('output-exists', `the installation has a model "${card.name}" of its own`, {
      remedy: 'choose another name in the card (field "name")',
    });
  }
  if (existsSync(home) && !overwrite) {
    throw new AfterglowError('output-exists', `there is a model "${card.name}" already`, {
      remedy: 'choose another name in the card (field "name"), or give --overwrite',
    });
  }
  const fields = JSON.parse(readFileSync(cardFile, 'utf8')) as object;
  const remedy = 'check its permissions, or name another folder in AFTERGLOW_MODELS';
  makeFolder(userModelFolder(), remedy);
  try {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home);
    copyFileSync(network, path.join(home, file));
    writeFileSync(path.join(home, 'model.json'), `${JSON.stringify({ ...fields, file, sha256 }, null, 2)}\n`);
  } catch (cause) {
    throw new AfterglowError('output-invalid', `the folder ${home} cannot be written to`, { remedy, cause });
  }
  return { card, home, milliseconds };
}

async function tryOut(card: ModelCard, file: string): Promise<number> {
  const { shape, multiple } = card.input;
  const side = (fixed: number | string, length: number): number =>
    typeof fixed === 'number' ? fixed : Math.ceil(length / multiple) * multiple;
  const sizes = TRIALS.map(({ width, height }) => ({ width: side(shape[3], width), height: side(shape[2], height) }));
  const session = await NetworkSession.load({ card, file }, sizes[0] ?? TRIALS[0]);
  try {
    let milliseconds = 0;
    for (const size of sizes) {
      session.resize(size);
      session.input.fill(0.5);
      const start = performance.now();
      const output = await session.run();
      milliseconds = performance.now() - start;
      if (output.every((value) => Number.isFinite(value))) continue;
      throw new AfterglowError(
        'model-broken',
        `the network ${file} gives values that are no numbers for a grey picture`,
        {
          remedy: 'check its export and the card (field "input.range")',
        },
      );
    }
    return milliseconds;
  } finally {
    await session.close();
  }
}
