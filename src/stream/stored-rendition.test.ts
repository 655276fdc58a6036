import { describe, expect, it } from 'vitest';
import { planeLayout } from '../frames/picture-format.js';
import type { StoredPicture } from '../media/last-picture.js';
import { storedRendition } from './stored-rendition.js';

const [WIDTH, HEIGHT] = [22, 10];
const layout = planeLayout(WIDTH, HEIGHT);
const picture: StoredPicture = {
  format: { width: WIDTH, height: HEIGHT, matrix: 'bt709', range: 'limited' },
  bytes: Uint8Array.from({ length: layout.bytes }, (_, i) => (i < layout.lumaBytes ? 4 * (i % WIDTH) : 90)),
};

describe('a stored picture', () => {
  it('is itself for the enhanced rendition', () => {
    expect(storedRendition(picture, 'enhanced')).toBe(picture);
  });

  it('is halved, without a rest that does not come out even', () => {
    const { format, bytes } = storedRendition(picture, 'small');
    expect(format).toEqual({ ...picture.format, width: 10, height: 4 });
    expect(bytes).toHaveLength(planeLayout(10, 4).bytes);
    expect([...bytes.subarray(0, 10)]).toEqual([2, 10, 18, 26, 34, 42, 50, 58, 66, 74]);
    expect([...bytes.subarray(40)]).toEqual(Array.from({ length: 20 }, () => 90));
  });

  it('stands twice beside itself', () => {
    const { format, bytes } = storedRendition(picture, 'compare');
    expect(format).toEqual({ ...picture.format, width: 44 });
    const row = [...picture.bytes.subarray(0, WIDTH)];
    expect([...bytes.subarray(0, 44)]).toEqual([...row, ...row]);
    expect(bytes).toHaveLength(2 * layout.bytes);
  });
});
