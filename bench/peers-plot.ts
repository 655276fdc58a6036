import { cellOf, type BenchResult } from './bench-result.js';
import { COLOURS, drawing, escaped, INK, niceStep } from './plot-style.js';

const OURS = 'Afterglow night-cctv';
const SIZE = '1080p';
/** Rows of the table of likeness by rows of that of speed, where they have other names. */
const QUALITY_ROWS: Readonly<Record<string, string>> = { [OURS]: `${OURS}, stream` };

const PANELS = [
  { title: `frames a second, ${SIZE}`, digits: 1 },
  { title: 'PSNR of dark pictures, dB', digits: 1 },
] as const;
const [LABELS, PANEL, GAP, ROW, TOP] = [270, 270, 50, 22, 48];

/** Speed and likeness of night-cctv beside others', as the newest result has both, as SVG; null where none has. */
export function peersPlot(results: readonly BenchResult[]): string | null {
  const result = results.findLast(({ tables }) => ['peers', 'peer-quality'].every((name) => tables.some((each) => each.name === name))); // prettier-ignore
  if (!result) return null;
  const median = (table: string, row: string, column: string): number | null => {
    const cell = cellOf(result, table, row, column);
    return cell === null || typeof cell === 'string' ? null : cell.median;
  };
  const labels = (result.tables.find(({ name }) => name === 'peers')?.rows ?? [])
    .filter(({ label }) => label.startsWith(`${SIZE} `))
    .map(({ label }) => label.slice(SIZE.length + 1));
  const rows = labels
    .map((label) => ({
      label,
      values: [
        median('peers', `${SIZE} ${label}`, 'frames a second'),
        median('peer-quality', QUALITY_ROWS[label] ?? label, 'PSNR, dB'),
      ],
    }))
    // Pictures of another task have no likeness here.
    .filter(({ values }) => values.every((value) => value !== null));
  const parts = PANELS.map(({ title, digits }, panel) => {
    const left = LABELS + panel * (PANEL + GAP);
    const values = rows.map((row) => row.values[panel] ?? 0);
    const step = niceStep(Math.max(...values));
    const most = Math.ceil(Math.max(...values) / step) * step;
    const bottom = TOP + rows.length * ROW;
    const x = (value: number): string => (left + (PANEL * value) / most).toFixed(1);
    const lines = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step).flatMap((tick) => [
      `<path d="M${x(tick)} ${TOP - 6} V${bottom}" stroke="${INK}" stroke-opacity="${tick === 0 ? 0.9 : 0.25}"/>`,
      `<text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
    ]);
    const bars = rows.map(({ label }, i) => {
      const value = values[i] ?? 0;
      const y = TOP + i * ROW;
      const colour = label === OURS ? COLOURS[1] : COLOURS[0];
      return (
        `<rect x="${left}" y="${y}" width="${(Number(x(value)) - left).toFixed(1)}" height="${ROW - 8}" fill="${colour}"/>` +
        `<text x="${Number(x(value)) + 5}" y="${y + ROW - 11}">${value.toFixed(value < 1 ? 2 : digits)}</text>`
      );
    });
    const where = panel === 0 ? `, ${result.machine.cores} cores` : '';
    return [
      `<text x="${left}" y="${TOP - 18}" font-weight="bold">${escaped(title + where)}</text>`,
      ...lines,
      ...bars,
    ].join('\n');
  });
  const names = rows.map(
    ({ label }, i) =>
      `<text x="${LABELS - 8}" y="${TOP + i * ROW + ROW - 11}" text-anchor="end"${label === OURS ? ' font-weight="bold"' : ''}>${escaped(label)}</text>`,
  );
  return drawing(LABELS + PANELS.length * (PANEL + GAP), TOP + rows.length * ROW + 28, [...names, ...parts]);
}
