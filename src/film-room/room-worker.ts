import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InferenceConfig } from '../config/inference-schema.js';
import { packageVersion } from '../config/package-version.js';
import { loadRecipe, type Recipe } from '../config/recipe.js';
import { softwareNote } from '../config/software-note.js';
import { placesFor, type NetworkPlaces } from '../enhance/recipe-networks.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { FilmAnalysis } from '../film/analysis/film-analysis.js';
import { FilmStills } from '../film/analysis/film-stills.js';
import { processFilm, type FilmProgress } from '../film/job/film-run.js';
import { localWorkers } from '../film/job/worker-pool.js';
import { ProviderChoice, type NetworkUse } from '../inference/provider-choice.js';
import { unfitTracks } from '../media/film-muxer.js';
import { silenceFfmpeg } from '../media/ffmpeg-log.js';
import { PictureEnhancer } from '../stills/picture-enhancer.js';
import { readPicture, writePicture } from '../stills/picture-file.js';
import { formatOf } from '../stills/picture-format.js';
import { viewPicture } from '../stills/picture-view.js';
import type { RoomProgress } from './room-item.js';
import type { RoomCommand, RoomEvent } from './room-messages.js';
import { USUAL_PIPELINES } from './usual-pipelines.js';

/** Longer side of the pictures that the page shows in place of the files themselves. */
const VIEW = 1920;
/** Width of the pictures in lists and on contact sheets. */
const THUMBNAIL = 320;
/** Where in a film its picture for the list is taken. */
const POSTER_AT = 0.1;
/** Shots of which there are small pictures; the first so many. */
const MOST_SHOTS = 240;
/** Progress is told at most so often, in milliseconds. */
const PACE = 250;
/** Quality of JPEG and WebP. */
const QUALITY = 92;

type Order<Kind extends RoomCommand['kind']> = Extract<RoomCommand, { kind: Kind }>;

const tell = (event: RoomEvent): void => void process.send?.(event);
let stop: AbortController | null = null;
/** Networks stay loaded for the next picture. */
let enhancer: { readonly key: string; readonly opening: Promise<PictureEnhancer> } | null = null;

const complain = (sentence: string): void => console.error(`afterglow: ${sentence}`);
let choice: { readonly config: InferenceConfig; readonly opening: Promise<ProviderChoice> } | null = null;

/** Where a recipe's networks run. measure: whether what is not known is measured first, which takes seconds. */
async function placesOf(
  recipe: Recipe,
  config: InferenceConfig,
  use: NetworkUse,
  measure: boolean,
): Promise<NetworkPlaces> {
  if (!isDeepStrictEqual(choice?.config, config)) choice = { config, opening: ProviderChoice.open(config, complain) };
  const chosen = await (choice?.opening ?? ProviderChoice.open(config, complain));
  return placesFor(recipe, chosen, use, { measure, say: () => undefined });
}

/** What makes pictures with this pipeline and strength. Throws AfterglowError. */
async function enhancerFor(pipeline: string, strength: number, inference: InferenceConfig): Promise<PictureEnhancer> {
  const key = `${pipeline} ${strength}`;
  if (enhancer?.key === key) return enhancer.opening;
  const before = enhancer;
  const opening = Promise.resolve(before?.opening)
    .then((open) => open?.close())
    .catch(() => undefined)
    .then(async () => {
      const recipe = loadRecipe(pipeline);
      // Somebody waits for the picture: nothing is measured for it.
      const places = await placesOf(recipe, inference, { kind: 'picture' }, false);
      return PictureEnhancer.open({
        recipe,
        strength,
        threads: 2,
        places,
        moved: ({ message }) => complain(message),
      });
    });
  const made = { key, opening };
  enhancer = made;
  try {
    return await opening;
  } catch (error) {
    // It may be there the next time.
    if (enhancer === made) enhancer = null;
    throw error;
  }
}

async function look({ input, view, inference }: Order<'look'>): Promise<void> {
  if (formatOf(input) !== null) {
    const { jpeg, width, height, format } = await viewPicture(input, VIEW);
    writeFileSync(view, jpeg);
    tell({ kind: 'looked', facts: { kind: 'picture', width, height, codec: format } });
    // Loaded while somebody looks at the picture and decides: what is asked for then is answered at once. A fault is told then.
    if (!enhancer) enhancerFor(USUAL_PIPELINES.picture, 1, inference).catch(() => undefined);
    return;
  }
  const stills = FilmStills.open(input, 2 * THUMBNAIL);
  try {
    const poster = stills.atShare(POSTER_AT) ?? stills.atShare(0);
    if (poster) writeFileSync(view, poster);
    tell({ kind: 'looked', facts: { kind: 'film', ...stills.facts } });
  } finally {
    stills.close();
  }
}

