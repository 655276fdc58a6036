import type { GlowPanel, Lamp } from './light.js';
import { MeshBuilder } from './mesh.js';
import { Random } from './random.js';
import { Palette } from './surface.js';

/** What the builders of houses, trees and cars add to. */
export interface Stage {
  readonly palette: Palette;
  readonly mesh: MeshBuilder;
  readonly lamps: Lamp[];
  readonly panels: GlowPanel[];
  readonly random: Random;
}

/** A stage with nothing on it. */
export function emptyStage(seed: number): Stage {
  return { palette: new Palette(), mesh: new MeshBuilder(), lamps: [], panels: [], random: new Random(seed) };
}
