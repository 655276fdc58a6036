import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptResults, NOT_RUN, resultFileName, withTables, writeResult, type BenchResult } from './bench-result.js';
import { figureOf, ratioOf } from './figure.js';
import { withFigures } from './performance-document.js';
import { peersPlot } from './peers-plot.js';
import { performancePlot } from './performance-plot.js';

const TABLE = {
  name: 'streams',
  title: 'Streams.',
  rowsAre: 'stream',
  columns: [
    { name: 'frames a second', digits: 1 },
    { name: 'to FFmpeg', digits: 2 },
  ],
  measured: '2026-11-22T10:00:00.000Z',
  rounds: 3,
};

function result(commit: string, day: string, rate: number, cpu = 'CPU'): BenchResult {
  const cells = [figureOf([rate, rate + 2, rate + 1]), NOT_RUN];
  return {
    machine: { slug: `${cpu.toLowerCase()}-2-cores`, cpu, cores: 2, memoryGiB: 8, system: 'Linux' },
    commit,
    changed: false,
    date: `${day}T10:00:00.000Z`,
    node: 'v20',
    onnxruntime: '1',
    tables: [{ ...TABLE, rows: ['720p', '1080p'].map((size) => ({ label: `${size} night-cctv`, cells })) }],
  };
}

const marked = (name: string): string => `before\n<!-- bench:${name} -->\nold\n<!-- /bench -->\nafter`;

describe('figures of several rounds', () => {
  it('have a median and a spread, and ratios are of the same round', () => {
    expect(figureOf([3, 1, 2])).toEqual({ median: 2, lowest: 1, highest: 3 });
    // A machine twice as slow in the second round.
    expect(ratioOf([60, 30], [120, 60])).toEqual({ median: 0.5, lowest: 0.5, highest: 0.5 });
  });
});

describe('results that are kept', () => {
  it('come back as they were, oldest first; a table that is measured again replaces the old one', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-results-'));
    const [first, second] = [result('aaa', '2026-11-21', 40), result('bbb', '2026-11-22', 50)];
    for (const each of [second, first]) writeResult(path.join(folder, resultFileName(each)), each);
    expect(keptResults(folder)).toEqual([first, second]);
    rmSync(folder, { recursive: true });
    const [again] = withTables(first, second.tables).tables;
    expect(again).toEqual(second.tables[0]);
  });
});

describe('the document of performance', () => {
  const results = [result('aaa', '2026-11-21', 40), result('bbb', '2026-11-22', 50)];

  it('tells the newest figures between its marks, and what was not run, and leaves the rest', () => {
    const text = withFigures(marked('streams'), results);
    expect(text).toContain('| 1080p night-cctv | 51.0 (50.0 to 52.0) | not run |');
    expect(text).toContain('commit bbb');
    expect(text).not.toContain('old');
    expect(text).toMatch(/^before\n<!-- bench:streams -->\n[\s\S]*<!-- \/bench -->\nafter$/);
    // Written twice, it stays the same.
    expect(withFigures(text, results)).toBe(text);
    expect(withFigures(marked('kernels'), results)).toBe(marked('kernels'));
  });

  it('has every change, and says which bars are met and by how much others are missed', () => {
    const changes = withFigures(marked('changes'), results);
    expect(changes).toMatch(/2026-11-21 aaa[^\n]*41[^\n]*\n[^\n]*2026-11-22 bbb[^\n]*51/);
    const bars = withFigures(marked('bars'), results);
    expect(bars).toMatch(/1080p night-cctv, frames a second \| at least 30 \| 51\.0, met \(bbb\)/);
    expect(bars).toMatch(/720p night-cctv, frames a second \| at least 75 \| 51\.0, missed by 24\.0/);
    expect(bars).toMatch(/slice of a 1080p picture, CPU ms \| at most 8 \| not measured yet/);
  });

  it('says of each machine by itself how it stands to the bars', () => {
    const bars = withFigures(marked('bars'), [...results, result('bbb', '2026-11-22', 80, 'Other')]);
    expect(bars).toContain('| held to |  | on CPU | on Other |');
    expect(bars).toMatch(
      /720p night-cctv, frames a second \| at least 75 \| 51\.0, missed by 24\.0 \(bbb\) \| 81\.0, met \(bbb\)/,
    );
  });

  it('is drawn with a point for each change', () => {
    const plot = performancePlot(results);
    expect(plot.match(/<circle [^>]*r="4" fill="#2f81f7"\/>/g)).toHaveLength(3);
    expect(plot).toContain('bbb');
  });

  it('is drawn with others beside ours, once both speed and likeness of them are known', () => {
    expect(peersPlot(results)).toBeNull();
    expect(withFigures(marked('peers-plot'), results)).not.toContain('![');
    const column = (name: string) => [{ name, digits: 1 }];
    const rows = (...labels: readonly string[]) => labels.map((label) => ({ label, cells: [figureOf([17])] }));
    const both = withTables(result('ccc', '2026-11-23', 60), [
      { ...TABLE, name: 'peers', columns: column('frames a second'), rows: rows('1080p Afterglow night-cctv', '1080p FFmpeg: eq', '1080p FFmpeg: unknown') },
      { ...TABLE, name: 'peer-quality', columns: column('PSNR, dB'), rows: rows('Afterglow night-cctv, stream', 'FFmpeg: eq') },
    ]); // prettier-ignore
    const plot = peersPlot([...results, both]) ?? '';
    expect(plot.match(/<rect /g)).toHaveLength(4);
    expect(plot).not.toContain('unknown');
    expect(withFigures(marked('peers-plot'), [both])).toContain('](performance-peers.svg)');
  });
});
