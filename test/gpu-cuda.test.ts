import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { libraryFolder } from '../src/inference/machine.js';
import { clipFolder } from './clip.js';

/** Nothing listens there: as on a machine without the internet. */
const NO_NETWORK = { GLOBAL_AGENT_HTTP_PROXY: 'http://127.0.0.1:9', GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9' };

function run(...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(packageRoot, 'scripts', 'gpu-cuda.js'), ...args],
    { encoding: 'utf8', env: { ...process.env, ...NO_NETWORK } },
  );
  return { status, output: stdout + stderr };
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('npm run gpu:cuda', () => {
  it('says without the internet why it fails, which files are needed, and where they go', () => {
    const { status, output } = run('--force');
    expect(status).toBe(1);
    expect(output).toMatch(/^afterglow: they cannot be downloaded: \S.*(127\.0\.0\.1:9|api\.nuget\.org)/m);
    expect(output).toMatch(
      /https:\/\/www\.nuget\.org\/api\/v2\/package\/Microsoft\.ML\.OnnxRuntime\.Gpu\.Linux\/1\.\d+\.\d+$/m,
    );
    expect(output).toContain('runtimes/linux-x64/native/libonnxruntime_providers_cuda.so');
    expect(output).toContain(`and goes into ${libraryFolder()}`);
    expect(output).not.toMatch(/^ +at /m);
  });

  it('refuses a file that is not the package, and changes nothing', () => {
    const before = existsSync(path.join(libraryFolder(), 'libonnxruntime_providers_cuda.so'));
    expect(run('--from', '/nowhere/x.nupkg')).toMatchObject({
      status: 1,
      output: expect.stringMatching(/^afterglow: \/nowhere\/x\.nupkg does not exist$/m) as string,
    });
    const other = path.join(clipFolder, 'other.nupkg');
    writeFileSync(other, 'no ZIP');
    expect(run('--from', other)).toMatchObject({
      status: 1,
      output: expect.stringMatching(/other\.nupkg is no package of NuGet$/m) as string,
    });
    expect(existsSync(path.join(libraryFolder(), 'libonnxruntime_providers_cuda.so'))).toBe(before);
  });
});
