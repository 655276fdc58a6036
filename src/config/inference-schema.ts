import { z } from 'zod';
import { PROVIDERS } from './provider-names.js';

/** What networks run on. */
export const inferenceSchema = z.strictObject({
  /** auto: the fastest that this machine has, by measurement. Whatever is asked for, the CPU serves where it does not work. */
  provider: z.enum(['auto', ...PROVIDERS]).default('auto'),
  /** Which GPU of several, counted from 0; for cuda and dml. */
  device: z.number().int().min(0).max(63).optional(),
  /** CPU threads of one run of a network on the CPU. */
  threads: z.union([z.literal('auto'), z.number().int().min(1).max(64)]).default('auto'),
});

/** The part of the configuration about what networks run on. */
export type InferenceConfig = z.output<typeof inferenceSchema>;
/** A provider by its name, or auto. */
export type ProviderWish = InferenceConfig['provider'];
/** Names that a flag --provider takes. */
export const PROVIDER_WISHES = inferenceSchema.shape.provider.unwrap().options;
