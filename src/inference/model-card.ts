import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../config/package-root.js';
import { AfterglowError } from '../errors/afterglow-error.js';

const dimension = z.union([z.number().int().positive(), z.enum(['height', 'width'])]);

/** What a model says of itself in model.json; fields that only people read are kept as they are. */
export const modelCardSchema = z.looseObject({
  name: z.string().min(1),
  task: z.enum(['low-light', 'exposure', 'inpainting', 'colorization']),
  /** File name of the network, beside the card. */
  file: z.string().regex(/^[^/\\]+\.onnx$/, 'must be the name of an .onnx file beside the card'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the file in hexadecimal digits'),
  input: z.looseObject({
    name: z.string().min(1),
    shape: z.array(dimension).length(4),
    /** Height and width must be multiples of this. */
    multiple: z.number().int().positive(),
    range: z.tuple([z.literal(0), z.literal(1)]),
    colourSpace: z.literal('rgb'),
  }),
  output: z.looseObject({ name: z.string().min(1), meaning: z.literal('rgb') }),
  licence: z.string().min(1),
  parameters: z.number().int().positive(),
});

/** A checked card. */
export type ModelCard = z.output<typeof modelCardSchema>;

/** A model on disk: its card and the path of its network. */
export interface Model {
  readonly card: ModelCard;
  readonly file: string;
}

const MODELS = path.join(packageRoot, 'models');

/**
 * Finds a model by name under models/ and checks its card and that the file is the one the card describes.
 *
 * Throws AfterglowError `model-missing` or `model-broken`, which name the field at fault.
 */
export function findModel(name: string, folder = MODELS): Model {
  const home = path.join(folder, name);
  const cardFile = path.join(home, 'model.json');
  if (!existsSync(cardFile)) {
    throw new AfterglowError('model-missing', `there is no model "${name}"`, {
      remedy: `put its model.json and network into ${home}`,
    });
  }
  const card = parseCard(cardFile);
  const file = path.join(home, card.file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new AfterglowError('model-missing', `the network ${file} of model "${name}" cannot be read`, {
      remedy: 'restore the file or correct the field "file" of its card',
      cause,
    });
  }
  if (createHash('sha256').update(bytes).digest('hex') !== card.sha256) {
    throw new AfterglowError('model-broken', `${file} is not the file that its card describes (field "sha256")`, {
      remedy: 'restore the file; if it was replaced on purpose, correct the card',
    });
  }
  return { card, file };
}

function parseCard(file: string): ModelCard {
  const remedy = 'correct the card; docs/models.md describes its fields';
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new AfterglowError('model-broken', `the card ${file} is not JSON`, { remedy, cause });
  }
  const result = modelCardSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new AfterglowError('model-broken', `the card ${file} is wrong in field "${field}": ${issue?.message ?? ''}`, {
    remedy,
  });
}
