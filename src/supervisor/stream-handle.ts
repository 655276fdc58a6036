import { EventEmitter } from 'node:events';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { redactUrl } from '../config/input-location.js';
import { loadRecipe, requireLive, type Recipe } from '../config/recipe.js';
import type { RecordingsConfig } from '../config/schema.js';
import type { StreamConfig } from '../config/stream-schema.js';
import { AfterglowError, type ErrorReport } from '../errors/afterglow-error.js';
import type { Placements } from '../inference/placement.js';
import { streamOptions } from '../stream/stream-options.js';
import type {
  ExtraRendition,
  RecordingOptions,
  SnapshotView,
  StreamEvent,
  StreamState,
  StreamStats,
} from '../stream/stream-messages.js';
import { inputWithCredentials } from './camera-credentials.js';
import { changeOf, type StreamChange } from './stream-change.js';
import { StreamAnswers, type Snapshot } from './stream-answers.js';
import { StreamChild } from './stream-child.js';
import { StreamPlacements } from './stream-placements.js';
import { StreamRestarts } from './stream-restarts.js';
import {
  ratesBetween,
  statusOf,
  type Restart,
  type RestartReason,
  type StreamRates,
  type StreamStatus,
} from './stream-status.js';
import { StreamWatchdog, WATCH_EVERY } from './stream-watchdog.js';
import { StreamTotals, type TotalFigures } from './stream-totals.js';

/** Rates are taken over so many reports, which come twice a second. */
const RATE_REPORTS = 5;

/** What a handle tells. */
export interface StreamHandleEvents {
  /** The stream's condition has changed. */
  state: [state: StreamState];
  /** New figures. */
  stats: [];
  /** A new process sends its RTP from this port on loopback. */
  rtp: [port: number];
  log: [level: 'debug' | 'info' | 'warn' | 'error', message: string];
}

/** What a handle needs besides the stream's configuration. */
export interface StreamHandleOptions {
  readonly hlsFolder: string;
  /** Where recordings go; without it, nothing is recorded. */
  readonly recordings?: RecordingsConfig;
  /** Where the network of a recipe may run; one thread of the CPU by default. */
  readonly placementsFor?: (recipe: Recipe) => Placements;
  /** See StreamOptions. */
  readonly exact?: boolean;
}

