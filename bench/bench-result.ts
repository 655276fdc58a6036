import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../src/config/package-root.js';
import { AfterglowError } from '../src/errors/afterglow-error.js';
import { figureSchema } from './figure.js';

/** What stands where a figure would, if the thing it is of is not on this machine. */
export const NOT_RUN = 'not run';

const tableSchema = z.strictObject({
  /** By which docs/performance.md and the plot find it. */
  name: z.string().regex(/^[a-z-]+$/),
  /** One sentence: what was measured, and how. */
  title: z.string(),
  /** What the first column names. */
  rowsAre: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), digits: z.int().min(0).max(4) })),
  rows: z.array(
    z.strictObject({
      label: z.string(),
      /** A figure for each column; a text in its place, or null where there is nothing to say. */
      cells: z.array(z.union([figureSchema, z.string(), z.null()])),
    }),
  ),
});

const measuredSchema = tableSchema.extend({ measured: z.iso.datetime(), rounds: z.int().min(1) });

const machineSchema = z.strictObject({
  /** Name for files: the processor and its cores. */
  slug: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryGiB: z.number(),
  system: z.string(),
});

const resultSchema = z.strictObject({
  machine: machineSchema,
  /** Short name of the commit. */
  commit: z.string(),
  /** Whether anything in the working tree differed from that commit. */
  changed: z.boolean(),
  /** When the first of the tables was measured. */
  date: z.iso.datetime(),
  node: z.string(),
  onnxruntime: z.string(),
  tables: z.array(measuredSchema),
});

/** A table as it was measured. */
export type Table = z.output<typeof tableSchema>;
/** The same with when it was measured, and in how many rounds. */
export type MeasuredTable = z.output<typeof measuredSchema>;
/** What one machine's tables of one commit say. */
export type BenchResult = z.output<typeof resultSchema>;
/** The machine that measured. */
export type Machine = z.output<typeof machineSchema>;
/** One row of a table. */
export type Row = Table['rows'][number];
/** What stands in one place of a table. */
export type Cell = Row['cells'][number];

/** Folder of the results that are kept. */
export const RESULTS = path.join(packageRoot, 'bench', 'results');

/** Reads a result. Throws AfterglowError `input-unreadable`. */
export function readResult(file: string): BenchResult {
  try {
    return resultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AfterglowError('input-unreadable', `${file} is no result of the benchmarks`, {
      remedy: 'remove it, or measure again with npm run bench',
      cause,
    });
  }
}

/** All results that are kept, oldest first. Throws AfterglowError `input-unreadable`. */
export function keptResults(folder = RESULTS): BenchResult[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => readResult(path.join(folder, file))).sort((a, b) => a.date.localeCompare(b.date));
}

/** Name of a result's file: its day, its commit and its machine. */
export function resultFileName({ date, commit, machine }: BenchResult): string {
  return `${date.slice(0, 10)}-${commit}-${machine.slug}.json`;
}

/** Writes a result, with as many digits as mean anything. */
export function writeResult(file: string, result: BenchResult): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value;
  writeFileSync(file, `${JSON.stringify(resultSchema.parse(result), rounded, 2)}\n`);
}

/** A result with tables added; one that it had already under that name gives way. */
export function withTables(result: BenchResult, tables: readonly MeasuredTable[]): BenchResult {
  const fresh = new Set(tables.map(({ name }) => name));
  return { ...result, tables: [...result.tables.filter(({ name }) => !fresh.has(name)), ...tables] };
}

/** What stands in a row and column of a result's table, by their names; null where there is none. */
export function cellOf(result: BenchResult, table: string, row: string, column: string): Cell {
  const found = result.tables.find(({ name }) => name === table);
  const index = found?.columns.findIndex(({ name }) => name === column) ?? -1;
  return found?.rows.find(({ label }) => label === row)?.cells[index] ?? null;
}

/** The median in a row and column of a result's table; null where there is no figure. */
export function medianOf(result: BenchResult, table: string, row: string, column: string): number | null {
  const cell = cellOf(result, table, row, column);
  return cell === null || typeof cell === 'string' ? null : cell.median;
}
