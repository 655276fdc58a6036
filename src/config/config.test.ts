import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AfterglowError } from '../errors/afterglow-error.js';
import { describeInput, parseInput, redactUrl } from './input-location.js';
import { loadConfig } from './load.js';
import { packageRoot } from './package-root.js';
import { loadRecipe, pipelineNames } from './recipe.js';
import { configSchema } from './schema.js';
import { inferenceSchema } from './inference-schema.js';
import { serverSchema } from './server-schema.js';
import { recordingSchema, regionsSchema, streamSchema } from './stream-schema.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-config-'));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function failure(work: () => unknown): AfterglowError {
  try {
    work();
  } catch (error) {
    if (error instanceof AfterglowError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('configuration', () => {
  it('loads the one that comes with the installation, which is also the reference', () => {
    const config = loadConfig(path.join(packageRoot, 'config', 'afterglow.yaml'));
    // What stands in it is what holds without it.
    const streams = config.streams.map(({ id, name, input }) => ({ id, name, input }));
    expect(config).toEqual(configSchema.parse({ streams }));
    // And every field stands in it, be it as a comment.
    const text = readFileSync(path.join(packageRoot, 'config', 'afterglow.yaml'), 'utf8');
    const fields = [
      ...Object.keys(configSchema.shape),
      ...Object.keys(serverSchema.shape),
      ...Object.keys(inferenceSchema.shape),
      ...Object.keys(streamSchema.shape),
      ...Object.keys(recordingSchema.shape),
      ...Object.keys(regionsSchema.shape),
    ];
    for (const field of fields) expect(text, field).toMatch(new RegExp(`^ *(#|-)? *${field}:`, 'm'));
  });

  it('fills in what is left out', () => {
    const config = loadConfig(write('small.yaml', 'streams:\n  - id: a\n    input: x.mp4\n'));
    expect(config.server.port).toBe(8080);
    expect(config.streams[0]).toMatchObject({ pipeline: 'night-cctv', strength: 1, loop: true });
    expect(config.streams[0]?.encoder.name).toBe('libx264');
  });

  it.each([
    ['streams:\n  - id: a\n    input: x.mp4\n    strength: 2\n', /bad\.yaml:4: streams\[0\]\.strength: .*1/],
    ['streams:\n  - id: A B\n    input: x.mp4\n', /bad\.yaml:2: streams\[0\]\.id: must be lower-case/],
    ['streams:\n  - id: a\n    input: http://x/y\n', /bad\.yaml:3: streams\[0\]\.input: inputs of kind "http:"/],
    ['streams:\n  - id: a\n    input: x\n\n    colour: red\n', /bad\.yaml:5: streams\[0\]: .*colour/],
    [
      'streams:\n  - id: a\n    input: x\n  - id: a\n    input: y\n',
      /bad\.yaml:4: streams\[1\]\.id: "a" is the id of another/,
    ],
    ['server:\n  port: 99999\nstreams: []\n', /bad\.yaml:2: server\.port/],
    ['streams:\n  - id: a\n   input: x\n', /bad\.yaml:3: /],
    ['', /bad\.yaml:1: /],
  ])('says line and field of what is wrong: %j', (text, message) => {
    const error = failure(() => loadConfig(write('bad.yaml', text)));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toMatch(message);
    expect(error.remedy).not.toBe('');
  });

  it('says that a file is missing', () => {
    expect(failure(() => loadConfig('/nowhere/at/all.yaml')).message).toMatch(/all\.yaml does not exist/);
  });

  it('does not expand aliases without end', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [i, name] of ['b', 'c', 'd', 'e', 'f', 'g', 'h'].entries()) {
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefg'[i]}`).join(',')}]`);
    }
    expect(() => loadConfig(write('bomb.yaml', bomb.join('\n')))).toThrow();
  });
});

describe('recipes', () => {
  it('loads every recipe that comes with the installation', () => {
    expect(pipelineNames()).toEqual(expect.arrayContaining(['night-cctv', 'passthrough']));
    for (const name of pipelineNames()) expect(loadRecipe(name).description).not.toBe('');
  });

  it.each(['nothing', '../../etc/passwd', 'Night', ''])('knows no pipeline %j and says which there are', (name) => {
    const error = failure(() => loadRecipe(name));
    expect(error.code).toBe('pipeline-unknown');
    expect(error.remedy).toContain('night-cctv');
  });

  it.each([
    ['stages:\n  - stage: sharpen\n', /:1: description/],
    ['description: x\nstages:\n  - stage: sharpen\n', /:3: stages\[0\]\.stage: must be a stage this version knows/],
    ['description: x\nstages:\n  - stage: temporal-denoise\n  - stage: temporal-denoise\n', /:4: .*stands twice/],
    ['description: x\nstages:\n  - {stage: network, model: m}\n  - stage: temporal-denoise\n', /:4: .*before network/],
    ['description: x\nstages:\n  - {stage: network, model: ../m}\n', /:3: stages\[0\]\.model: must be a model name/],
  ])('says what is wrong with %j', (text, message) => {
    const error = failure(() => loadRecipe(write('recipe.yaml', text)));
    expect(error.code).toBe('pipeline-invalid');
    expect(error.message).toMatch(message);
  });
});

describe('inputs', () => {
  it('understands files, cameras and webcams', () => {
    expect(parseInput('a b.mp4')).toEqual({ kind: 'file', path: path.resolve('a b.mp4') });
    expect(parseInput('rtsp://u:p@h/x')).toEqual({ kind: 'rtsp', url: 'rtsp://u:p@h/x' });
    expect(parseInput('/dev/video12')).toEqual({ kind: 'webcam', device: '/dev/video12' });
  });

  it.each([
    'http://x/y', 'concat:a|b', 'file:/etc/passwd', 'data:video/mp4,x', 'rtsp://', 'a\0b', 'a\nb', '', 'lavfi:testsrc',
    'x'.repeat(3000),
  ])('refuses %j', (text) => {
    expect(failure(() => parseInput(text)).code).toBe('input-invalid');
  }); // prettier-ignore

  it('never shows user names and passwords', () => {
    expect(describeInput(parseInput('rtsp://user:p%40ss@host:554/ch?x=1'))).toBe('rtsp://***@host:554/ch?x=1');
    expect(redactUrl('rtsp://user:p@ss@host/x')).toBe('rtsp://***@host/x');
    expect(redactUrl('cannot open rtsp://a:b@c/d and http://e:f@g')).toBe(
      'cannot open rtsp://***@c/d and http://***@g',
    );
    expect(redactUrl('rtsp://host/a@b')).toBe('rtsp://host/a@b');
    expect(failure(() => parseInput('rtsp://user:secret@[bad/x')).message).not.toContain('secret');
  });
});
