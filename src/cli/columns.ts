/** Prints rows below a head, in columns as wide as their widest cell. numbersFrom: the first column that is set to the right. */
export function printColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom = head.length,
): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) => (i < numbersFrom ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    console.log(cells.join('  ').trimEnd());
  }
}
