import { Option, type Command } from 'commander';
import { H264_ENCODER_NAMES } from '../config/encoder-names.js';
import { parseInput } from '../config/input-location.js';
import { loadConfig } from '../config/load.js';
import { pipelineNames } from '../config/recipe.js';
import { configSchema, type Config } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { ProviderChoice } from '../inference/provider-choice.js';
import { createLogger, type LogLevel } from '../logging/logger.js';
import { HttpServer } from '../server/http-server.js';
import { NetworkPlacements } from '../supervisor/network-placements.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { ConfigReload } from './config-reload.js';
import { DEMO_CAMERA } from './demo-camera.js';
import { numberOf } from './number-flag.js';
import { providerOption, type ProviderFlag } from './provider-flag.js';
import { allFinished, logStreams } from './stream-log.js';

interface RunFlags extends ProviderFlag {
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
export function runCommand(command: Command): void {
  command
    .addOption(new Option('-c, --config <file>', 'configuration with streams and server').conflicts('input'))
    .option('-i, --input <input>', 'one camera: a file, rtsp://… or /dev/videoN')
    .option('-p, --pipeline <name>', `what to do with the pictures: ${pipelineNames().join(', ')}, or a .yaml file`)
    .option('-s, --strength <0..1>', 'how much of it: 0 shows the picture as it is')
    .option('--name <name>', 'what the viewer page calls the camera')
    .option('--no-loop', 'end with the file instead of beginning again')
    .addOption(new Option('--encoder <name>', 'H.264 encoder').choices([...H264_ENCODER_NAMES]))
    .addOption(providerOption())
    .option('--port <port>', 'port of the viewer page (default: 8080)')
    .option('--host <address>', 'address to serve at; other than loopback needs AFTERGLOW_TOKEN (default: 127.0.0.1)')
    .addOption(
      new Option('--log-level <level>', 'least important lines to log').choices(['debug', 'info', 'warn', 'error']),
    )
    .addHelpText(
      'after',
      `
The environment variable AFTERGLOW_TOKEN holds the token that viewers must give (at least 16 characters).
Ctrl-C ends everything. SIGHUP loads the configuration file anew.`,
    )
    .action(run);
}

/**
 * Runs until a signal. Without a configuration file it also ends with its one stream; with one, streams can be changed and
 * added, and it stays.
 */
async function run(flags: RunFlags): Promise<void> {
  const config = configOf(flags);
  const logger = createLogger(config.log.level);
  const choice = await ProviderChoice.open(config.inference, (sentence) => logger.warn(sentence));
  const placements = new NetworkPlacements(choice);
  placements.on('said', (level, message) => logger[level](message));
  const supervisor = new Supervisor(config.streams, config.recordings, placements);
  const stopAsked = stopSignal();
  // From the beginning: without a listener, a SIGHUP ends the process.
  let reload: ConfigReload | null = null;
  process.on('SIGHUP', () => void reload?.reload());
  let server: HttpServer | null = null;
  try {
    logStreams(supervisor, logger);
    const finished = flags.config === undefined ? allFinished(supervisor.streams) : new Promise<never>(() => undefined);
    server = await HttpServer.start(config, supervisor, logger);
    reload = new ConfigReload(flags.config === undefined ? null : () => configOf(flags), config, server, logger);
    announce(server.address, config);
    const outcome = await Promise.race([stopAsked, finished]);
    if (outcome === 'failed') process.exitCode = 1;
  } finally {
    // While the streams end, whoever asks is told so.
    server?.announceEnd();
    await supervisor.stop();
    await server?.close();
  }
}

/** The configuration that the flags amount to. Throws AfterglowError `config-invalid`. */
function configOf(flags: RunFlags): Config {
  const base: Config = flags.config === undefined ? configOfOneStream(flags) : loadConfig(flags.config);
  const token = process.env['AFTERGLOW_TOKEN'];
  return checked({
    ...base,
    log: { level: flags.logLevel ?? base.log.level },
    inference: { ...base.inference, ...(flags.provider === undefined ? {} : { provider: flags.provider }) },
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
        input: flags.input ?? DEMO_CAMERA,
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

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve('stopped');
      });
    }
  });
}
