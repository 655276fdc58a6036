import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { AfterglowError } from '../errors/afterglow-error.js';

const dimension = z.union([z.number().int().positive(), z.enum(['height', 'width'])]);

/**
 * What a network takes, as planes of [1, channels, height, width]:
 * rgb: gamma-encoded R, G, B in 0..1; lab-l: CIE L* / 100 (D65, of sRGB); rgb+mask: R, G, B with holes set to 0, and a
 * mask of 1 in holes and 0 elsewhere.
 */
export type InputColourSpace = 'rgb' | 'lab-l' | 'rgb+mask';

/** What a network gives: rgb: R, G, B as above; lab-ab: CIE a* / 128 and b* / 128. */
export type OutputMeaning = 'rgb' | 'lab-ab';

/** Planes of each kind of input. */
export const INPUT_CHANNELS: Record<InputColourSpace, number> = { rgb: 3, 'lab-l': 1, 'rgb+mask': 4 };
/** Planes of each kind of output. */
export const OUTPUT_CHANNELS: Record<OutputMeaning, number> = { rgb: 3, 'lab-ab': 2 };
/** Only these pairs make sense. */
const MEANING_FOR: Record<InputColourSpace, OutputMeaning> = { rgb: 'rgb', 'lab-l': 'lab-ab', 'rgb+mask': 'rgb' };

/** What a model says of itself in model.json; fields that only people read are kept as they are. */
export const modelCardSchema = z
  .looseObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
    task: z.enum(['low-light', 'exposure', 'inpainting', 'colorization']),
    /** File name of the network, beside the card. */
    file: z.string().regex(/^[^/\\]+\.onnx$/, 'must be the name of an .onnx file beside the card'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the file in hexadecimal digits'),
    input: z.looseObject({
      name: z.string().min(1),
      shape: z.tuple([z.literal(1), z.number().int().positive(), dimension, dimension]),
      /** Height and width must be multiples of this. */
      multiple: z.number().int().positive().max(64),
      range: z.tuple([z.literal(0), z.literal(1)]),
      colourSpace: z.enum(['rgb', 'lab-l', 'rgb+mask']),
    }),
    output: z.looseObject({ name: z.string().min(1), meaning: z.enum(['rgb', 'lab-ab']) }),
    licence: z.string().min(1),
    parameters: z.number().int().positive(),
  })
  .superRefine((card, context) => {
    const fault = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const { shape, colourSpace, multiple } = card.input;
    const channels = INPUT_CHANNELS[colourSpace];
    if (shape[1] !== channels) fault(['input', 'shape'], `must have ${channels} channels for ${colourSpace}`);
    for (const [axis, name] of [
      [2, 'height'],
      [3, 'width'],
    ] as const) {
      const side = shape[axis];
      if (typeof side === 'string' && side !== name) fault(['input', 'shape'], `must be "${name}" on axis ${axis}`);
      if (typeof side === 'number' && side % multiple !== 0) {
        fault(['input', 'multiple'], `must divide the ${name} of ${side} in input.shape`);
      }
    }
    const [height, width] = [shape[2], shape[3]];
    if (typeof height === 'number' && typeof width === 'number' && (height * width) % 4 !== 0) {
      fault(['input', 'shape'], 'must have a multiple of 4 pixels');
    }
    const meaning = MEANING_FOR[colourSpace];
    if (card.output.meaning !== meaning) {
      fault(['output', 'meaning'], `must be ${meaning} for an input of ${colourSpace}`);
    }
  });

/** A checked card. */
export type ModelCard = z.output<typeof modelCardSchema>;

/**
 * Reads and checks a card. `added`: fields that stand in for those of the file. Throws AfterglowError `model-missing` or
 * `model-broken`, which names the field at fault.
 */
export function readCard(file: string, added: Readonly<Record<string, unknown>> = {}): ModelCard {
  const remedy = 'correct the card; docs/models.md describes its fields';
  if (!existsSync(file)) {
    throw new AfterglowError('model-missing', `there is no card ${file}`, { remedy: 'check the path' });
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new AfterglowError('model-broken', `the card ${file} is not JSON`, { remedy, cause });
  }
  const fields = typeof json === 'object' && json !== null ? { ...json, ...added } : json;
  const result = modelCardSchema.safeParse(fields);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new AfterglowError('model-broken', `the card ${file} is wrong in field "${field}": ${issue?.message ?? ''}`, {
    remedy,
  });
}