async function makePicture({ input, output, view, order, inference }: Order<'picture'>): Promise<void> {
  const enhancing = await enhancerFor(order.pipeline, order.strength, inference);
  const picture = await readPicture(input);
  await enhancing.enhance(picture);
  const software = softwareNote(order.pipeline, loadRecipe(order.pipeline));
  await writePicture(picture, output, { quality: QUALITY, overwrite: true, software });
  writeFileSync(view, (await viewPicture(output, VIEW)).jpeg);
  tell({ kind: 'made', outcome: { ...fileOf(output), pictures: 1, notes: [] } });
}

async function makeFilm(command: Order<'film'>, signal: AbortSignal): Promise<void> {
  const { input, order, processes, inference } = command;
  const isSample = order.kind === 'sample';
  const output = isSample ? command.output : holdingAll(input, command.output);
  const pace = new ProgressPace();
  const recipe = loadRecipe(order.pipeline);
  const places = await placesOf(recipe, inference, { kind: 'film' }, true);
  const result = await processFilm(
    {
      input,
      output,
      settings: {
        recipe,
        strength: order.strength,
        codec: order.codec,
        crf: order.crf,
        preset: isSample ? 'veryfast' : 'medium',
        compare: isSample,
        stretch: isSample ? { start: order.at, seconds: order.seconds } : null,
        references: [],
        mask: null,
        version: packageVersion,
      },
      overwrite: true,
      restart: false,
      workers: localWorkers(processes, places),
      software: softwareNote(order.pipeline, recipe),
    },
    (progress) => {
      if (progress.phase === 'found' && !isSample) takeShots(command, progress.analysis);
      pace.show(progress);
    },
    signal,
  );
  if (!result) {
    tell({ kind: 'stopped' });
    return;
  }
  const { pictures, missing, notes } = result;
  const lost = missing === 0 ? [] : [`${missing} pictures could not be decoded; the one before was repeated`];
  tell({ kind: 'made', outcome: { ...fileOf(output), pictures, notes: [...notes, ...lost] } });
}

/** The output, as Matroska where it could not hold all tracks of the film. */
function holdingAll(input: string, output: string): string {
  if (path.extname(output) === '.mkv' || unfitTracks(input, output).length === 0) return output;
  return `${output.slice(0, -path.extname(output).length)}.mkv`;
}

/** A small picture of the middle of each shot. */
function takeShots({ input, shots: folder }: Order<'film'>, { shots, times, timeBase }: FilmAnalysis): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const stills = FilmStills.open(input, THUMBNAIL);
  const begins: number[] = [];
  const start = times[0] ?? 0;
  try {
    for (const { first, end } of shots.slice(0, MOST_SHOTS)) {
      const jpeg = stills.at(BigInt(times[(first + end) >> 1] ?? 0));
      if (!jpeg) break;
      writeFileSync(path.join(folder, `${begins.length}.jpg`), jpeg);
      begins.push((((times[first] ?? start) - start) * timeBase.num) / timeBase.den);
    }
  } finally {
    stills.close();
  }
  tell({ kind: 'shots', shots: begins });
}

/** Tells how far a film is, at a bounded pace, and how long it will go on. */
class ProgressPace {
  #phase = '';
  #began = { at: 0, done: 0 };
  #last = -Infinity;

  show(progress: FilmProgress): void {
    if (progress.phase === 'found') return;
    const now = performance.now();
    const done = progress.phase === 'analyse' ? progress.pictures : progress.done;
    const total = progress.phase === 'analyse' ? 0 : progress.total;
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#began = { at: now, done };
      this.#last = -Infinity;
    }
    if (now - this.#last < PACE && done !== total) return;
    this.#last = now;
    const pace = (done - this.#began.done) / Math.max(1, now - this.#began.at);
    const secondsLeft = total > 0 && pace > 0 ? (total - done) / pace / 1000 : null;
    const [shot, shots] = progress.phase === 'process' ? [progress.shot, progress.shots] : [0, 0];
    const told: RoomProgress = { kind: 'working', phase: progress.phase, done, total, shot, shots, secondsLeft };
    tell({ kind: 'progress', progress: told });
  }
}

function fileOf(output: string): { file: string; bytes: number } {
  return { file: path.basename(output), bytes: statSync(output).size };
}

async function obey(command: Exclude<RoomCommand, { kind: 'stop' }>): Promise<void> {
  stop = new AbortController();
  try {
    if (command.kind === 'look') await look(command);
    else if (command.kind === 'picture') await makePicture(command);
    else await makeFilm(command, stop.signal);
  } catch (error) {
    tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
  }
  stop = null;
}

silenceFfmpeg();
process.on('message', (command: RoomCommand) => {
  if (command.kind === 'stop') stop?.abort();
  else void obey(command);
});
process.on('disconnect', () => process.exit(0));
