import { cellOf, type BenchResult } from './bench-result.js';
import type { Figure } from './figure.js';
import { COLOURS, drawing, escaped, INK, niceStep } from './plot-style.js';

const LINES = [
  { row: '720p night-cctv', colour: COLOURS[0] },
  { row: '1080p night-cctv', colour: COLOURS[1] },
] as const;

const PANELS = [
  {
    title: 'frames a second',
    column: 'frames a second',
    digits: 0,
    bars: [
      { at: 75, colour: LINES[0].colour },
      { at: 30, colour: LINES[1].colour },
    ],
  },
  {
    title: 'rate, of the identity transcode’s (FFmpeg)',
    column: 'to FFmpeg',
    digits: 2,
    bars: [{ at: 0.5, colour: INK }],
  },
] as const;

const [WIDTH, PANEL_WIDTH, PANEL_HEIGHT] = [880, 400, 200];
const MARGIN = { top: 74, left: 44, right: 16, bottom: 56 };

/** Rates of night-cctv over the changes, a row of panels for each machine, as SVG. */
export function performancePlot(results: readonly BenchResult[]): string {
  const machines = [...new Set(results.map(({ machine }) => machine.slug))]
    .map((slug) =>
      results.filter((each) => each.machine.slug === slug && figureAt(each, LINES[0].row, PANELS[0].column)),
    )
    .filter((own) => own.length > 0);
  const rowHeight = MARGIN.top + PANEL_HEIGHT + MARGIN.bottom;
  const height = Math.max(1, machines.length) * rowHeight;
  const rows = machines.map((own, i) => `<g transform="translate(0 ${i * rowHeight})">${machineRow(own)}</g>`);
  return drawing(WIDTH, height, rows);
}

function machineRow(results: readonly BenchResult[]): string {
  const machine = results[0]?.machine;
  const legend = LINES.map(
    ({ row, colour }, i) =>
      `<g transform="translate(${MARGIN.left + 170 * i} 38)"><path d="M0 -4 H22" stroke="${colour}" stroke-width="2.5"/>` +
      `<circle cx="11" cy="-4" r="4" fill="${colour}"/><text x="28">${row}</text></g>`,
  );
  const bars = `<g transform="translate(${MARGIN.left + 170 * LINES.length} 38)"><path d="M0 -4 H22" stroke="${INK}" stroke-dasharray="4 4"/><text x="28">what it is held to</text></g>`;
  const title = `<text x="${MARGIN.left}" y="18" font-size="14" font-weight="bold">${escaped(`${machine?.cpu ?? ''}, ${machine?.cores ?? 0} cores`)}</text>`;
  const panels = PANELS.map((panel, i) => {
    const x = MARGIN.left + i * (PANEL_WIDTH + MARGIN.left - MARGIN.right);
    return `<g transform="translate(${x} ${MARGIN.top})">${panelDrawing(results, panel)}</g>`;
  });
  return [title, ...legend, bars, ...panels].join('\n');
}

function panelDrawing(results: readonly BenchResult[], panel: (typeof PANELS)[number]): string {
  const width = PANEL_WIDTH - MARGIN.left;
  const figures = LINES.flatMap(({ row }) => results.map((result) => figureAt(result, row, panel.column)));
  const highest = Math.max(...panel.bars.map(({ at }) => at), ...figures.map((figure) => figure?.highest ?? 0));
  const step = niceStep(highest);
  const top = Math.ceil((highest * 1.05) / step) * step;
  const y = (value: number): number => PANEL_HEIGHT * (1 - value / top);
  const x = (i: number): number => (width * (i + 0.5)) / results.length;
  const parts = [`<text x="0" y="-12" font-weight="bold">${escaped(panel.title)}</text>`];
  for (let tick = 0; tick <= Math.round(top / step); tick++) {
    const at = y(tick * step).toFixed(1);
    parts.push(
      `<path d="M0 ${at} H${width}" stroke="${INK}" stroke-opacity="${tick === 0 ? 0.9 : 0.25}"/>`,
      `<text x="-6" y="${at}" dy="4" text-anchor="end">${(tick * step).toFixed(step < 1 ? 1 : 0)}</text>`,
    );
  }
  for (const { at, colour } of panel.bars) {
    parts.push(`<path d="M0 ${y(at).toFixed(1)} H${width}" stroke="${colour}" stroke-dasharray="4 4"/>`);
  }
  // More names than fit would lie over each other.
  const every = Math.ceil((results.length * 64) / width);
  results.forEach(({ commit, date }, i) => {
    if ((results.length - 1 - i) % every !== 0) return;
    parts.push(
      `<text x="${x(i).toFixed(1)}" y="${PANEL_HEIGHT + 18}" text-anchor="middle">${escaped(commit)}</text>`,
      `<text x="${x(i).toFixed(1)}" y="${PANEL_HEIGHT + 34}" text-anchor="middle" font-size="11">${date.slice(0, 10)}</text>`,
    );
  });
  const ends: { readonly x: number; readonly y: number; readonly text: string; readonly colour: string }[] = [];
  for (const { row, colour } of LINES) {
    const points = results.flatMap((result, i) => {
      const figure = figureAt(result, row, panel.column);
      return figure ? [{ x: x(i), figure }] : [];
    });
    const way = points.map(
      ({ x: at, figure }, i) => `${i === 0 ? 'M' : 'L'}${at.toFixed(1)} ${y(figure.median).toFixed(1)}`,
    );
    parts.push(`<path d="${way.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const { x: middleX, figure } of points) {
      const at = middleX.toFixed(1);
      const [low, middle, high] = [figure.lowest, figure.median, figure.highest].map((value) => y(value).toFixed(1));
      parts.push(
        `<path d="M${at} ${low} V${high}" stroke="${colour}" stroke-width="1.5"/>`,
        `<circle cx="${at}" cy="${middle}" r="4" fill="${colour}"/>`,
      );
    }
    const last = points.at(-1);
    if (last)
      ends.push({ x: last.x, y: y(last.figure.median), text: last.figure.median.toFixed(panel.digits), colour });
  }
  // Beside the last points, from the top down, never over each other.
  ends.sort((a, b) => a.y - b.y);
  let free = -Infinity;
  for (const { x: at, y: wanted, text, colour } of ends) {
    const place = Math.max(wanted, free);
    free = place + 14;
    parts.push(
      `<text x="${(at + 9).toFixed(1)}" y="${place.toFixed(1)}" dy="4" fill="${colour}" font-weight="bold">${text}</text>`,
    );
  }
  return parts.join('\n');
}

function figureAt(result: BenchResult, row: string, column: string): Figure | null {
  const cell = cellOf(result, 'streams', row, column);
  return cell === null || typeof cell === 'string' ? null : cell;
}
