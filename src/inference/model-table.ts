import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { AfterglowError } from '../errors/afterglow-error.js';
import { readCard, type ModelCard } from './model-card.js';
import { fileHash, modelHome, modelNames } from './model-library.js';

/** Whether a model's file is the one that its card describes, and what is wrong if not. */
export type ModelState =
  { readonly kind: 'intact' } | { readonly kind: 'missing' | 'damaged' | 'bad-card'; readonly message: string };

/** What is known of one model, for people. Absent fields are those that its card does not have. */
export interface ModelEntry {
  readonly name: string;
  readonly folder: string;
  readonly state: ModelState;
  readonly task?: ModelCard['task'];
  readonly parameters?: number;
  readonly bytes?: number;
  readonly workingSizes?: readonly string[];
  /** Measures by name, as the card's field `quality` has them: numbers alone. */
  readonly quality?: Readonly<Record<string, number>>;
  /** Milliseconds of a run, with its size and provider. */
  readonly timing?: string;
  readonly licence?: string;
}

/** Every model that recipes can name, sorted by name. */
export function listModels(): ModelEntry[] {
  return modelNames().map((name) => entryOf(name, modelHome(name)));
}

function entryOf(name: string, folder: string): ModelEntry {
  let card: ModelCard;
  try {
    card = readCard(path.join(folder, 'model.json'));
  } catch (thrown) {
    return { name, folder, state: { kind: 'bad-card', message: AfterglowError.from(thrown).message } };
  }
  const file = path.join(folder, card.file);
  const { task, parameters, licence } = card;
  const { workingSizes, quality, timing } = card as Readonly<Record<string, unknown>>;
  const measures = Object.entries(isRecord(quality) ? quality : {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return {
    name,
    folder,
    state: stateOf(card, file),
    task,
    parameters,
    licence,
    ...(existsSync(file) ? { bytes: statSync(file).size } : {}),
    ...(Array.isArray(workingSizes) ? { workingSizes: workingSizes.map(String) } : {}),
    ...(measures.length > 0 ? { quality: Object.fromEntries(measures) } : {}),
    ...(isRecord(timing) && typeof timing['milliseconds'] === 'number' ? { timing: timingOf(timing) } : {}),
  };
}

function stateOf(card: ModelCard, file: string): ModelState {
  if (!existsSync(file)) return { kind: 'missing', message: `${file} does not exist` };
  if (fileHash(file, card.name) === card.sha256) return { kind: 'intact' };
  return { kind: 'damaged', message: `${file} is not the file that its card describes` };
}

function timingOf(timing: Readonly<Record<string, unknown>>): string {
  const { milliseconds, size, provider } = timing;
  const text = (value: unknown): string => (typeof value === 'string' ? ` ${value}` : '');
  return `${String(milliseconds)} ms${text(size)}${text(provider)}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
