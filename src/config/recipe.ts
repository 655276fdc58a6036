import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AfterglowError } from '../errors/afterglow-error.js';
import { packageRoot } from './package-root.js';
import { readYamlFile } from './yaml-file.js';

const modelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be a model name: lower-case letters, digits and dashes');

const denoiseStage = z.strictObject({
  stage: z.literal('temporal-denoise'),
  /** How much of a still pixel's noise is averaged away: 0 nothing, 1 over about thirty frames. */
  strength: z.number().min(0).max(1).default(0.8),
});

const networkStage = z.strictObject({
  stage: z.literal('network'),
  /** Name of a model under models/. */
  model: modelName,
  /** Long side of the picture that the network sees, in pixels. */
  workingSize: z.number().int().min(64).max(1024).default(256),
  /** How often the network runs, per second of the stream; the grid it leaves serves every frame. */
  rate: z.number().positive().max(120).default(10),
  /** Nodes of the bilateral grid along width, height and luma. */
  grid: z
    .tuple([z.number().int().min(1).max(64), z.number().int().min(1).max(64), z.number().int().min(2).max(32)])
    .default([24, 14, 8]),
  /** Seconds after which the network's older answers have faded to 37 % of their weight. 0: only the last counts. */
  smoothing: z.number().min(0).max(10).default(0.5),
  /**
   * Whether the network sees each picture at full resolution, too: details are then its own, light stays the grid's. For GPUs, films
   * and single pictures: on a CPU it takes seconds for a picture.
   */
  native: z.boolean().default(false),
  /** Name of the model that sees it there, where another is better at detail than at light; `model` by default. */
  nativeModel: modelName.optional(),
  /** Whether luma stays the picture's own and the network gives colour alone. */
  keepLuma: z.boolean().default(false),
  /** Films only: share of a pixel's colour that comes from where it was on the picture before. 0: none. */
  follow: z.number().min(0).max(0.95).default(0),
});

const repairStage = z.strictObject({
  stage: z.literal('repair'),
  /** Name of a model that fills holes. */
  model: modelName,
  /** How damage is found where no mask is given. Lengths are of a picture whose longer side has 1000 pixels. */
  damage: z
    .strictObject({
      /** Whether light damage is looked for: scratches, dust of a negative. */
      light: z.boolean().default(true),
      /** Whether dark damage is looked for: hairs, dust of a print. */
      dark: z.boolean().default(true),
      /** Damage is thinner than this. */
      width: z.number().min(1).max(40).default(6),
      /** How far it must stand out from its surroundings, 0..1 of the way from black to white ... */
      contrast: z.number().min(0.01).max(1).default(0.2),
      /** ... and how many times more than the details around it do on average. */
      prominence: z.number().min(1).max(100).default(8),
      /** Where more of the picture than this share seems damaged, it is texture, and nothing is repaired. */
      largestShare: z.number().min(0).max(1).default(0.05),
    })
    .prefault({}),
  /** How damage of films is found, where a picture can be compared with those before and after it. */
  temporal: z
    .strictObject({
      /** How little a spot must differ from both neighbours to be taken for damage: 0 hardly ever, 1 at the least. */
      sensitivity: z.number().min(0).max(1).default(0.5),
      /** Whether upright scratches that stand in the same place over pictures are looked for. */
      scratches: z.boolean().default(true),
      /** How many crops of a picture the model fills at most; holes beyond them are filled from their rim. */
      crops: z.number().int().min(0).max(64).default(4),
    })
    .prefault({}),
});

const deflickerStage = z.strictObject({
  stage: z.literal('deflicker'),
  /** How much of the flicker of exposure is taken out: 0 none, 1 all. */
  strength: z.number().min(0).max(1).default(1),
  /** Seconds of film around a picture whose light it is brought to. */
  window: z.number().positive().max(2).default(0.7),
});

const stage = z.discriminatedUnion('stage', [denoiseStage, networkStage, repairStage, deflickerStage], {
  error: 'must be a stage this version knows: temporal-denoise, network, repair or deflicker',
});