/** One stream: its process, watched, restarted when it crashes or hangs, and ended for certain. */
export class StreamHandle extends EventEmitter<StreamHandleEvents> {
  readonly id: string;
  readonly #options: StreamHandleOptions;
  readonly #totals = new StreamTotals();
  readonly #answers: StreamAnswers;
  readonly #restarts = new StreamRestarts();
  readonly #watch: NodeJS.Timeout;
  #config: StreamConfig;
  #recipe: Recipe;
  #rtpPort: number | null = null;
  #child: StreamChild | null = null;
  #state: StreamState = { kind: 'starting' };
  #wanted: readonly ExtraRendition[] = [];
  #cores: number | null = null;
  /** Why the present process is being ended by this handle. */
  #ending: Pick<Restart, 'reason' | 'message'> | null = null;
  #watchdog: StreamWatchdog | null = null;
  #sourceRate: number | null = null;
  #begun = false;
  /** The last reports, oldest first. */
  #reports: { readonly at: number; readonly stats: StreamStats }[] = [];
  #rates: StreamRates | null = null;
  #stopping = false;
  /** A pipeline that the process is changing to. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #placements: StreamPlacements;
  #restartTimer: NodeJS.Timeout | null = null;

  /** Throws AfterglowError when the recipe cannot be loaded or is not for live video. */
  constructor(config: StreamConfig, options: StreamHandleOptions) {
    super();
    this.id = config.id;
    this.#config = config;
    this.#recipe = liveRecipe(config.pipeline);
    this.#options = options;
    this.#answers = new StreamAnswers(config.id);
    this.#placements = new StreamPlacements(options.placementsFor);
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY);
    this.#watch.unref();
  }

  /** The stream's configuration as it stands, with all changes. */
  get config(): StreamConfig {
    return this.#config;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Folder of this stream's HLS. */
  get hlsFolder(): string {
    return this.#options.hlsFolder;
  }

  /** Folder of this stream's recordings, whether there are any or not; null where nothing is ever recorded. */
  get recordingFolder(): string | null {
    const { recordings } = this.#options;
    return recordings ? path.resolve(recordings.folder, this.id) : null;
  }

  /** Whether any of the stream's processes has told its figures yet. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Whether the process is silent, or still there, long after it should have been ended for that. */
  get overdue(): boolean {
    return this.#child !== null && (this.#child.overdue || (this.#watchdog?.overdue() ?? false));
  }

  /** The last report of the present process, if it has given any. */
  get stats(): StreamStats | null {
    return this.#reports.at(-1)?.stats ?? null;
  }

  /** Restarts of the process, by reason. */
  get restarts(): Readonly<Record<RestartReason, number>> {
    return this.#restarts.counts;
  }

  /** What has been counted since the stream began, over all its processes. */
  totals(): TotalFigures {
    return this.#totals.read();
  }

  /** Starts the process. rtpPort: where its RTP goes, or null for none. */
  start(rtpPort: number | null): void {
    this.#rtpPort = rtpPort;
    this.#fork();
  }

  /** 0 shows the picture as it came, 1 the pipeline's full effect. */
  setStrength(value: number): void {
    this.#config = { ...this.#config, strength: value };
    this.#child?.send({ kind: 'strength', value });
  }

  /** Which renditions are wanted besides the enhanced one; they are made until they are wanted no more. */
  setWanted(wanted: readonly ExtraRendition[]): void {
    if (isDeepStrictEqual(wanted, this.#wanted)) return;
    this.#wanted = wanted;
    this.#child?.send({ kind: 'renditions', wanted });
  }

  /** Tells the process how many CPU cores are its fair share. */
  setShare(cores: number): void {
    this.#cores = cores;
    this.#child?.send({ kind: 'share', cores });
  }

  /** A picture of the stream at this moment. Throws AfterglowError `snapshot-failed`, which may be tried again. */
  snapshot(view: SnapshotView): Promise<Snapshot> {
    return this.#answers.snapshot(view, (command) => this.#child?.send(command) ?? false);
  }

  /**
   * Takes a changed configuration of the same id: in the running process where that can be, else in a new one at once.
   * Resolves with what was changed, when the process has it. Throws AfterglowError, and then nothing has changed.
   */
  async reconfigure(next: StreamConfig): Promise<StreamChange> {
    const change = changeOf(this.#config, next);
    const recipe = change.fields.includes('pipeline') ? liveRecipe(next.pipeline) : this.#recipe;
    if (change.restarts) {
      this.#config = next;
      this.#recipe = recipe;
      await this.#restart(`${change.fields.join(', ')} changed`);
      return change;
    }
    if (recipe !== this.#recipe) {
      const named = { name: next.pipeline, recipe, placements: this.#placements.look(recipe) };
      const changed = this.#answers.recipe(named, (command) => this.#child?.send(command) ?? false);
      this.#changing = changed.catch(() => undefined);
      await changed;
      this.#recipe = recipe;
    }
    if (!isDeepStrictEqual(next.gate, this.#config.gate)) this.#child?.send({ kind: 'gate', gate: next.gate });
    if (next.strength !== this.#config.strength) this.#child?.send({ kind: 'strength', value: next.strength });
    this.#config = next;
    return change;
  }

  /** Looks anew where the network may run: more is known by now. The process changes over while it goes on. */
  async moveNetwork(): Promise<void> {
    // The last wish of two would count, and the other be refused.
    await this.#changing;
    const before = this.#placements.current;
    const placements = this.#placements.look(this.#recipe);
    if (isDeepStrictEqual(placements, before)) return;
    this.#child?.send({ kind: 'recipe', recipe: { name: this.#config.pipeline, recipe: this.#recipe, placements } });
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    if (this.#restartTimer) clearTimeout(this.#restartTimer);
    await this.#child?.end();
  }

  /** The stream as the API shows it. */
  status(): StreamStatus {
    return statusOf({
      config: this.#config,
      state: this.#state,
      restarts: this.#restarts.unasked,
      lastRestart: this.#restarts.last,
      rates: this.#rates,
      stats: this.stats,
      totals: this.#begun ? this.#totals.read() : null,
    });
  }

  #fork(): void {
    this.#restartTimer = null;
    const config = this.#config;
    let input: string;
    try {
      // At each start anew, so that a secret that was changed acts.
      input = inputWithCredentials(config);
    } catch (thrown) {
      this.#cannotStart(AfterglowError.from(thrown));
      return;
    }
    const child = new StreamChild(config.memoryLimit);
    this.#child = child;
    this.#ending = null;
    this.#watchdog = new StreamWatchdog(config.memoryLimit);
    this.#reports = [];
    this.#rates = null;
    child.on('said', (event) => {
      if (child === this.#child) this.#hear(event);
    });
    child.on('unstartable', (why) => {
      this.emit('log', 'error', `its process cannot be started: ${why}`);
      this.#gone(child, why);
    });
    child.on('gone', (how) => this.#gone(child, how));
    const options = streamOptions(config, {
      input,
      recipe: this.#recipe,
      placements: this.#placements.look(this.#recipe),
      recording: this.#recordingOptions(),
      hlsFolder: this.#options.hlsFolder,
      rtpPort: this.#rtpPort,
      exact: this.#options.exact ?? false,
    });
    child.send({ kind: 'start', options });
    if (this.#cores !== null) child.send({ kind: 'share', cores: this.#cores });
    if (this.#wanted.length > 0) child.send({ kind: 'renditions', wanted: this.#wanted });
  }

  #recordingOptions(): RecordingOptions | null {
    const { recording } = this.#config;
    const folder = this.recordingFolder;
    if (folder === null || !(recording.original || recording.enhanced)) return null;
    return { ...recording, folder, minFreeBytes: (this.#options.recordings?.minFreeGigabytes ?? 0) * 1e9 };
  }

  #hear(event: StreamEvent): void {
    this.#watchdog?.heard();
    if (this.#answers.take(event)) return;
    switch (event.kind) {
      case 'state':
        // A process that is being replaced tells that it ends: the stream does not.
        if (this.#ending) break;
        if (event.state.kind === 'live') {
          this.#watchdog?.live();
          this.#sourceRate = event.state.source.frameRate;
        }
        this.#setState(event.state);
        break;
      case 'stats':
        this.#takeStats(event.stats);
        break;
      case 'rtp':
        this.emit('rtp', event.port);
        break;
      case 'log':
        this.emit('log', event.level, redactUrl(event.message));
        break;
    }
  }

  #takeStats(stats: StreamStats): void {
    const at = performance.now();
    const before = this.#reports[0];
    if (before) this.#rates = ratesBetween(before.stats, stats, (at - before.at) / 1000);
    this.#reports.push({ at, stats });
    if (this.#reports.length > RATE_REPORTS) this.#reports.shift();
    this.#totals.take(stats, this.#sourceRate);
    this.#begun = true;
    this.#watchdog?.take(stats);
    this.emit('stats');
  }

  #look(): void {
    const child = this.#child;
    if (!child || child.ending || this.#stopping) return;
    const unsound = this.#watchdog?.look(this.#state.kind) ?? null;
    if (!unsound) return;
    this.emit('log', 'warn', `${unsound.message}; it is restarted`);
    this.#ending = unsound;
    void child.end();
  }

  /** Starts the process anew because somebody wants it. */
  async #restart(message: string): Promise<void> {
    if (this.#stopping) return;
    if (this.#restartTimer) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
    this.#restarts.asked();
    const child = this.#child;
    this.#ending = { reason: 'changed', message };
    if (child) await child.end();
    else this.#startAgain(this.#ending, 0);
  }

  #gone(child: StreamChild, how: string): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#totals.processGone();
    const state = this.#state;
    const ending = this.#ending;
    const error = this.#whyGone(state, how);
    this.#answers.processGone(ending?.reason === 'changed' ? null : error);
    if (this.#stopping) return;
    if (ending?.reason === 'changed') {
      this.#startAgain(ending, 0);
      return;
    }
    if (state.kind === 'ended' || (state.kind === 'failed' && !state.error.retryable)) return;
    const retryInMs = this.#restarts.nextWait();
    const since = state.kind === 'reconnecting' ? state.since : Date.now();
    this.#setState({ kind: 'reconnecting', error, since, retryInMs });
    const reason = ending?.reason ?? (state.kind === 'failed' ? 'failed' : 'crashed');
    const blamed = reason === 'crashed' || reason === 'hung' ? this.#placements.blame(this.stats) : null;
    if (blamed) this.emit('log', 'warn', `its network does without ${blamed} from now on: its process ended (${how})`);
    this.#startAgain({ reason, message: error.message }, retryInMs);
  }

  #whyGone(state: StreamState, how: string): ErrorReport {
    const options = { remedy: 'it is restarted; please report it if it happens again', retryable: true };
    const id = this.#config.id;
    if (this.#ending?.reason === 'hung') {
      return new AfterglowError('stream-hung', `stream ${id}: ${this.#ending.message}`, options).toReport();
    }
    if (this.#ending?.reason === 'memory') {
      return new AfterglowError('stream-memory', `stream ${id}: ${this.#ending.message}`, {
        ...options,
        remedy: 'it is restarted; raise memoryLimit if its pictures are large, else please report it',
      }).toReport();
    }
    if (state.kind === 'failed') return state.error;
    return new AfterglowError('stream-crashed', `the process of stream ${id} ended (${how})`, options).toReport();
  }

  #startAgain(why: Pick<Restart, 'reason' | 'message'>, wait: number): void {
    const begin = (): void => {
      this.#restarts.note(why);
      this.#fork();
    };
    if (wait === 0) begin();
    else this.#restartTimer = setTimeout(begin, wait);
  }

  /** What the process needs is not there: the stream has failed until it is; that is looked for again. */
  #cannotStart(error: AfterglowError): void {
    const state = this.#state;
    const known = state.kind === 'failed' && state.error.message === error.message;
    if (!known) this.#setState({ kind: 'failed', error: error.toReport() });
    this.#restartTimer = setTimeout(() => this.#fork(), this.#restarts.nextTry());
  }

  #setState(state: StreamState): void {
    this.#state = state;
    this.emit('state', state);
  }
}

function liveRecipe(name: string): Recipe {
  const recipe = loadRecipe(name);
  requireLive(recipe, name);
  return recipe;
}
