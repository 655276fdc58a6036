import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { PROVIDERS, type Provider } from '../config/provider-names.js';

/** What counts for how fast networks run here. */
export interface Machine {
  /** Name of the CPU, and how many of its cores this process may use. */
  readonly cpu: string;
  readonly cores: number;
  /** Graphics cards and drivers that were found; none means that there is nothing but the CPU. */
  readonly gpus: readonly string[];
  /** Providers that could work, the CPU first. Whether they do, a measurement shows. */
  readonly providers: readonly Provider[];
  /** Version of onnxruntime. */
  readonly runtime: string;
}

/** Graphics of WSL, of ARM and of Qualcomm. */
const OTHER_DEVICES = /^(dxg|mali\d+|kgsl-3d\d+)$/;
/** The file that onnxruntime needs for CUDA; `npm run gpu:cuda` gets it. */
const CUDA_LIBRARY = 'libonnxruntime_providers_cuda.so';

/** Looks what this machine has. The runtime is loaded only where there is a graphics card. */
export async function examineMachine(): Promise<Machine> {
  const gpus = findGpus();
  const folder = runtimeFolder();
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    gpus,
    providers: gpus.length === 0 ? ['cpu'] : await possibleProviders(folder, gpus),
    runtime: manifest.version,
  };
}

/** Folder of onnxruntime's package. */
export function runtimeFolder(): string {
  // dist/index.js lies in the package.
  return path.dirname(path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
}

/** Folder of its native libraries for this system. */
export function libraryFolder(folder = runtimeFolder()): string {
  return path.join(folder, 'bin', 'napi-v6', process.platform, process.arch);
}

/** Whether onnxruntime's libraries for CUDA are there. */
export function hasCudaLibraries(): boolean {
  return existsSync(path.join(libraryFolder(), CUDA_LIBRARY));
}

async function possibleProviders(folder: string, gpus: readonly string[]): Promise<Provider[]> {
  // Loads a native library, which a machine without a graphics card need not.
  const { listSupportedBackends } = await import('onnxruntime-node');
  const supported = listSupportedBackends().map(({ name }) => name);
  const hasNvidia = gpus.some((name) => name.startsWith('NVIDIA'));
  const hasCuda = hasNvidia && existsSync(path.join(libraryFolder(folder), CUDA_LIBRARY));
  return PROVIDERS.filter((name) => name === 'cpu' || (supported.includes(name) && (name !== 'cuda' || hasCuda)));
}

/**
 * Graphics cards, by what the system says without a driver being loaded. On Linux: cards of the kernel's, NVIDIA's, and
 * drivers for Vulkan that the environment names, such as one in software. macOS and Windows always have one.
 */
export function findGpus(environment: NodeJS.ProcessEnv = process.env): string[] {
  if (process.platform === 'darwin' || process.platform === 'win32') return [`${process.platform} graphics`];
  if (process.platform !== 'linux') return [];
  const named = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES'].flatMap((name) =>
    (environment[name] ?? '').split(':').filter((file) => file !== '' && existsSync(file)),
  );
  return [
    ...entriesOf('/dev/dri', /^renderD\d+$/).map(renderNode),
    ...entriesOf('/dev', /^nvidia\d+$/).map((name, i) => nvidiaName(i) ?? `NVIDIA ${name}`),
    ...entriesOf('/dev', OTHER_DEVICES),
    ...[...new Set(named)],
  ];
}

/** A card of the kernel's by the numbers of its maker and kind. */
function renderNode(name: string): string {
  const idOf = (field: string): string => textOf(`/sys/class/drm/${name}/device/${field}`)?.replace(/^0x/, '') ?? '?';
  return `${name} ${idOf('vendor')}:${idOf('device')}`;
}

function nvidiaName(index: number): string | null {
  const root = '/proc/driver/nvidia/gpus';
  const card = entriesOf(root, /./)[index];
  const model = card === undefined ? null : /^Model:\s*(.+)$/m.exec(textOf(`${root}/${card}/information`) ?? '')?.[1];
  return model ? `NVIDIA ${model.trim().replace(/^NVIDIA /, '')}` : null;
}

function entriesOf(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
