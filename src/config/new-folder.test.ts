import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './new-folder.js';

const home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-new-folder-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('a new folder', () => {
  it('is made with those above it, and left if it is there', () => {
    const folder = path.join(home, 'a', 'b', 'c');
    makeFolder(folder);
    writeFileSync(path.join(folder, 'file'), '');
    makeFolder(folder);
    expect(existsSync(path.join(folder, 'file'))).toBe(true);
  });

  it('below a file is refused', () => {
    const file = path.join(home, 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(path.join(file, 'x'), 'name another')).toThrow(
      expect.objectContaining({
        code: 'output-invalid',
        message: expect.stringMatching(/the folder .*file.x cannot be made \(ENOTDIR/) as string,
        remedy: 'name another',
      }),
    );
  });

  // A recursive mkdir would not come back from here.
  it.skipIf(process.platform !== 'linux')('in a file system that has none is refused', () => {
    expect(() => makeFolder('/proc/nowhere/x')).toThrow(
      expect.objectContaining({
        code: 'output-invalid',
        message: expect.stringMatching(/the folder \/proc\/nowhere\/x cannot be made \(ENOENT/) as string,
        remedy: 'check the path and its permissions',
      }),
    );
  });
});
