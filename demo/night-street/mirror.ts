import { clamp } from './vector.js';

/**
 * The mirror-like part of the light a surface sends on (GGX lobe, Schlick Fresnel), as a factor of the irradiance on a
 * plane facing the light. Takes the lobe's roughness, the reflectance straight on, the unit normal, and the unit
 * directions to the viewer and to the light.
 */
export function mirrorFactor(
  roughness: number,
  reflectance: number,
  nx: number,
  ny: number,
  nz: number,
  vx: number,
  vy: number,
  vz: number,
  lx: number,
  ly: number,
  lz: number,
): number {
  const nl = nx * lx + ny * ly + nz * lz;
  const nv = nx * vx + ny * vy + nz * vz;
  if (nl <= 0 || nv <= 0) return 0;
  let hx = vx + lx;
  let hy = vy + ly;
  let hz = vz + lz;
  const inverse = 1 / Math.sqrt(hx * hx + hy * hy + hz * hz + 1e-12);
  hx *= inverse;
  hy *= inverse;
  hz *= inverse;
  const nh = nx * hx + ny * hy + nz * hz;
  const vh = vx * hx + vy * hy + vz * hz;
  const alpha = Math.max(0.004, roughness * roughness);
  const square = alpha * alpha;
  const lobe = nh * nh * (square - 1) + 1;
  const spread = square / (Math.PI * lobe * lobe);
  return (spread * shadowing(alpha, nl, nv) * fresnel(reflectance, vh)) / (4 * nv);
}

/** The fraction reflected at an angle whose cosine is given. */
export function fresnel(reflectance: number, cosine: number): number {
  const away = 1 - clamp(cosine, 0, 1);
  const square = away * away;
  return reflectance + (1 - reflectance) * square * square * away;
}

/** The fraction of a rough mirror's facets that neither the light nor the viewer loses behind others. */
export function shadowing(alpha: number, nl: number, nv: number): number {
  const k = alpha / 2;
  return (nl / (nl * (1 - k) + k)) * (nv / (nv * (1 - k) + k));
}
