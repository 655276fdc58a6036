/** Box bounds of the downsampling kernels: output i of n averages inputs [start, end). */
function box(i: number, n: number, length: number): [start: number, end: number] {
  const start = Math.floor((i * length) / n);
  return [start, Math.max(start + 1, Math.floor(((i + 1) * length) / n))];
}

/** Area average of a plane [height, stride] to [dstHeight, dstWidth]; the plain form of downsamplePlane and downsampleFloat. */
export function downsample(
  src: ArrayLike<number>,
  stride: number,
  width: number,
  height: number,
  dstWidth: number,
  dstHeight: number,
): Float32Array {
  const dst = new Float32Array(dstWidth * dstHeight);
  for (let i = 0; i < dstHeight; i++) {
    const [top, bottom] = box(i, dstHeight, height);
    for (let j = 0; j < dstWidth; j++) {
      const [left, right] = box(j, dstWidth, width);
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += src[y * stride + x] ?? 0;
      dst[i * dstWidth + j] = sum / ((bottom - top) * (right - left));
    }
  }
  return dst;
}
