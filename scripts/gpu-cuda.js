// npm run gpu:cuda: gets what onnxruntime needs to run networks on NVIDIA cards by CUDA, which its npm package does not hold:
// it is too large for the registry. Its own install script does that by a download from NuGet.
//
//   --from FILE.nupkg    take it from a package that was carried here, for machines without the internet
//   --force              even if it is there
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const runtime = path.join(root, 'node_modules', 'onnxruntime-node');
/** How long the download may take to begin, and to end, in milliseconds. */
const LONGEST_BEGIN = 30_000;
const LONGEST_DOWNLOAD = 30 * 60_000;
/** TensorRT's part is offered too, and nothing here uses it. */
const UNUSED = /tensorrt/;
/** What these libraries load in turn, by the names that they have on Linux. */
const NEEDED = ['libcuda.so.1', 'libcudart.so.12', 'libcublas.so.12', 'libcudnn.so.9', 'libcufft.so.11'];

/** It cannot be had on this machine as it is; the message says why and what would help. */
class CudaRefusal extends Error {}

/** The files, by onnxruntime's own list: the package that has them, and where they go. */
function plan() {
  if (!existsSync(path.join(runtime, 'package.json'))) throw new CudaRefusal('run "npm ci" first');
  const platform = `${os.platform()}/${os.arch()}`;
  const metadata = createRequire(import.meta.url)(path.join(runtime, 'script', 'install-metadata.js'));
  const name = metadata.requirements[platform]?.find((each) => each.startsWith('cuda'));
  if (name === undefined) {
    throw new CudaRefusal(
      `CUDA is for Linux on x64 processors, and this is ${platform}: ` +
        'GPUs of other systems need nothing to be installed ("provider: webgpu", see docs/gpu.md)',
    );
  }
  const manifest = metadata.manifests[`${platform}:${name}`];
  const folder = path.join(runtime, 'bin', 'napi-v6', platform);
  const files = Object.entries(manifest)
    .filter(([file]) => !UNUSED.test(file))
    .map(([file, from]) => ({ target: path.join(folder, file), inPackage: from.path }));
  const [first] = Object.values(manifest);
  const source = metadata.packages[first.package];
  const { feed, version } = source.versions[0];
  return { folder, files, package: source.name, version, index: metadata.feeds[feed].index };
}

/** Runs onnxruntime's own install script. Throws CudaRefusal with what it said. */
async function download({ files }) {
  const script = path.join(runtime, 'script', 'install.js');
  // Without a name: of onnxruntime 1.30, the script forgets a name that it is given, and does nothing under npm.
  const child = spawn(process.execPath, [script, '--onnxruntime-node-install'], {
    cwd: runtime,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const slow = setTimeout(() => child.kill(), LONGEST_BEGIN);
  const late = setTimeout(() => child.kill(), LONGEST_DOWNLOAD);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Downloading')) clearTimeout(slow);
    });
  }
  child.stdout.on('data', (chunk) => process.stdout.write(chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(slow);
  clearTimeout(late);
  if (code === 0 && files.every(({ target }) => existsSync(target))) return;
  throw new CudaRefusal(causeIn(output) ?? 'NuGet does not answer');
}

/** The sentence of an error in what a program printed. */
function causeIn(output) {
  const line = /^.*Error: (.+)$/m.exec(output)?.[1]?.trim();
  if (line === undefined || line === '') return null;
  const [, host] = /(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET)\s+(\S+)/.exec(line) ?? [];
  return host === undefined ? line : `${host} cannot be reached (${line})`;
}

/** Takes the files out of a package of NuGet, which is a ZIP. */
function unpack(given, { files }) {
  if (!existsSync(given)) throw new CudaRefusal(`${given} does not exist`);
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'afterglow-cuda-'));
  try {
    const AdmZip = createRequire(path.join(runtime, 'package.json'))('adm-zip');
    let zip;
    try {
      zip = new AdmZip(given);
    } catch {
      throw new CudaRefusal(`${given} is no package of NuGet`);
    }
    for (const { target, inPackage } of files) {
      const entry = zip.getEntry(inPackage);
      if (!entry) throw new CudaRefusal(`${given} has no ${inPackage}: it is another package, or of another version`);
      zip.extractEntryTo(entry, scratch, false, true);
      // Such that it is there whole or not at all.
      copyFileSync(path.join(scratch, path.basename(inPackage)), `${target}.tmp`);
      chmodSync(`${target}.tmp`, 0o644);
      renameSync(`${target}.tmp`, target);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** How the files are carried to a machine without the internet. */
function byHand({ folder, files, package: name, version }) {
  const names = files.map(({ inPackage }) => `    ${inPackage}`).join('\n');
  return (
    'Without the internet, on another machine fetch\n' +
    `    https://www.nuget.org/api/v2/package/${name}/${version}\n` +
    'carry that file (a ZIP) here, and give it to this command:\n' +
    `    npm run gpu:cuda -- --from ${name.toLowerCase()}.${version}.nupkg\n` +
    'or unpack it yourself: what is needed of it is\n' +
    `${names}\n` +
    `and goes into ${folder}`
  );
}

/** Libraries of NVIDIA that the system's loader does not know. */
function missingLibraries() {
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  const paths = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((each) => each !== '');
  return NEEDED.filter(
    (name) => !(stdout ?? '').includes(name) && !paths.some((folder) => existsSync(path.join(folder, name))),
  );
}

/** Says what the libraries that are there still need. */
function sayNeeds() {
  const missing = missingLibraries();
  if (missing.length > 0) {
    console.log(
      `It needs, besides, NVIDIA's driver, CUDA 12 and cuDNN 9; not found here: ${missing.join(', ')}.\n` +
        'Where these lie in a folder of their own, LD_LIBRARY_PATH must name it.',
    );
  }
  console.log('"npx afterglow doctor" tries it; provider auto then measures whether it is the fastest.');
}

async function main(given) {
  const wanted = plan();
  const from = given.indexOf('--from');
  const isThere = wanted.files.every(({ target }) => existsSync(target) && statSync(target).size > 0);
  if (isThere && from < 0 && !given.includes('--force')) {
    console.log(`onnxruntime's libraries for CUDA are there: ${wanted.folder}`);
    sayNeeds();
    return;
  }
  const { version } = JSON.parse(readFileSync(path.join(runtime, 'package.json'), 'utf8'));
  console.log(`getting the libraries for CUDA of onnxruntime ${version}`);
  if (from >= 0) {
    unpack(given[from + 1] ?? '', wanted);
  } else {
    try {
      await download(wanted);
    } catch (error) {
      throw new CudaRefusal(`they cannot be downloaded: ${error.message}\n${byHand(wanted)}`);
    }
  }
  console.log(`they are in ${wanted.folder}; "npm ci" removes them`);
  sayNeeds();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`afterglow: ${error.message}`);
  process.exit(1);
}
