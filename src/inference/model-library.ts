import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../config/package-root.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { readCard, type ModelCard } from './model-card.js';

/** A model on disk: its card and the path of its network. */
export interface Model {
  readonly card: ModelCard;
  readonly file: string;
}

/** The sizes that a network may come in, by the ending of its model's name. */
export type ModelSize = 'live' | 'full';

const SHIPPED = path.join(packageRoot, 'models');

/** The user's own models: $AFTERGLOW_MODELS, or afterglow/models in the folder for users' data. */
export function userModelFolder(): string {
  const own = process.env['AFTERGLOW_MODELS'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const data = process.env['XDG_DATA_HOME'];
  const base = data !== undefined && data !== '' ? data : path.join(os.homedir(), '.local', 'share');
  return path.join(base, 'afterglow', 'models');
}

/** Folders that models are looked for in: the installation's first, so that nothing can stand in for its own. */
export function modelFolders(): string[] {
  return [SHIPPED, userModelFolder()];
}

/** Names of all models of a list of folders, sorted, each once. */
export function modelNames(folders: readonly string[] = modelFolders()): string[] {
  const names = folders.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'model.json'))) : [],
  );
  return [...new Set(names)].sort();
}

/**
 * The card of a model by name, without a look at its network. Throws AfterglowError `model-missing` or `model-broken`.
 *
 * folder: where to look; by default the installation's and the user's.
 */
export function findCard(name: string, folder?: string): ModelCard {
  return readCard(path.join(modelHome(name, folder), 'model.json'));
}

/**
 * Finds a model by name and checks its card and that the file is the one the card describes.
 *
 * Throws AfterglowError `model-missing` or `model-broken`, which name the field at fault.
 */
export function findModel(name: string, folder?: string): Model {
  const home = modelHome(name, folder);
  const card = readCard(path.join(home, 'model.json'));
  const file = path.join(home, card.file);
  if (fileHash(file, card.name) !== card.sha256) {
    throw new AfterglowError('model-broken', `${file} is not the file that its card describes (field "sha256")`, {
      remedy: 'restore the file; if it was replaced on purpose, correct the card',
    });
  }
  return { card, file };
}

/** SHA-256 of a network's file in hexadecimal digits. Throws AfterglowError `model-missing`. */
export function fileHash(file: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new AfterglowError('model-missing', `the network ${file} of model "${name}" cannot be read`, {
      remedy: 'restore the file or correct the field "file" of its card',
      cause,
    });
  }
  return createHash('sha256').update(bytes).digest('hex');
}

/** The name of a model's variant of another size. Throws AfterglowError `model-missing` that says which sizes exist. */
export function modelOfSize(name: string, size: ModelSize): string {
  const family = name.replace(/-(live|full)$/, '');
  const wanted = `${family}-${size}`;
  const names = modelNames();
  if (names.includes(wanted)) return wanted;
  const sizes = (['live', 'full'] as const).filter((other) => names.includes(`${family}-${other}`));
  throw new AfterglowError('model-missing', `there is no model "${wanted}"`, {
    remedy:
      sizes.length > 0 ? `${family} exists at size ${sizes.join(' and ')}` : 'see afterglow models for what exists',
  });
}

/**
 * The folder of a model by name: the first that has its card. Throws AfterglowError `model-missing`.
 *
 * folder: where to look; by default the installation's and the user's.
 */
export function modelHome(name: string, folder?: string): string {
  const folders = folder === undefined ? modelFolders() : [folder];
  const homes = folders.map((each) => path.join(each, name));
  const home = homes.find((each) => existsSync(path.join(each, 'model.json')));
  if (home !== undefined) return home;
  throw new AfterglowError('model-missing', `there is no model "${name}"`, {
    remedy: `see afterglow models for what there is, or put its model.json and network into ${homes.at(-1) ?? ''}`,
  });
}
