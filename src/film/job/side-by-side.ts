import type { FilmFormat } from '../../media/film-format.js';

/** Format of two pictures beside each other. */
export function sideBySideFormat(format: FilmFormat): FilmFormat {
  return { ...format, width: format.width * 2 };
}

/** Lays two pictures of a format beside each other. All are planes without padding; into: twice as many bytes. */
export function sideBySide(left: Uint8Array, right: Uint8Array, format: FilmFormat, into: Uint8Array): void {
  const bytes = format.depth === 8 ? 1 : 2;
  let [from, to] = [0, 0];
  for (let plane = 0; plane < 3; plane++) {
    const row = (plane === 0 ? format.width : format.width / 2) * bytes;
    const rows = plane === 0 ? format.height : format.height / 2;
    for (let y = 0; y < rows; y++) {
      into.set(left.subarray(from, from + row), to);
      into.set(right.subarray(from, from + row), to + row);
      from += row;
      to += 2 * row;
    }
  }
}
