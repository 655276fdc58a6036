import type { Player } from './player.js';

/** What tests may read of the page, as `window.afterglow`. All of it is read at the moment it is asked for. */
export interface PageProbe {
  /** How the picture comes: `connecting` before the first one, `lost` while the server is gone. */
  readonly transport: 'connecting' | 'webrtc' | 'hls' | 'lost';
  /** Whether the comparison is on the screen. */
  readonly comparing: boolean;
  /** Pictures a second really shown, of the comparison while there is one; null while unknown. */
  readonly fps: number | null;
  /** Milliseconds from a picture's arrival at the server to the screen; null while unknown. */
  readonly latencyMs: number | null;
  /** Milliseconds from joining, which is the making of the offer, to the first picture of the present playback. */
  readonly firstFrameMs: number | null;
  /** The same for the comparison. */
  readonly compareFirstFrameMs: number | null;
}

declare global {
  interface Window {
    readonly afterglow: PageProbe;
  }
}

/** What the probe reads from. */
export interface ProbeSources {
  readonly player: () => Player | null;
  readonly comparison: () => Player | null;
  readonly isComparing: () => boolean;
  readonly isLost: () => boolean;
}

/** Puts the probe on the window. */
export function installProbe({ player, comparison, isComparing, isLost }: ProbeSources): void {
  const shown = (): Player | null => (isComparing() ? comparison() : player());
  const probe: PageProbe = Object.freeze({
    get transport() {
      return isLost() ? 'lost' : (player()?.transport ?? 'connecting');
    },
    get comparing() {
      return isComparing();
    },
    get fps() {
      return shown()?.rate ?? null;
    },
    get latencyMs() {
      return shown()?.latencyMs ?? null;
    },
    get firstFrameMs() {
      return player()?.firstFrameMs ?? null;
    },
    get compareFirstFrameMs() {
      return comparison()?.firstFrameMs ?? null;
    },
  });
  Object.defineProperty(window, 'afterglow', { value: probe });
}
