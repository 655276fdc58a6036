#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../config/package-version.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { addBenchCommand } from './bench-command.js';
import { addDoctorCommand } from './doctor-command.js';
import { addModelsCommand } from './models-command.js';
import { addProcessCommand } from './process-command.js';
import { addRunCommand } from './run-command.js';
import { addWorkerCommand } from './worker-command.js';

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

addRunCommand(program);
addProcessCommand(program);
addWorkerCommand(program);
addModelsCommand(program);
addBenchCommand(program);
addDoctorCommand(program);

try {
  await program.parseAsync();
} catch (thrown) {
  const error = AfterglowError.from(thrown);
  console.error(`afterglow: ${error.sentence}`);
  if (error.code === 'internal' && process.env['AFTERGLOW_DEBUG'] !== undefined) console.error(error.cause);
  process.exitCode = 1;
}
