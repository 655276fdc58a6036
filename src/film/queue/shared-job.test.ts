import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { placeBelow, resolveBelow } from './shared-job.js';

const home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-shared-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const root = path.join(home, 'films');
// A name that begins like the root's is outside of it all the same.
for (const folder of ['films', 'films/a', 'films-of-others']) mkdirSync(path.join(home, folder));
for (const file of ['films/a/film.mkv', 'films-of-others/secret.mkv']) writeFileSync(path.join(home, file), '');
symlinkSync(path.join(home, 'films-of-others'), path.join(root, 'out'));
symlinkSync('a', path.join(root, 'within'));
symlinkSync(root, path.join(home, 'mount'));

describe('what lies below a root', () => {
  it('is found, by links that stay within it too, and through a root that is a link', () => {
    const film = path.join(root, 'a', 'film.mkv');
    expect(resolveBelow(root, 'a/film.mkv')).toBe(film);
    expect(resolveBelow(root, 'within/film.mkv')).toBe(film);
    expect(resolveBelow(path.join(home, 'mount'), 'a/film.mkv')).toBe(film);
    expect(placeBelow(path.join(home, 'mount'), film)).toBe('a/film.mkv');
  });

  it.each([
    '../films-of-others/secret.mkv',
    'a/../../films-of-others/secret.mkv',
    '..',
    'out/secret.mkv',
    'out',
    '/etc/passwd',
    'a/film.mkv\0.txt',
    '..\\films-of-others',
  ])('is not %j', (place) => {
    expect(() => resolveBelow(root, place)).toThrow(/leads out of the root/);
  });

  it('is worth another try where it is not there yet', () => {
    expect(() => resolveBelow(root, 'a/later.mkv')).toThrow(expect.objectContaining({ retryable: true }));
  });

  it('is not what stands beside it', () => {
    expect(placeBelow(root, path.join(home, 'films-of-others', 'secret.mkv'))).toBeNull();
    expect(placeBelow(root, home)).toBeNull();
  });
});
