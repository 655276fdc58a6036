/** Random numbers from a seed (mulberry32), so that a failure can be repeated. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Peak signal-to-noise ratio of two byte arrays of one length, in dB; Infinity when they are alike. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / squares);
}

/** Mean of bytes. */
export function mean(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum / bytes.length;
}

/** Draws a smooth, coloured scene with edges over the whole range of levels, shifted by `phase` pixels. */
export function drawScene(
  picture: Uint8Array,
  width: number,
  height: number,
  phase: number,
  low = 16,
  high = 235,
): void {
  const middle = (low + high) / 2;
  const swing = (high - low) / 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave =
        Math.sin((x + phase) * 0.11) * Math.cos(y * 0.07) + ((((x + phase) >> 5) + (y >> 5)) & 1 ? 0.2 : -0.2);
      picture[y * width + x] = Math.round(Math.min(high, Math.max(low, middle + swing * wave * 0.9)));
    }
  }
  const [chromaWidth, chromaHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const luma = width * height;
  for (let y = 0; y < chromaHeight; y++) {
    for (let x = 0; x < chromaWidth; x++) {
      picture[luma + y * chromaWidth + x] = Math.round(128 + 60 * Math.sin((x + phase / 2) * 0.05));
      picture[luma + chromaWidth * chromaHeight + y * chromaWidth + x] = Math.round(128 + 60 * Math.cos(y * 0.06));
    }
  }
}
