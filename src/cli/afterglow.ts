#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../config/package-version.js';
import { AfterglowError } from '../errors/afterglow-error.js';

const program = new Command('afterglow')
  .description('Makes cameras and films visible, clean and coloured with neural networks, live in the browser.')
  .version(packageVersion)
  .showHelpAfterError('(afterglow --help explains)')
  .addHelpText(
    'after',
    `
Examples:
  afterglow run                                        a demo camera: a street at night
  afterglow run --input street.mp4                     a file, played as if it were a camera
  afterglow run --input rtsp://user:pass@10.0.0.7/ch1  a network camera
  afterglow run --input /dev/video0                    a webcam
  afterglow run --config config/afterglow.yaml         several cameras, with everything set in a file
  afterglow process night.jpg -o bright.jpg            a picture, or a folder of them
  afterglow worker redis://10.0.0.5 --root /mnt/films  work on films of other machines
  afterglow models                                     the networks that there are
  afterglow bench --trace trace.json                   how fast this machine is, and where the time goes
  afterglow doctor --config config/afterglow.yaml      whether everything is in place`,
  );

/** What the program can be told to do. Only the command that is asked for is loaded: together they take more than a second. */
const COMMANDS = {
  run: {
    description: 'Enhance cameras live and serve them to the browser; without options, a demo camera.',
    load: async () => (await import('./run-command.js')).runCommand,
  },
  process: {
    description: 'Enhance a film, or pictures: JPEG, PNG, WebP and TIFF, of 8 or 16 bits.',
    load: async () => (await import('./process-command.js')).processCommand,
  },
  worker: {
    description: 'Work on films that "afterglow process --workers" puts on a Redis, until it is ended.',
    load: async () => (await import('./worker-command.js')).workerCommand,
  },
  models: {
    description: 'List the networks that recipes can use, or add your own.',
    load: async () => (await import('./models-command.js')).modelsCommand,
  },
  bench: {
    description: 'Try one stream on this machine: its rate, its CPU time, and where the time of each picture goes.',
    load: async () => (await import('./bench-command.js')).benchCommand,
  },
  doctor: {
    description: 'Try what Afterglow needs on this machine, each camera too, and say what to do.',
    load: async () => (await import('./doctor-command.js')).doctorCommand,
  },
} as const;

const asked = process.argv.slice(2).find((argument) => Object.hasOwn(COMMANDS, argument));
for (const [name, { description, load }] of Object.entries(COMMANDS)) {
  const command = program.command(name).description(description);
  if (name === asked) (await load())(command);
}

try {
  await program.parseAsync();
} catch (thrown) {
  const error = AfterglowError.from(thrown);
  console.error(`afterglow: ${error.sentence}`);
  if (error.code === 'internal' && process.env['AFTERGLOW_DEBUG'] !== undefined) console.error(error.cause);
  process.exitCode = 1;
}
