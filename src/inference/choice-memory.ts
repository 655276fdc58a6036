import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { PROVIDERS } from '../config/provider-names.js';
import type { Measurement } from './measurement.js';

/** All that a measurement hangs on. With anything else, it is made anew. */
const subjectSchema = z.object({
  model: z.string(),
  sha256: z.string(),
  width: z.number(),
  height: z.number(),
  cpu: z.string(),
  cores: z.number(),
  gpus: z.array(z.string()),
  providers: z.array(z.enum(PROVIDERS)),
  device: z.number().nullable(),
  runtime: z.string(),
});
const placement = { provider: z.enum(PROVIDERS), device: z.number().nullable(), threads: z.number() };
const entrySchema = z.object({
  subject: subjectSchema,
  /** When it was measured, as ISO 8601. */
  measured: z.string(),
  timings: z.array(z.object({ ...placement, milliseconds: z.number() })),
  unfit: z.array(z.object({ provider: z.enum(PROVIDERS), reason: z.string() })),
});
const fileSchema = z.object({ version: z.literal(1), entries: z.array(entrySchema) });

/** All that a measurement hangs on. */
export type MeasuredSubject = z.output<typeof subjectSchema>;
/** A measurement that was kept. */
export type RememberedMeasurement = z.output<typeof entrySchema>;

/** Measurements that are kept; the oldest go first. */
const MOST_ENTRIES = 200;

/** $XDG_CACHE_HOME/afterglow, or ~/.cache/afterglow. */
export function cacheFolder(): string {
  const named = process.env['XDG_CACHE_HOME'];
  return path.join(named !== undefined && named !== '' ? named : path.join(os.homedir(), '.cache'), 'afterglow');
}

/** What was measured on this machine, in a file. Without the file, or with a broken one, it is measured anew: no error. */
export class ChoiceMemory {
  readonly file: string;
  readonly #complain: (sentence: string) => void;
  /** What could not be written to the file. */
  #unwritten: RememberedMeasurement[] = [];
  #hasComplained = false;

  /** complain: told once that the file cannot be read or written. */
  constructor(complain: (sentence: string) => void, file = path.join(cacheFolder(), 'inference.json')) {
    this.file = file;
    this.#complain = complain;
  }

  /** Where it is remembered, in words. */
  get place(): string {
    return this.#unwritten.length > 0 ? 'not remembered' : `remembered in ${this.file}`;
  }

  /** All that is remembered, the oldest first. */
  get entries(): readonly RememberedMeasurement[] {
    return [...this.#read(), ...this.#unwritten];
  }

  /** The measurement of a subject, or null. */
  find(subject: MeasuredSubject): RememberedMeasurement | null {
    return this.entries.findLast((entry) => isDeepStrictEqual(entry.subject, subject)) ?? null;
  }

  /** Keeps a measurement, in this process alone where the file cannot be written. */
  keep(subject: MeasuredSubject, { timings, unfit }: Measurement): RememberedMeasurement {
    const entry = { subject, measured: new Date().toISOString(), timings: [...timings], unfit: [...unfit] };
    // As other processes have left it by now.
    const others = this.#read().filter((each) => !isDeepStrictEqual(each.subject, subject));
    if (!this.#write([...others, entry].slice(-MOST_ENTRIES))) this.#unwritten.push(entry);
    return entry;
  }

  #read(): RememberedMeasurement[] {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#complainOnce(`${this.file} cannot be read`);
      return [];
    }
    try {
      return fileSchema.parse(JSON.parse(text)).entries;
    } catch {
      this.#complainOnce(`${this.file} is damaged`);
      return [];
    }
  }

  /** Writes the file such that it is there whole or as before. */
  #write(entries: readonly RememberedMeasurement[]): boolean {
    const scratch = `${this.file}.${process.pid}.tmp`;
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      writeFileSync(scratch, `${JSON.stringify({ version: 1, entries }, null, 2)}\n`);
      renameSync(scratch, this.file);
      return true;
    } catch {
      this.#complainOnce(`${this.file} cannot be written`);
      discard(scratch);
      return false;
    }
  }

  #complainOnce(what: string): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.#complain(`${what}: what runs fastest here is measured again when it is needed`);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // There is not even a folder.
  }
}
