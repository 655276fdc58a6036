import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inputWithCredentials } from './camera-credentials.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

const camera = { id: 'gate', input: 'rtsp://10.0.0.7:554/ch1?x=a@b' };

describe('inputWithCredentials', () => {
  it('leaves an input without credentials as it is', () => {
    expect(inputWithCredentials(camera, {})).toBe(camera.input);
  });

  it('writes them into the address so that any character passes', () => {
    const address = inputWithCredentials({ ...camera, credentials: { env: 'GATE' } }, { GATE: 'ad min:p@ss/w:ö#?' });
    expect(address).toBe('rtsp://ad%20min:p%40ss%2Fw%3A%C3%B6%23%3F@10.0.0.7:554/ch1?x=a@b');
    expect(decodeURIComponent(new URL(address).password)).toBe('p@ss/w:ö#?');
  });

  it('puts them in the place of those that stand in the address', () => {
    const input = 'rtsps://old:p@rt@10.0.0.7/ch1';
    expect(inputWithCredentials({ id: 'a', input, credentials: { env: 'X' } }, { X: 'u:$&$1' })).toBe(
      'rtsps://u:%24%26%241@10.0.0.7/ch1',
    );
  });

  it('reads a file anew each time, its first line alone', () => {
    const file = path.join(folder, 'secret');
    const stream = { ...camera, credentials: { file } };
    writeFileSync(file, 'u:one\nsecond line\n');
    expect(inputWithCredentials(stream)).toContain('u:one@');
    writeFileSync(file, 'u:two\r\n');
    expect(inputWithCredentials(stream)).toContain('u:two@');
  });

  it.each([
    [{ env: 'NOT_SET' }, /stream gate needs credentials, but the environment variable NOT_SET is not set/],
    [{ env: 'EMPTY' }, /EMPTY is empty/],
    [{ env: 'NO_COLON' }, /NO_COLON holds does not look like user:password/],
    [{ env: 'CONTROL' }, /does not look like user:password/],
    [{ file: path.join(folder, 'nowhere') }, /the file .*nowhere does not exist/],
    [{ file: folder }, /cannot be read/],
  ])('names what is missing and not what is there: %j', (credentials, message) => {
    const ask = (): string =>
      inputWithCredentials({ ...camera, credentials }, { EMPTY: '', NO_COLON: 'hush', CONTROL: 'hush:\u0001' });
    expect(ask).toThrow(message);
    expect(ask).not.toThrow(/hush/);
    try {
      ask();
    } catch (error) {
      expect(error).toMatchObject({ code: 'credentials-missing', retryable: true, remedy: expect.stringMatching(/./) as string }); // prettier-ignore
    }
  });

  it('refuses them for what is no RTSP camera', () => {
    expect(() => inputWithCredentials({ id: 'a', input: 'film.mp4', credentials: { env: 'X' } }, { X: 'u:p' })).toThrow(
      /no RTSP address/,
    );
  });
});
