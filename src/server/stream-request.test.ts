import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { streamSchema, type StreamConfig } from '../config/stream-schema.js';
import { addedStream, changedStream } from './stream-request.js';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'afterglow-inputs-')));
const clips = path.join(root, 'clips');
mkdirSync(clips);
writeFileSync(path.join(root, 'secret.mp4'), 'x');
writeFileSync(path.join(clips, 'street.mp4'), 'x');
symlinkSync(path.join(root, 'secret.mp4'), path.join(clips, 'link.mp4'));
afterAll(() => rmSync(root, { recursive: true }));

const camera = { id: 'gate', input: 'rtsp://10.0.0.7/ch1' };
const current: StreamConfig = streamSchema.parse({
  ...camera,
  name: 'Gate',
  strength: 0.5,
  recording: { original: true, keepDays: 3 },
});

describe('addedStream', () => {
  it('takes a camera and fills in what is left out', () => {
    expect(addedStream(camera, [])).toEqual(streamSchema.parse(camera));
  });

  it('takes a file of a folder that is named, by its real path', () => {
    const file = path.join(clips, '..', 'clips', 'street.mp4');
    expect(addedStream({ id: 'a', input: file }, [clips]).input).toBe(path.join(clips, 'street.mp4'));
  });

  it.each([
    ['a file where no folder is named', path.join(clips, 'street.mp4'), []],
    ['a file outside', path.join(root, 'secret.mp4'), [clips]],
    ['a way out', path.join(clips, '..', 'secret.mp4'), [clips]],
    ['a link out', path.join(clips, 'link.mp4'), [clips]],
    ['a file that is not there', path.join(clips, 'none.mp4'), [clips]],
    ['a folder', clips, [clips]],
    ['a folder of a like name', `${clips}-2/street.mp4`, [clips]],
    ['a folder that is not there', path.join(clips, 'street.mp4'), ['/nowhere']],
  ])('refuses %s, and all of them alike', (_name, input, folders) => {
    expect(() => addedStream({ id: 'a', input }, folders)).toThrow(
      'input: this file is in none of the folders that server.inputFolders names',
    );
  });

  it.each([
    [null, /must be a JSON object/],
    [[], /must be a JSON object/],
    ['text', /must be a JSON object/],
    [{ input: camera.input }, /^id: /],
    [{ ...camera, id: '../etc' }, /^id: must be lower-case/],
    [{ ...camera, input: 'http://10.0.0.1/' }, /inputs of kind "http:" are not supported/],
    [{ ...camera, input: 'file:/etc/passwd' }, /inputs of kind "file:" are not supported/],
    [{ ...camera, input: 'concat:/etc/passwd' }, /not supported/],
    [{ ...camera, input: 7 }, /^input: /],
    [{ ...camera, strenth: 1 }, /strenth/],
    [{ ...camera, strength: 2 }, /^strength: /],
    [{ ...camera, pipeline: '/etc/recipe.yaml' }, /^pipeline: there is none/],
    [{ ...camera, pipeline: '../pipelines/night-cctv' }, /^pipeline: there is none/],
    [{ ...camera, pipeline: ['night-cctv'] }, /^pipeline: there is none/],
    [{ ...camera, credentials: { env: 'AFTERGLOW_TOKEN' } }, /^credentials: /],
    [{ ...camera, credentials: { file: '/etc/shadow' } }, /^credentials: /],
    [{ ...camera, gate: { mode: 'dark', below: 0.9, above: 0.1 } }, /^gate\.above: must be greater/],
  ])('says what is wrong with %j', (body, message) => {
    expect(() => addedStream(body, [])).toThrow(message);
  });

  it('repeats no password', () => {
    const input = 'rtsp://user:hush@';
    expect(() => addedStream({ id: 'a', input }, [])).toThrow(/names no host|not a valid/);
    expect(() => addedStream({ id: 'a', input }, [])).not.toThrow(/hush/);
  });
});

describe('changedStream', () => {
  it('leaves what is not named, in parts of a field too', () => {
    expect(changedStream(current, { strength: 1 }, [])).toEqual({ ...current, strength: 1 });
    expect(changedStream(current, { recording: { enhanced: true } }, []).recording).toEqual({
      ...current.recording,
      enhanced: true,
    });
  });

  it('takes a field away by null', () => {
    expect(changedStream(current, { name: null }, []).name).toBeUndefined();
  });

  it('lets nobody hide a part of the picture and record the original that shows it', () => {
    const hidden = { private: [[[0, 0], [1, 0], [1, 1]]] }; // prettier-ignore
    expect(() => changedStream(current, { regions: hidden }, [])).toThrow(/^recording\.original: must be false/);
    const enhanced = { original: false, enhanced: true };
    expect(changedStream(current, { regions: hidden, recording: enhanced }, []).regions.private).toHaveLength(1);
  });

  it('keeps the id', () => {
    expect(() => changedStream(current, { id: 'other' }, [])).toThrow(/^id: a stream keeps its id/);
    expect(changedStream(current, { id: 'gate' }, [])).toEqual(current);
  });

  it('sends the credentials of the configuration to no other host', () => {
    const guarded: StreamConfig = { ...current, credentials: { env: 'GATE' } };
    expect(changedStream(guarded, { input: 'rtsp://10.0.0.7/ch2' }, []).credentials).toEqual({ env: 'GATE' });
    expect(() => changedStream(guarded, { input: 'rtsp://evil.example/ch1' }, [])).toThrow(/^input: the credentials/);
    const freed = changedStream(guarded, { input: 'rtsp://other.example/ch1', credentials: null }, []);
    expect(freed.credentials).toBeUndefined();
  });

  it('asks nothing anew of what it does not touch', () => {
    const local: StreamConfig = { ...current, input: '/films/a.mp4', pipeline: '/recipes/own.yaml' };
    expect(changedStream(local, { strength: 0 }, [])).toEqual({ ...local, strength: 0 });
  });
});
