// npm run webrtc:worker: gets mediasoup's worker, the program that serves WebRTC to many viewers, into .webrtc-worker/.
// It is mediasoup's prebuilt one where GitHub can be reached, else one that is built here from the npm package's sources.
//
//   --build              build it, without looking for a prebuilt one
//   --no-build           the prebuilt one or none
//   --install-packages   as root on Debian or Ubuntu, install what the build needs
//   --build-type=TYPE    Meson's build type; release by default
//   --force              even if it is there
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWorker, missingPackages } from './webrtc-worker/debian-build.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const mediasoup = path.join(root, 'node_modules', 'mediasoup');
/** Outside node_modules, so that npm ci leaves it. */
const folder = path.join(root, '.webrtc-worker');
/** How long GitHub may take to answer, and the download to end, in milliseconds. */
const LONGEST_CONNECT = 5_000;
const LONGEST_DOWNLOAD = 120_000;
/** What the worker ends with when it runs and is not told mediasoup's version. */
const HEALTHY = 41;

/** It cannot be had on this machine as it is; the message says why and what would help. */
export class WorkerRefusal extends Error {}

/** Where the worker of the installed mediasoup is, or will be. src/publish/mediasoup/worker-binary.ts looks there too. */
export function workerPath() {
  if (!existsSync(path.join(mediasoup, 'package.json'))) throw new WorkerRefusal('run "npm ci" first');
  const { version } = JSON.parse(readFileSync(path.join(mediasoup, 'package.json'), 'utf8'));
  return { version, file: path.join(folder, `mediasoup-worker-${version}`) };
}

/** Whether a worker runs on this machine. */
function runs(file) {
  return spawnSync(file, [], { env: {}, stdio: 'ignore' }).status === HEALTHY;
}

/** Fetches mediasoup's prebuilt worker; false where that is not possible. */
async function download(version, target) {
  const system = `${os.platform()}-${os.arch()}`;
  const kernel = os.platform() === 'linux' ? `-kernel${os.release().split('.')[0]}` : '';
  const name = `mediasoup-worker-${version}-${system}${kernel}.tgz`;
  const address = `https://github.com/versatica/mediasoup/releases/download/${version}/${name}`;
  console.log(`looking for ${address}`);
  const scratch = mkdtempSync(path.join(folder, 'download-'));
  try {
    // Whether it is there is asked first, so that a site without the internet does not wait long.
    const found = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(LONGEST_CONNECT) });
    if (!found.ok) throw new Error(`the answer is ${found.status}`);
    const answer = await fetch(address, { signal: AbortSignal.timeout(LONGEST_DOWNLOAD) });
    if (!answer.ok) throw new Error(`the answer is ${answer.status}`);
    const archive = path.join(scratch, name);
    writeFileSync(archive, Buffer.from(await answer.arrayBuffer()));
    if (spawnSync('tar', ['-xzf', archive, '-C', scratch]).status !== 0) throw new Error('it cannot be unpacked');
    const file = path.join(scratch, 'mediasoup-worker');
    chmodSync(file, 0o755);
    if (!runs(file)) throw new Error('it does not run on this system');
    renameSync(file, target);
    return true;
  } catch (error) {
    const reason = error.name === 'TimeoutError' ? 'GitHub cannot be reached' : (error.cause?.message ?? error.message);
    console.log(`no prebuilt worker: ${reason}`);
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Sees that everything is there that the build needs. */
function providePackages(install) {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const args = ['install', '-y', '--no-install-recommends', ...missing];
  const line = `apt-get ${args.join(' ')}`;
  const mayInstall = install && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    throw new WorkerRefusal(
      `the build needs what is not installed; on Debian or Ubuntu install it as root:\n  ${line}`,
    );
  }
  console.log(line);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  spawnSync('apt-get', ['update', '-q'], options);
  if (spawnSync('apt-get', args, options).status !== 0) throw new WorkerRefusal(`"${line}" failed`);
}

/** Gets the worker if it is not there. Throws with a sentence where that is not possible. */
export async function provideWorker({
  force = false,
  build = false,
  installPackages = false,
  noBuild = false,
  buildType = 'release',
}) {
  const { version, file } = workerPath();
  if (!force && existsSync(file) && runs(file)) {
    console.log(`the worker of mediasoup ${version} is there: ${file}`);
    return file;
  }
  if (process.platform === 'win32')
    throw new WorkerRefusal('the worker is for Linux and macOS; WebRTC works without it');
  mkdirSync(folder, { recursive: true });
  rmSync(file, { force: true });
  if (!build && (await download(version, file))) {
    console.log(`fetched ${file}`);
    return file;
  }
  if (noBuild) throw new WorkerRefusal('there is no prebuilt worker for this machine, and none shall be built');
  providePackages(installPackages);
  console.log(
    `building the worker of mediasoup ${version} from the npm package; this takes some three minutes on two cores`,
  );
  const start = Date.now();
  await buildWorker({
    sources: path.join(mediasoup, 'worker'),
    folder: path.join(folder, 'build'),
    target: file,
    buildType,
  });
  if (!runs(file)) throw new WorkerRefusal(`${file} was built and does not run`);
  console.log(`built ${file} in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const given = process.argv.slice(2);
  const buildType = given.find((each) => each.startsWith('--build-type='))?.split('=')[1];
  try {
    await provideWorker({
      force: given.includes('--force'),
      build: given.includes('--build'),
      noBuild: given.includes('--no-build'),
      installPackages: given.includes('--install-packages'),
      ...(buildType === undefined ? {} : { buildType }),
    });
  } catch (error) {
    console.error(`afterglow: ${error.message}`);
    process.exit(1);
  }
}
