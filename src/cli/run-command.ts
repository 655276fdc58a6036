import path from 'node:path';
import { Option, type Command } from 'commander';
import { H264_ENCODER_NAMES } from '../config/encoder-names.js';
import { parseInput } from '../config/input-location.js';
import { loadConfig } from '../config/load.js';
import { packageRoot } from '../config/package-root.js';
import { pipelineNames } from '../config/recipe.js';
import { configSchema, type Config } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { createLogger, type Logger, type LogLevel } from '../logging/logger.js';
import { HttpServer } from '../server/http-server.js';
import type { StreamHandle } from '../supervisor/stream-handle.js';
import type { StreamStatus } from '../supervisor/stream-status.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { numberOf } from './number-flag.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

interface RunFlags {
  readonly config?: string;
  readonly input?: string;
  readonly pipeline?: string;
  readonly strength?: string;
  readonly name?: string;
  readonly loop: boolean;
  readonly encoder?: string;
  readonly host?: string;
  readonly port?: string;
  readonly logLevel?: LogLevel;
}

/** `afterglow run`: cameras in, enhanced pictures out to the viewer page. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('Enhance cameras live and serve them to the browser; without options, a demo camera.')
    .addOption(new Option('-c, --config <file>', 'configuration with streams and server').conflicts('input'))
    .option('-i, --input <input>', 'one camera: a file, rtsp://… or /dev/videoN')
    .option('-p, --pipeline <name>', `what to do with the pictures: ${pipelineNames().join(', ')}, or a .yaml file`)
    .option('-s, --strength <0..1>', 'how much of it: 0 shows the picture as it is')
    .option('--name <name>', 'what the viewer page calls the camera')
    .option('--no-loop', 'end with the file instead of beginning again')
    .addOption(new Option('--encoder <name>', 'H.264 encoder').choices([...H264_ENCODER_NAMES]))
    .option('--port <port>', 'port of the viewer page (default: 8080)')
    .option('--host <address>', 'address to serve at; other than loopback needs AFTERGLOW_TOKEN (default: 127.0.0.1)')
    .addOption(
      new Option('--log-level <level>', 'least important lines to log').choices(['debug', 'info', 'warn', 'error']),
    )
    .addHelpText(
      'after',
      `
The environment variable AFTERGLOW_TOKEN holds the token that viewers must give (at least 16 characters).
Ctrl-C ends everything.`,
    )
    .action(run);
}

/** Runs until a signal, or until no stream can go on. */
async function run(flags: RunFlags): Promise<void> {
  const config = configOf(flags);
  const logger = createLogger(config.log.level);
  const supervisor = new Supervisor(config.streams, config.recordings);
  const stopAsked = signalled();
  let server: HttpServer | null = null;
  try {
    const finished = allFinished(supervisor.streams, logger);
    server = await HttpServer.start(config, supervisor, logger);
    announce(server.address, config);
    const outcome = await Promise.race([stopAsked, finished]);
    if (outcome === 'failed') process.exitCode = 1;
  } finally {
    await Promise.all([supervisor.stop(), server?.close()]);
  }
}

/** The configuration that the flags amount to. Throws AfterglowError `config-invalid`. */
function configOf(flags: RunFlags): Config {
  const base: Config = flags.config === undefined ? configOfOneStream(flags) : loadConfig(flags.config);
  const token = process.env['AFTERGLOW_TOKEN'];
  return checked({
    ...base,
    log: { level: flags.logLevel ?? base.log.level },
    server: {
      ...base.server,
      ...(flags.host === undefined ? {} : { host: flags.host }),
      ...(flags.port === undefined ? {} : { port: numberOf(flags.port, '--port') }),
      ...(token === undefined || token === '' ? {} : { token }),
    },
  });
}

function configOfOneStream(flags: RunFlags): Config {
  const isDemo = flags.input === undefined;
  // Its own error says more than the schema's.
  if (flags.input !== undefined) parseInput(flags.input);
  return checked({
    streams: [
      {
        id: isDemo ? 'demo' : 'camera',
        name: flags.name ?? (isDemo ? 'Night street (demo)' : 'Camera'),
        input: flags.input ?? DEMO,
        loop: flags.loop,
        ...(flags.pipeline === undefined ? {} : { pipeline: flags.pipeline }),
        ...(flags.strength === undefined ? {} : { strength: numberOf(flags.strength, '--strength') }),
        ...(flags.encoder === undefined ? {} : { encoder: { name: flags.encoder } }),
      },
    ],
  });
}

function checked(config: unknown): Config {
  const result = configSchema.safeParse(config);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.filter((key) => key !== 'streams' && typeof key === 'string').join('.') ?? '';
  throw new AfterglowError('config-invalid', `${field}: ${issue?.message ?? 'invalid'}`, {
    remedy: 'see afterglow run --help',
  });
}

function announce(address: string, config: Config): void {
  const count = config.streams.length;
  console.log(`\n  Afterglow is running: ${count} ${count === 1 ? 'camera' : 'cameras'}`);
  console.log(`  Open ${address} in a browser. Ctrl-C ends it.\n`);
}

/** Logs what happens to the streams; resolves when none of them can go on. */
function allFinished(streams: readonly StreamHandle[], logger: Logger): Promise<'ended' | 'failed'> {
  return new Promise((resolve) => {
    const over = new Map<string, 'ended' | 'failed'>();
    for (const stream of streams) {
      const { id } = stream.config;
      const log = logger.child({ stream: id });
      stream.on('log', (level, message) => log[level](message));
      stream.on('state', (state) => {
        switch (state.kind) {
          case 'starting':
            log.info(`opening ${stream.status().input}`);
            break;
          case 'live': {
            const { width, height, frameRate, codec } = state.source;
            log.info(`live: ${width}x${height} at ${frameRate.toFixed(2)} pictures a second, ${codec}`);
            break;
          }
          case 'reconnecting':
            log.warn(
              `${AfterglowError.fromReport(state.error).sentence} (again in ${Math.ceil(state.retryInMs / 1000)} s)`,
            );
            break;
          case 'ended':
            over.set(id, 'ended');
            log.info(`ended; ${accountsOf(stream.status())}`);
            break;
          case 'failed':
            if (!state.error.retryable) {
              over.set(id, 'failed');
              console.error(`afterglow: ${id}: ${AfterglowError.fromReport(state.error).sentence}`);
            } else {
              log.error(AfterglowError.fromReport(state.error).sentence);
            }
            break;
        }
        if (over.size === streams.length) resolve([...over.values()].includes('failed') ? 'failed' : 'ended');
      });
    }
  });
}

/** What became of a stream's pictures, in one line. */
function accountsOf({ totals, drops }: StreamStatus): string {
  const { overtaken = 0, noSlot = 0, damaged = 0, governor = 0, away = 0 } = drops ?? {};
  const { decoded = 0, encoded = 0 } = totals ?? {};
  return (
    `accounts: ${decoded} decoded, ${encoded} sent, ${overtaken} overtaken, ${noSlot} without a slot, ` +
    `${damaged} damaged, ${governor} left out by the governor, ${away} missed`
  );
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
function signalled(): Promise<'stopped'> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve('stopped');
      });
    }
  });
}
