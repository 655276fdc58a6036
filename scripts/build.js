// Builds everything into dist/, each part only when its sources are newer: the kernels, the program, the viewer page.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

/** The compiler's options for the kernels. features: of WebAssembly, that the engine must have. */
const kernels = (file, features) => [
  'src/kernels/assembly/module.ts',
  ...['-o', file, '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...features.flatMap((feature) => ['--enable', feature]),
];
const EVERYWHERE = 'dist/kernels.wasm';
const RELAXED = 'dist/kernels-relaxed.wasm';

/** What is built, from which files, into which, by which command. */
const PARTS = [
  {
    name: 'kernels',
    from: ['src/kernels/assembly'],
    to: EVERYWHERE,
    command: 'asc',
    options: kernels(EVERYWHERE, ['simd', 'threads']),
  },
  {
    name: 'kernels with relaxed SIMD',
    from: ['src/kernels/assembly'],
    to: RELAXED,
    command: 'asc',
    options: kernels(RELAXED, ['simd', 'threads', 'relaxed-simd']),
  },
  {
    name: 'program',
    from: ['src', 'demo', 'bench', 'test', 'types', 'tsconfig.json'],
    to: 'dist/src/cli/afterglow.js',
    command: 'tsc',
    options: ['-p', 'tsconfig.json'],
  },
  {
    name: 'viewer',
    from: ['web-viewer', 'package-lock.json'],
    to: 'dist/web-viewer/index.html',
    command: 'vite',
    options: ['build', 'web-viewer', '--logLevel', 'warn'],
  },
];

/** Paths and contents of all sources below the given files and folders, as one hash. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  const visit = (file) => {
    const full = path.join(root, file);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(path.join(file, name));
    } else if (/\.(ts|js|json|html|css|svg)$/.test(file)) {
      hash.update(file).update(readFileSync(full));
    }
  };
  for (const source of sources) visit(source);
  return hash.digest('hex');
}

/** Builds what is out of date; ends the process with a sentence if a tool is missing or fails. */
export function build() {
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  for (const part of PARTS) {
    const stamp = path.join(root, 'dist', `.${part.name.replaceAll(' ', '-')}-built`);
    const wanted = fingerprint([...part.from, 'scripts/build.js']);
    const built = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(path.join(root, part.to));
    if (built) continue;
    if (!existsSync(bin(part.command))) {
      console.error(`afterglow: ${part.command} is not installed: run "npm ci" first (without --omit=dev)`);
      process.exit(1);
    }
    console.error(`building the ${part.name} ...`);
    const result = spawnSync(process.execPath, [toolScript(part.command), ...part.options], {
      cwd: root,
      stdio: 'inherit',
    });
    if (result.status !== 0) process.exit(result.status ?? 1);
    writeFileSync(stamp, wanted);
  }
}

/** The script behind a tool of node_modules, so that it runs by Node on every system. */
function toolScript(command) {
  const packages = { asc: 'assemblyscript', tsc: 'typescript', vite: 'vite' };
  const folder = path.join(root, 'node_modules', packages[command]);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[command]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
