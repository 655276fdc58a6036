import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';

const BUILT = path.join(packageRoot, 'dist', 'web-viewer');
/** What the page may weigh on the way, in bytes, without hls.js, which few need. */
const BUDGET = 200_000;

describe('the built viewer page', () => {
  it('is light, and loads hls.js only when it is needed', () => {
    const assets = readdirSync(path.join(BUILT, 'assets')).map((name) => path.join(BUILT, 'assets', name));
    const isHls = (file: string): boolean => /\bhls\b/.test(path.basename(file));
    expect(assets.filter(isHls)).toHaveLength(1);
    const html = readFileSync(path.join(BUILT, 'index.html'), 'utf8');
    expect(html).not.toMatch(/hls/);
    const files = [path.join(BUILT, 'index.html'), ...assets.filter((file) => !isHls(file) && !file.endsWith('.map'))];
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
    expect(bytes).toBeLessThan(BUDGET);
    // Every text is in its place.
    expect(html.replace(/data-texts="[^"]*"/g, '')).not.toContain('{{');
  });
});
