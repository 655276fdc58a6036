import os from 'node:os';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { Option, type Command } from 'commander';
import { packageVersion } from '../config/package-version.js';
import { loadRecipe, pipelineNames, type Recipe } from '../config/recipe.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { processPictures } from '../stills/picture-batch.js';
import { PictureEnhancer } from '../stills/picture-enhancer.js';
import { listPictures, type PictureTask } from '../stills/picture-list.js';
import { modelOfSize, type ModelSize } from '../inference/model-library.js';
import { numberWithin } from './number-flag.js';

interface ProcessFlags {
  readonly output: string;
  readonly pipeline: string;
  readonly strength: string;
  readonly workingSize?: string;
  readonly quality: string;
  readonly overwrite: boolean;
  readonly jobs?: string;
  readonly native: boolean;
  readonly tile: string;
  readonly modelSize?: ModelSize;
  readonly mask?: string;
}

const HELP = 'afterglow process --help';

/** `afterglow process`: pictures in, enhanced pictures out. */
export function addProcessCommand(program: Command): void {
  program
    .command('process')
    .description('Enhance pictures: JPEG, PNG, WebP and TIFF, of 8 or 16 bits.')
    .argument('<input>', 'a picture, or a folder of pictures')
    .requiredOption('-o, --output <path>', 'where they go: a file, or a folder (of the same tree, for a folder)')
    .option('-p, --pipeline <name>', `what to do: ${pipelineNames().join(', ')}, or a .yaml file`, 'night-cctv')
    .option('-s, --strength <0..1>', 'how much of it: 0 leaves the pictures as they are', '1')
    .option('--working-size <pixels>', "long side of the small copy that the network sees (default: the recipe's)")
    .option(
      '--native',
      'the network at full resolution, in tiles: slow, and sharper where it deblurs or denoises',
      false,
    )
    .option('--tile <pixels>', 'side of these tiles', '512')
    .addOption(
      new Option('--model-size <size>', "the network's small or large variant, where there is one").choices([
        'live',
        'full',
      ]),
    )
    .option('--mask <png>', 'for a pipeline that repairs: white where the picture is to be filled in, black elsewhere')
    .option('--quality <1..100>', 'of JPEG and WebP', '92')
    .option('--overwrite', 'replace pictures that exist already', false)
    .option('--jobs <n>', 'pictures in work at a time (default: 2, or 1 on one core)')
    .addHelpText(
      'after',
      `
The picture keeps its size, format, colour profile, transparency, bits and metadata; the metadata says that it was
enhanced. An output's ending chooses another format. Nothing is replaced without --overwrite.

Examples:
  afterglow process night.jpg -o bright.jpg              one picture
  afterglow process night.jpg -o bright.png -s 0.6       less of it, and as PNG
  afterglow process holiday/ -o holiday-bright/          a folder with its folders
  afterglow process night.jpg -o sharp.jpg --native      the network at full resolution
  afterglow process scan.tif -o colour.tif -p colorize-film
  afterglow process torn.png -o whole.png -p restore-film --mask holes.png`,
    )
    .action(run);
}

async function run(input: string, flags: ProcessFlags): Promise<void> {
  const strength = numberWithin(flags.strength, '--strength', [0, 1], false, HELP);
  const quality = numberWithin(flags.quality, '--quality', [1, 100], true, HELP);
  const cores = os.availableParallelism();
  const jobs = numberWithin(flags.jobs ?? String(Math.min(2, cores)), '--jobs', [1, 64], true, HELP);
  const workingSize =
    flags.workingSize === undefined ? null : numberWithin(flags.workingSize, '--working-size', [64, 2048], true, HELP);
  const tile = numberWithin(flags.tile, '--tile', [64, 4096], true, HELP);
  const recipe = ofSize(loadRecipe(flags.pipeline), flags.modelSize);
  const tasks = listPictures(input, flags.output);
  const enhancer = await PictureEnhancer.open({
    recipe,
    strength,
    threads: cores,
    ...(workingSize === null ? {} : { workingSize }),
    ...(flags.native ? { tile } : {}),
    ...(flags.mask === undefined ? {} : { maskFile: flags.mask }),
  });
  const bar = startBar(tasks);
  const failures = await processPictures(
    tasks,
    enhancer,
    { quality, jobs, overwrite: flags.overwrite, software: software(flags.pipeline, recipe) },
    () => bar?.increment(),
  );
  bar?.stop();
  await enhancer.close();
  report(tasks, failures);
}

/** The recipe with its models' variants of a size. Throws AfterglowError `model-missing`. */
function ofSize(recipe: Recipe, size: ModelSize | undefined): Recipe {
  if (size === undefined) return recipe;
  const stages = recipe.stages.map((stage) =>
    'model' in stage ? { ...stage, model: modelOfSize(stage.model, size) } : stage,
  );
  return { ...recipe, stages };
}

/** A bar on a terminal, where there is more than one picture to wait for. */
function startBar(tasks: readonly PictureTask[]): SingleBar | null {
  if (tasks.length < 2 || !process.stderr.isTTY) return null;
  const bar = new SingleBar({
    format: '  {bar} {value} of {total} pictures, {eta_formatted} left',
    barsize: 30,
    etaBuffer: 20,
    stream: process.stderr,
    hideCursor: true,
  });
  bar.start(tasks.length, 0);
  return bar;
}

function report(tasks: readonly PictureTask[], failures: readonly { readonly error: AfterglowError }[]): void {
  const only = tasks.length === 1 ? failures[0] : undefined;
  if (only) throw only.error;
  const done = tasks.length - failures.length;
  if (tasks.length === 1) console.log(`wrote ${tasks[0]?.output ?? ''}`);
  else console.log(`wrote ${done} of ${tasks.length} pictures`);
  for (const { error } of failures) console.error(`afterglow: ${error.sentence}`);
  if (failures.length > 0) process.exitCode = 1;
}

/** What the pictures' metadata name as their software. No brackets: the EXIF writer takes what follows for its own. */
function software(pipeline: string, recipe: Recipe): string {
  const models = recipe.stages.flatMap((stage) => ('model' in stage ? [stage.model] : []));
  return `Afterglow ${packageVersion}, enhanced: ${[path.basename(pipeline), ...models].join(', ')}`;
}