/** A pipeline recipe: an ordered list of stages with their parameters. */
export const recipeSchema = z
  .strictObject({
    description: z.string().min(1),
    stages: z.array(stage).max(8),
  })
  .superRefine((recipe, context) => {
    const order = recipe.stages.map((entry) => entry.stage);
    for (const name of new Set(order)) {
      if (order.indexOf(name) !== order.lastIndexOf(name)) {
        context.addIssue({
          code: 'custom',
          path: ['stages', order.lastIndexOf(name)],
          message: `${name} stands twice`,
        });
      }
    }
    const [denoise, network] = [order.indexOf('temporal-denoise'), order.indexOf('network')];
    if (network >= 0 && denoise > network) {
      context.addIssue({
        code: 'custom',
        path: ['stages', denoise],
        message: 'temporal-denoise must stand before network, which would amplify the noise',
      });
    }
    const deflicker = order.indexOf('deflicker');
    if (deflicker >= 0 && ((network >= 0 && deflicker > network) || (denoise >= 0 && deflicker > denoise))) {
      context.addIssue({
        code: 'custom',
        path: ['stages', deflicker],
        message:
          'deflicker must stand before temporal-denoise and network, which take changes of light for changes of scene',
      });
    }
    if (network >= 0 && order.indexOf('repair') > network) {
      context.addIssue({
        code: 'custom',
        path: ['stages', order.indexOf('repair')],
        message: 'repair must stand before network, which would take damage for part of the picture',
      });
    }
  });

/** A checked recipe. */
export type Recipe = z.output<typeof recipeSchema>;
/** Parameters of the temporal noise filter. */
export type DenoiseStage = z.output<typeof denoiseStage>;
/** Parameters of the removal of flicker. */
export type DeflickerStage = z.output<typeof deflickerStage>;
/** Parameters of the repair of damage. */
export type RepairStage = z.output<typeof repairStage>;
/** Parameters of the network with its bilateral grid. */
export type NetworkStage = z.output<typeof networkStage>;

/** A recipe's network, if it has one. */
export function networkOf(recipe: Recipe): NetworkStage | null {
  return recipe.stages.find((stage) => stage.stage === 'network') ?? null;
}

/** The recipe with a network that is used otherwise. */
export function withNetwork(recipe: Recipe, change: Partial<Pick<NetworkStage, 'workingSize' | 'native'>>): Recipe {
  const stages = recipe.stages.map((stage) => (stage.stage === 'network' ? { ...stage, ...change } : stage));
  return { ...recipe, stages };
}

/** Name of the model that sees a network stage's pictures at full resolution. */
export function nativeModelOf(stage: NetworkStage): string {
  return stage.nativeModel ?? stage.model;
}

/** Names of the models that a recipe runs, each once. */
export function modelsOf(recipe: Recipe): string[] {
  const models = recipe.stages.flatMap((stage) => {
    if (stage.stage === 'network') return stage.native ? [stage.model, nativeModelOf(stage)] : [stage.model];
    return 'model' in stage ? [stage.model] : [];
  });
  return [...new Set(models)];
}

/** Whether a recipe has no stage that needs the pictures to come. */
export function isLive(recipe: Recipe): boolean {
  return unfitForLive(recipe) === undefined;
}

function unfitForLive(recipe: Recipe): Recipe['stages'][number] | undefined {
  return recipe.stages.find(({ stage }) => stage === 'repair' || stage === 'deflicker');
}

/** Refuses recipes with stages that need the pictures to come. Throws AfterglowError `pipeline-invalid`. */
export function requireLive(recipe: Recipe, name: string): void {
  const unfit = unfitForLive(recipe);
  if (!unfit) return;
  throw new AfterglowError(
    'pipeline-invalid',
    `the pipeline "${name}" has a stage "${unfit.stage}", which is not for live video`,
    {
      remedy: 'use it with afterglow process on films and pictures, or choose another pipeline',
    },
  );
}

/** Refuses a mask of holes where no stage fills any. Throws AfterglowError `pipeline-invalid`. */
export function requireRepair(recipe: Recipe): void {
  if (recipe.stages.some(({ stage }) => stage === 'repair')) return;
  throw new AfterglowError('pipeline-invalid', 'a mask is given, but the pipeline has no stage that repairs', {
    remedy: 'choose the pipeline restore-film, or one with a stage "repair"',
  });
}

const PIPELINES = path.join(packageRoot, 'pipelines');

/** Names of the recipes that come with the installation. */
export function pipelineNames(): string[] {
  return readdirSync(PIPELINES)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * Loads a recipe: one of pipelines/ by its name, or a file by a path that ends in .yaml.
 *
 * Throws AfterglowError `pipeline-unknown` or `pipeline-invalid`.
 */
export function loadRecipe(nameOrPath: string): Recipe {
  const isPath = nameOrPath.endsWith('.yaml') || nameOrPath.endsWith('.yml');
  const file = isPath ? nameOrPath : path.join(PIPELINES, `${nameOrPath}.yaml`);
  if (!isPath && (!/^[a-z0-9][a-z0-9-]*$/.test(nameOrPath) || !existsSync(file))) {
    throw new AfterglowError('pipeline-unknown', `there is no pipeline "${nameOrPath}"`, {
      remedy: `choose one of ${pipelineNames().join(', ')}, or give the path of a .yaml file`,
    });
  }
  return readYamlFile(file, recipeSchema, 'pipeline-invalid');
}
