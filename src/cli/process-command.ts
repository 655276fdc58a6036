import os from 'node:os';
import { SingleBar } from 'cli-progress';
import { Option, type Command } from 'commander';
import { loadRecipe, pipelineNames, withNetwork, type Recipe } from '../config/recipe.js';
import { softwareNote } from '../config/software-note.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { processPictures } from '../stills/picture-batch.js';
import { PictureEnhancer } from '../stills/picture-enhancer.js';
import { listPictures, type PictureTask } from '../stills/picture-list.js';
import { modelOfSize, type ModelSize } from '../inference/model-library.js';
import { FILM_CODECS } from '../media/film-encoder.js';
import { filmContainer } from '../media/film-muxer.js';
import { numberWithin } from './number-flag.js';
import { processFilmFile, type FilmFlags } from './process-film.js';
import { placesByFlag, providerOption } from './provider-flag.js';

interface ProcessFlags extends FilmFlags {
  readonly strength: string;
  readonly workingSize?: string;
  readonly quality: string;
  readonly native: boolean;
  readonly tile: string;
  readonly modelSize?: ModelSize;
}

const HELP = 'afterglow process --help';
/** From so many pictures on, or where tiles are asked for, finding out what is fastest is worth its seconds. */
const MANY_PICTURES = 16;

/** `afterglow process`: pictures or a film in, enhanced ones out. */
export function processCommand(command: Command): void {
  command
    .argument('<input>', 'a film, a picture, or a folder of pictures')
    .requiredOption('-o, --output <path>', 'where they go: a file, or a folder (of the same tree, for a folder)')
    .option('-p, --pipeline <name>', `what to do: ${pipelineNames().join(', ')}, or a .yaml file`, 'night-cctv')
    .option('-s, --strength <0..1>', 'how much of it: 0 leaves the pictures as they are', '1')
    .option('--working-size <pixels>', "long side of the small copy that the network sees (default: the recipe's)")
    .option(
      '--native',
      'the network at full resolution, in tiles: slow, and sharper where it deblurs or denoises',
      false,
    )
    .option('--tile <pixels>', 'side of these tiles, for pictures', '512')
    .addOption(
      new Option('--model-size <size>', "the network's small or large variant, where there is one").choices([
        'live',
        'full',
      ]),
    )
    .addOption(providerOption())
    .option('--mask <png>', 'for a pipeline that repairs: white where the picture is to be filled in, black elsewhere')
    .option('--quality <1..100>', 'of JPEG and WebP', '92')
    .option('--overwrite', 'replace pictures that exist already', false)
    .option(
      '--jobs <n>',
      'pictures in work at a time (default: 2, or 1 on one core); for a film, processes (one a core)',
    )
    .optionsGroup('Films:')
    .addOption(new Option('--codec <name>', 'of the pictures').choices([...FILM_CODECS]).default('h264'))
    .option('--crf <0..51>', 'quality of H.264 and H.265: 0 loses nothing, 51 is worst', '18')
    .option('--preset <name>', 'how much work H.264 and H.265 take for it, ultrafast to placebo', 'medium')
    .option('--preview <time>', 'a sample only, original and result beside each other: 10s')
    .option('--at <time>', 'where the sample begins: 1m30s or 1:30')
    .option('--compare', 'original and result beside each other', false)
    .option('--reference <file>', 'a picture whose colours steer a shot: shot12.jpg or 12=colours.jpg', collect, [])
    .option(
      '--workers <redis>',
      'several machines: redis://host:6379, where "afterglow worker" takes parts of the film',
    )
    .option('--root <folder>', "what they share with this machine (default: the output's folder)")
    .option('--restart', 'throw away what an interrupted run has done', false)
    .option('--json', 'progress and result as lines of JSON', false)
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
  afterglow process torn.png -o whole.png -p restore-film --mask holes.png

A film keeps its times, sound, subtitles and metadata. What is done of it is kept beside the output until it is whole:
after an interruption the same command goes on.

  afterglow process film.mp4 -o sample.mp4 -p restore-film --preview 10s --at 5:00
  afterglow process film.mp4 -o film.colour.mp4 -p restore-film
  afterglow process film.mkv -o film.colour.mov -p colorize-film --codec prores`,
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
  if (filmContainer(flags.output) !== null) {
    const sized = workingSize === null ? recipe : withNetwork(recipe, { workingSize });
    const seen = flags.native ? withNetwork(sized, { native: true }) : sized;
    await processFilmFile(input, flags, seen, strength, softwareNote(flags.pipeline, seen));
    return;
  }
  const tasks = listPictures(input, flags.output);
  const sizes = { ...(workingSize === null ? {} : { workingSize }), ...(flags.native ? { tile } : {}) };
  const measure = flags.native || tasks.length >= MANY_PICTURES;
  const enhancer = await PictureEnhancer.open({
    recipe,
    strength,
    threads: cores,
    places: await placesByFlag(recipe, flags, { kind: 'picture' }, { sizes, measure }),
    moved: ({ message }) => console.error(`afterglow: ${message}`),
    ...sizes,
    ...(flags.mask === undefined ? {} : { maskFile: flags.mask }),
  });
  const bar = startBar(tasks);
  const failures = await processPictures(
    tasks,
    enhancer,
    { quality, jobs, overwrite: flags.overwrite, software: softwareNote(flags.pipeline, recipe) },
    () => bar?.increment(),
  );
  bar?.stop();
  await enhancer.close();
  report(tasks, failures);
}

function collect(value: string, all: readonly string[]): string[] {
  return [...all, value];
}

/** The recipe with its models' variants of a size. Throws AfterglowError `model-missing`. */
function ofSize(recipe: Recipe, size: ModelSize | undefined): Recipe {
  if (size === undefined) return recipe;
  const stages = recipe.stages.map((stage) => {
    if (!('model' in stage)) return stage;
    const sized = { ...stage, model: modelOfSize(stage.model, size) };
    return sized.stage === 'network' && sized.nativeModel !== undefined
      ? { ...sized, nativeModel: modelOfSize(sized.nativeModel, size) }
      : sized;
  });
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
