// Colours that follow what they belong to: each chroma pixel takes a share of its colour from where it was on the picture
// before, as far as luma says that it was there.

/**
 * Blends both chroma planes with those of the picture before, along the motion.
 *
 * u, v: u8 [height, stride], blended in place. oldU, oldV: u16 [height, width], level * 256, of the picture before.
 * newU, newV: the same of this picture, written; not the old ones. luma: u8 [2 height, lumaStride] of this picture;
 * moved: u8 [., movedStride], the luma before brought to where its parts are now. vectors: i16 [., columns, 2], motion of
 * blocks of 8x8 luma pixels to the picture before, in half pixels. share: 0..256, of 256, where luma agrees; it falls to
 * nothing where luma differs by `tolerance` levels on average over the pixel's four.
 */
export function trailColour(
  u: usize,
  v: usize,
  stride: i32,
  width: i32,
  height: i32,
  oldU: usize,
  oldV: usize,
  newU: usize,
  newV: usize,
  luma: usize,
  lumaStride: i32,
  moved: usize,
  movedStride: i32,
  vectors: usize,
  columns: i32,
  share: i32,
  tolerance: i32,
): void {
  const limit = 4 * tolerance;
  for (let y = 0; y < height; y++) {
    const upper = luma + <usize>(2 * y) * lumaStride;
    const lower = upper + lumaStride;
    const movedUpper = moved + <usize>(2 * y) * movedStride;
    const movedLower = movedUpper + movedStride;
    const row = <usize>y * stride;
    const blocks = vectors + (<usize>((y >> 2) * columns) << 2);
    for (let x = 0; x < width; x++) {
      const block = blocks + (<usize>(x >> 2) << 2);
      const px = x + ((<i32>load<i16>(block) + 2) >> 2);
      const py = y + ((<i32>load<i16>(block, 2) + 2) >> 2);
      const at = <usize>(y * width + x) << 1;
      const nowU = <i32>load<u8>(u + row + x) << 8;
      const nowV = <i32>load<u8>(v + row + x) << 8;
      let weight = 0;
      let from: usize = 0;
      if (px >= 0 && py >= 0 && px < width && py < height) {
        const i = <usize>(2 * x);
        const difference =
          abs(<i32>load<u8>(upper + i) - <i32>load<u8>(movedUpper + i)) +
          abs(<i32>load<u8>(upper + i, 1) - <i32>load<u8>(movedUpper + i, 1)) +
          abs(<i32>load<u8>(lower + i) - <i32>load<u8>(movedLower + i)) +
          abs(<i32>load<u8>(lower + i, 1) - <i32>load<u8>(movedLower + i, 1));
        weight = (share * max(0, limit - difference)) / limit;
        from = <usize>(py * width + px) << 1;
      }
      const mixedU = nowU + (((<i32>load<u16>(oldU + from) - nowU) * weight) >> 8);
      const mixedV = nowV + (((<i32>load<u16>(oldV + from) - nowV) * weight) >> 8);
      store<u16>(newU + at, <u16>mixedU);
      store<u16>(newV + at, <u16>mixedV);
      store<u8>(u + row + x, <u8>min(255, (mixedU + 128) >> 8));
      store<u8>(v + row + x, <u8>min(255, (mixedV + 128) >> 8));
    }
  }
}
