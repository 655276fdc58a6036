// npm start: builds what is out of date and runs Afterglow. Options go to `afterglow run`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.js';

build();

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = path.join(root, 'dist', 'src', 'cli', 'afterglow.js');
const child = spawn(process.execPath, [program, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the child by itself; other signals are passed on, and its end is ours.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
// npm, told to end, does not always pass that on: without it there is nobody left to ask for an end.
if (process.env.npm_lifecycle_event !== undefined) {
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && child.kill(), 500).unref();
}
