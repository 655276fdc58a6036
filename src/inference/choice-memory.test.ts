import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ChoiceMemory, type MeasuredSubject } from './choice-memory.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const subject: MeasuredSubject = {
  model: 'a',
  sha256: '00',
  width: 64,
  height: 40,
  cpu: 'some',
  cores: 2,
  gpus: ['card'],
  providers: ['cpu', 'webgpu'],
  device: null,
  runtime: '1',
};
const measurement = { timings: [{ provider: 'cpu', device: null, threads: 1, milliseconds: 3 }], unfit: [] } as const;

function memory(file: string): { readonly memory: ChoiceMemory; readonly complaints: string[] } {
  const complaints: string[] = [];
  return { memory: new ChoiceMemory((sentence) => complaints.push(sentence), file), complaints };
}

it('remembers what was measured for the same model, size and machine alone', () => {
  const file = path.join(folder, 'new', 'inference.json');
  memory(file).memory.keep(subject, measurement);
  const { memory: later, complaints } = memory(file);
  expect(later.find(subject)).toMatchObject(measurement);
  for (const other of [
    { sha256: '01' },
    { width: 72 },
    { gpus: [] },
    { providers: ['cpu'] },
    { runtime: '2' },
    { device: 1 },
  ] as const) {
    expect(later.find({ ...subject, ...other } as MeasuredSubject), JSON.stringify(other)).toBeNull();
  }
  expect(complaints).toEqual([]);
  expect(readdirSync(path.dirname(file))).toEqual(['inference.json']);
});

it('keeps what other processes have written meanwhile, and the last of several', () => {
  const file = path.join(folder, 'shared.json');
  const [one, two] = [memory(file).memory, memory(file).memory];
  one.keep(subject, measurement);
  two.keep({ ...subject, model: 'b' }, measurement);
  one.keep(subject, { timings: [{ ...measurement.timings[0], milliseconds: 5 }], unfit: [] });
  expect(two.find(subject)?.timings[0]?.milliseconds).toBe(5);
  expect(two.entries.map((entry) => entry.subject.model)).toEqual(['b', 'a']);
});

it.each(['', '{', '{"version":2}', '{"version":1,"entries":[{"subject":{}}]}'])(
  'takes a file that says %j for none, says so once, and writes it anew',
  (text) => {
    const file = path.join(folder, 'broken.json');
    writeFileSync(file, text);
    const { memory: broken, complaints } = memory(file);
    expect(broken.find(subject)).toBeNull();
    expect(broken.find(subject)).toBeNull();
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(/broken\.json is damaged/);
    broken.keep(subject, measurement);
    expect(memory(file).memory.find(subject)).toMatchObject(measurement);
  },
);

it('remembers within its process where it cannot write', () => {
  writeFileSync(path.join(folder, 'file'), '');
  const { memory: lost, complaints } = memory(path.join(folder, 'file', 'inference.json'));
  lost.keep(subject, measurement);
  expect(lost.find(subject)).toMatchObject(measurement);
  expect(lost.place).toBe('not remembered');
  expect(complaints).toHaveLength(1);
  // A folder of its name cannot be replaced by a file.
  mkdirSync(path.join(folder, 'occupied.json'));
  const { memory: other } = memory(path.join(folder, 'occupied.json'));
  other.keep(subject, measurement);
  expect(other.place).toBe('not remembered');
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('does not grow without end', () => {
  const file = path.join(folder, 'many.json');
  const { memory: many } = memory(file);
  for (let i = 0; i < 210; i++) many.keep({ ...subject, model: `m${i}` }, measurement);
  expect(many.entries).toHaveLength(200);
  expect(many.find({ ...subject, model: 'm9' })).toBeNull();
  expect(existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')).toBe(true);
});
