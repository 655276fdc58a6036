import type { Cell, Table } from './bench-result.js';

/** What stands in a cell: the median, and in brackets between which values all rounds lay, where they differ. */
export function cellText(cell: Cell, digits: number): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  const [median, lowest, highest] = [cell.median, cell.lowest, cell.highest].map((value) => value.toFixed(digits));
  return lowest === highest ? `${median}` : `${median} (${lowest} to ${highest})`;
}

/** Rows as a Markdown table. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** A measured table in Markdown, without its title. */
export function tableMarkdown({ rowsAre, columns, rows }: Table): string {
  return markdown(
    [rowsAre, ...columns.map(({ name }) => name)],
    rows.map(({ label, cells }) => [label, ...columns.map(({ digits }, i) => cellText(cells[i] ?? null, digits))]),
  );
}
