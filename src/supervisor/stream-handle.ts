import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describeInput, parseInput, redactUrl } from '../config/input-location.js';
import { loadRecipe, type Recipe } from '../config/recipe.js';
import type { StreamConfig } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { Backoff } from '../stream/backoff.js';
import { streamOptions } from '../stream/stream-options.js';
import type { StreamCommand, StreamEvent, StreamState, StreamStats } from '../stream/stream-messages.js';
import { ratesBetween, type StreamRates, type StreamStatus } from './stream-status.js';

/** Rates are taken over so many reports, which come twice a second. */
const RATE_REPORTS = 5;
/** A process that says nothing for this long hangs, in milliseconds. */
const LONGEST_SILENCE = 5000;
/** A live stream that sends no picture for this long hangs, however alive its process looks. */
const LONGEST_STANDSTILL = 10_000;
/** From asking a process to end to ending it, in milliseconds. */
const GRACE = 1600;
/** A process that has run this long counts as sound: its next restart comes soon. */
const SOUND_AFTER = 60_000;
const WATCH_EVERY = 1000;

const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/stream/stream-process.js' : '../stream/stream-process.js',
  import.meta.url,
);

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

/** One stream: its process, watched, restarted when it crashes or hangs, and ended for certain. */
export class StreamHandle extends EventEmitter<StreamHandleEvents> {
  readonly config: StreamConfig;
  readonly #recipe: Recipe;
  readonly #hlsFolder: string;
  readonly #exact: boolean;
  readonly #backoff = new Backoff();
  #rtpPort: number | null = null;
  #child: ChildProcess | null = null;
  #state: StreamState = { kind: 'starting' };
  #strength: number;
  #compare = false;
  #restarts = 0;
  #startedAt = 0;
  #lastEvent = 0;
  #lastEncoded = 0;
  #lastPicture = 0;
  /** The last reports, oldest first. */
  #reports: { readonly at: number; readonly stats: StreamStats }[] = [];
  #rates: StreamRates | null = null;
  #stopping = false;
  #restartTimer: NodeJS.Timeout | null = null;
  readonly #watch: NodeJS.Timeout;

  /** Throws AfterglowError when the recipe cannot be loaded. exact: see StreamOptions. */
  constructor(config: StreamConfig, options: { readonly hlsFolder: string; readonly exact?: boolean }) {
    super();
    this.config = config;
    this.#recipe = loadRecipe(config.pipeline);
    this.#hlsFolder = options.hlsFolder;
    this.#exact = options.exact ?? false;
    this.#strength = config.strength;
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY);
    this.#watch.unref();
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Folder of this stream's HLS. */
  get hlsFolder(): string {
    return this.#hlsFolder;
  }

  /** Starts the process. rtpPort: where its RTP goes, or null for none. */
  start(rtpPort: number | null): void {
    this.#rtpPort = rtpPort;
    this.#fork();
  }

  /** 0 shows the picture as it came, 1 the pipeline's full effect. */
  setStrength(value: number): void {
    this.#strength = value;
    this.#send({ kind: 'strength', value });
  }

