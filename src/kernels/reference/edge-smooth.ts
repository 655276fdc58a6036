/** One pass of the edge-preserving smoothing of a plane without padding; the plain form of smoothPlane. */
export function smoothPlane(
  src: Int16Array,
  width: number,
  height: number,
  step: number,
  threshold: number,
): Int16Array {
  return src.map((centre, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (const dy of [-step, 0, step]) {
      for (const dx of [-step, 0, step]) {
        const column = Math.min(Math.max(x + dx, 0), width - 1);
        const row = Math.min(Math.max(y + dy, 0), height - 1);
        const difference = (src[row * width + column] ?? 0) - centre;
        const size = Math.abs(difference);
        sum += Math.sign(difference) * Math.min(size, Math.max(2 * threshold - size, 0));
      }
    }
    return centre + ((sum * 3641 + 0x4000) >> 15);
  });
}
