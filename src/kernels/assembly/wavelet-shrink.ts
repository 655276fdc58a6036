// An à-trous wavelet decomposition with the B3 spline (Starck and Murtagh, Astronomical Image and Data Analysis, 2002)
// and an empirical Wiener filter of its bands: a band's coefficient is kept by the share of its surroundings' energy that
// is not noise. Planes are f32 [height, width].

/**
 * One level: src blurred with the taps 1 4 6 4 1 (by 16) at a distance of `step`, both ways. Pixels outside the plane
 * count as the nearest ones inside. dst: not src. scratch: (width + 4 step + 4) floats.
 */
export function blurSpline(src: usize, dst: usize, scratch: usize, width: i32, height: i32, step: i32): void {
  const side = <usize>(2 * step) << 2;
  const pitch = <usize>width << 2;
  const four = f32x4.splat(4);
  const six = f32x4.splat(6);
  const share = f32x4.splat(1.0 / 256);
  const near = <usize>step << 2;
  for (let y = 0; y < height; y++) {
    const a = src + <usize>max(y - 2 * step, 0) * pitch;
    const b = src + <usize>max(y - step, 0) * pitch;
    const c = src + <usize>y * pitch;
    const d = src + <usize>min(y + step, height - 1) * pitch;
    const e = src + <usize>min(y + 2 * step, height - 1) * pitch;
    const row = scratch + side;
    let x: usize = 0;
    for (; x + 16 <= pitch; x += 16) {
      const far = f32x4.add(v128.load(a + x), v128.load(e + x));
      const beside = f32x4.mul(four, f32x4.add(v128.load(b + x), v128.load(d + x)));
      v128.store(row + x, f32x4.add(f32x4.add(far, beside), f32x4.mul(six, v128.load(c + x))));
    }
    for (; x < pitch; x += 4) {
      const far = load<f32>(a + x) + load<f32>(e + x);
      store<f32>(row + x, far + 4 * (load<f32>(b + x) + load<f32>(d + x)) + 6 * load<f32>(c + x));
    }
    const first = load<f32>(row);
    const last = load<f32>(row + pitch - 4);
    for (let i: usize = 0; i < side; i += 4) {
      store<f32>(scratch + i, first);
      store<f32>(row + pitch + i, last);
    }
    const to = dst + <usize>y * pitch;
    for (x = 0; x + 16 <= pitch; x += 16) {
      const far = f32x4.add(v128.load(row + x - side), v128.load(row + x + side));
      const beside = f32x4.mul(four, f32x4.add(v128.load(row + x - near), v128.load(row + x + near)));
      const sum = f32x4.add(f32x4.add(far, beside), f32x4.mul(six, v128.load(row + x)));
      v128.store(to + x, f32x4.mul(sum, share));
    }
    for (; x < pitch; x += 4) {
      const far = load<f32>(row + x - side) + load<f32>(row + x + side);
      const sum = far + 4 * (load<f32>(row + x - near) + load<f32>(row + x + near)) + 6 * load<f32>(row + x);
      store<f32>(to + x, sum * (1.0 / 256));
    }
  }
}

/** Squares of a band, the difference of two levels: dst = (fine - coarse)^2. count: floats, a multiple of 4. */
export function bandEnergy(fine: usize, coarse: usize, dst: usize, count: i32): void {
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 16) {
    const band = f32x4.sub(v128.load(fine + i), v128.load(coarse + i));
    v128.store(dst + i, f32x4.mul(band, band));
  }
}

/**
 * Adds what is picture of a band to `sum`: the band times (energy - noise) / energy, or nothing where that is negative.
 * energy: mean square of the band around each pixel; noise: energy that noise alone would leave. count: floats, a
 * multiple of 4.
 */
export function addBand(fine: usize, coarse: usize, energy: usize, sum: usize, count: i32, noise: f32): void {
  const floor = f32x4.splat(noise);
  const tiny = f32x4.splat(1e-9);
  const nothing = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 16) {
    const band = f32x4.sub(v128.load(fine + i), v128.load(coarse + i));
    const around = v128.load(energy + i);
    const kept = f32x4.div(f32x4.pmax(nothing, f32x4.sub(around, floor)), f32x4.add(around, tiny));
    v128.store(sum + i, f32x4.add(v128.load(sum + i), f32x4.mul(band, kept)));
  }
}

/** dst = a + b; dst may be one of them. count: floats, a multiple of 4. */
export function addPlanes(a: usize, b: usize, dst: usize, count: i32): void {
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 16) {
    v128.store(dst + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  }
}

/**
 * Counts the sizes of a band's coefficients, |fine - coarse|. bins: u32 [binCount], added to; a bin is 1 / perLevel wide, and the last
 * one has all that is beyond. count: floats.
 */
export function countBand(fine: usize, coarse: usize, count: i32, perLevel: f32, bins: usize, binCount: i32): void {
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 4) {
    const size = abs<f32>(load<f32>(fine + i) - load<f32>(coarse + i)) * perLevel;
    const at = bins + (<usize>(<i32>min<f32>(size, <f32>(binCount - 1))) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
