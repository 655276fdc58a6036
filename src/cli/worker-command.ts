import os from 'node:os';
import { Option, type Command } from 'commander';
import type { Recipe } from '../config/recipe.js';
import type { NetworkPlaces } from '../enhance/recipe-networks.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { QueueWorker, WorkerEvent } from '../film/queue/queue-worker.js';
import type { RedisAddress } from '../film/queue/redis-address.js';
import { SharedFolder } from '../film/queue/shared-folder.js';
import { createLogger, type Logger, type LogLevel } from '../logging/logger.js';
import { numberWithin } from './number-flag.js';
import { placesByFlag, providerOption, type ProviderFlag } from './provider-flag.js';

interface WorkerCommandFlags extends ProviderFlag {
  readonly root?: string;
  readonly jobs?: string;
  readonly logLevel: LogLevel;
}

const HELP = 'afterglow worker --help';

/** `afterglow worker`: makes parts of films that other machines process. */
export function workerCommand(command: Command): void {
  command
    .argument('<redis>', 'redis://host:6379, as given to afterglow process')
    .option('--root <folder>', 'what this machine shares with the others; nothing outside of it is read or written')
    .option('--jobs <n>', 'segments at a time, each in a process of one core (default: one a core)')
    .addOption(providerOption())
    .addOption(
      new Option('--log-level <level>', 'least important lines to log')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addHelpText(
      'after',
      `
Ctrl-C finishes the segments in work first; a second one, or SIGTERM, gives them back to the others.
The environment variable AFTERGLOW_REDIS_PASSWORD holds the password, where the address has none.

Example:
  afterglow worker redis://10.0.0.5:6379 --root /mnt/films
  afterglow process /mnt/films/a.mp4 -o /mnt/films/a.colour.mp4 -p restore-film --workers redis://10.0.0.5:6379`,
    )
    .action(run);
}

async function run(text: string, flags: WorkerCommandFlags): Promise<void> {
  // Other commands need not wait until BullMQ is loaded.
  const { RedisAddress } = await import('../film/queue/redis-address.js');
  const { QueueWorker } = await import('../film/queue/queue-worker.js');
  const address = RedisAddress.parse(text);
  const processes = numberWithin(flags.jobs ?? String(os.availableParallelism()), '--jobs', [1, 64], true, HELP);
  if (flags.root === undefined) {
    throw new AfterglowError('config-invalid', 'a worker must be told which folder it may read and write', {
      remedy: 'give --root with the folder that it shares with the other machines',
    });
  }
  const share = new SharedFolder(flags.root);
  const logger = createLogger(flags.logLevel);
  const redis = await address.connect();
  redis.on('error', () => undefined);
  const known = new Map<string, Promise<NetworkPlaces>>();
  const placesOf = (recipe: Recipe): Promise<NetworkPlaces> => {
    const key = JSON.stringify(recipe);
    const before = known.get(key);
    if (before) return before;
    const places = placesByFlag(recipe, flags, { kind: 'film' });
    known.set(key, places);
    // A model that is missing may be there the next time.
    places.catch(() => known.delete(key));
    return places;
  };
  const worker = new QueueWorker(redis, share, processes, placesOf, (event) => report(event, logger, address));
  const end = ended(worker, logger);
  logger.info(`worker ${worker.name} waits for segments at ${address.text}, root ${share.name}`);
  await end;
  redis.disconnect();
  logger.info('ended');
}

/** Resolves when a signal has ended the work. */
async function ended(worker: QueueWorker, logger: Logger): Promise<void> {
  let asked = false;
  const finished = new Promise<void>((resolve, reject) => {
    const stop = (signal: NodeJS.Signals): void => {
      if (signal !== 'SIGINT' || asked) worker.handBack();
      else logger.info('finishing the segments in work; Ctrl-C again gives them back');
      if (!asked) worker.finish().then(resolve, reject);
      asked = true;
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
  await finished;
}

function report(event: WorkerEvent, logger: Logger, address: RedisAddress): void {
  switch (event.kind) {
    case 'taken': {
      const { folder, segment, pictures } = event;
      logger.info({ folder, segment }, `takes segment ${segment} of ${folder}, ${pictures} pictures`);
      return;
    }
    case 'done': {
      const { folder, segment, seconds } = event;
      logger.info({ folder, segment }, `segment ${segment} of ${folder} done in ${seconds.toFixed(1)} s`);
      return;
    }
    case 'handed-back':
      logger.info(`segment ${event.segment} of ${event.folder} given back`);
      return;
    case 'failed': {
      const { order, error, retried } = event;
      const then = retried ? ' (somebody tries again)' : '';
      logger[retried ? 'warn' : 'error']({ order }, `refused or failed: ${error.sentence}${then}`);
      return;
    }
    case 'connection':
      if (event.away) logger.warn(`the Redis at ${address.text} is away (${event.reason}); waiting for it`);
      else logger.info(`the Redis at ${address.text} is back`);
  }
}