  /** Turns the side-by-side rendition on or off. */
  setCompare(on: boolean): void {
    if (on === this.#compare) return;
    this.#compare = on;
    this.#send({ kind: 'compare', on });
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    if (this.#restartTimer) clearTimeout(this.#restartTimer);
    await this.#end();
  }

  /** The stream as the API shows it. */
  status(): StreamStatus {
    const stats = this.#reports.at(-1)?.stats;
    const counters = stats?.counters;
    return {
      id: this.config.id,
      name: this.config.name ?? this.config.id,
      input: describeInput(parseInput(this.config.input)),
      pipeline: this.config.pipeline,
      strength: this.#strength,
      state: this.#state,
      restarts: this.#restarts,
      rates: this.#rates,
      drops: stats
        ? {
            overtaken: stats.overtaken.source + stats.overtaken.output,
            noSlot: stats.counters.droppedNoSlot,
            damaged: stats.counters.damaged,
          }
        : null,
      totals: counters ? { decoded: counters.decoded, encoded: counters.encoded, answers: counters.answers } : null,
      anchors: stats?.anchors ?? {},
      encoder: stats?.encoder ?? '',
      networkMilliseconds: stats?.networkMilliseconds ?? null,
      noise: stats?.noise ?? null,
      memoryBytes: stats?.memoryBytes ?? 0,
    };
  }

  #fork(): void {
    const child = fork(PROCESS, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#startedAt = this.#lastEvent = this.#lastPicture = Date.now();
    this.#lastEncoded = 0;
    this.#reports = [];
    this.#rates = null;
    child.on('message', (event: StreamEvent) => this.#hear(event));
    child.once('error', (error) => this.emit('log', 'error', `its process cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => this.#gone(child, code, signal));
    const options = streamOptions(
      { ...this.config, strength: this.#strength },
      { recipe: this.#recipe, hlsFolder: this.#hlsFolder, rtpPort: this.#rtpPort, exact: this.#exact },
    );
    this.#send({ kind: 'start', options });
    if (this.#compare) this.#send({ kind: 'compare', on: true });
  }

  #hear(event: StreamEvent): void {
    this.#lastEvent = Date.now();
    switch (event.kind) {
      case 'state':
        if (event.state.kind === 'live') this.#lastPicture = Date.now();
        this.#setState(event.state);
        break;
      case 'stats':
        this.#takeStats(event.stats);
        break;
      case 'recipe':
      case 'snapshot':
      case 'snapshot-failed':
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
    if (before) this.#rates = ratesBetween(before.stats.counters, stats.counters, (at - before.at) / 1000);
    this.#reports.push({ at, stats });
    if (this.#reports.length > RATE_REPORTS) this.#reports.shift();
    if (stats.counters.encoded > this.#lastEncoded) {
      this.#lastEncoded = stats.counters.encoded;
      this.#lastPicture = Date.now();
    }
    this.emit('stats');
  }

  #look(): void {
    if (!this.#child || this.#stopping) return;
    const now = Date.now();
    const live = this.#state.kind === 'live';
    if (now - this.#lastEvent > LONGEST_SILENCE) this.#hung('its process does not answer');
    else if (live && now - this.#lastPicture > LONGEST_STANDSTILL) this.#hung('no picture has come for ten seconds');
  }

  #hung(why: string): void {
    this.emit('log', 'warn', `${why}; it is restarted`);
    this.#lastEvent = this.#lastPicture = Date.now();
    void this.#end();
  }

  /** Asks the process to end, and ends it when it does not. */
  async #end(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#send({ kind: 'stop' });
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE);
    await gone;
    clearTimeout(force);
  }

  #gone(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    this.#child = null;
    if (this.#stopping || this.#state.kind === 'ended') return;
    const state = this.#state;
    if (state.kind === 'failed' && !state.error.retryable) return;
    if (Date.now() - this.#startedAt > SOUND_AFTER) this.#backoff.succeeded();
    const retryInMs = this.#backoff.next();
    const error =
      state.kind === 'failed'
        ? state.error
        : new AfterglowError(
            'stream-crashed',
            `the process of stream ${this.config.id} ended (${signal ?? `code ${code}`})`,
            {
              remedy: 'it is restarted; please report it if it happens again',
              retryable: true,
            },
          ).toReport();
    const since = state.kind === 'reconnecting' ? state.since : Date.now();
    this.#setState({ kind: 'reconnecting', error, since, retryInMs });
    this.#restartTimer = setTimeout(() => {
      this.#restarts++;
      this.#fork();
    }, retryInMs);
  }

  #send(command: StreamCommand): void {
    if (this.#child?.connected) this.#child.send(command);
  }

  #setState(state: StreamState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
