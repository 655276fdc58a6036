import type { Player } from './playback/player.js';
import type { CameraTile } from './wall/camera-tile.js';

/** A tile of the wall. */
export interface TileProbe {
  readonly stream: string;
  readonly kind: string;
  /** How its picture comes; null while it is not played. */
  readonly transport: 'webrtc' | 'hls' | null;
  readonly fps: number | null;
  readonly latencyMs: number | null;
}

/** What tests may read of the page, as `window.afterglow`. All of it is read at the moment it is asked for. */
export interface PageProbe {
  /** Which view is shown: `opening` before it is known which cameras there are. */
  readonly view: 'opening' | 'wall' | 'stream' | 'films';
  readonly tiles: readonly TileProbe[];
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
  readonly view: () => PageProbe['view'];
  readonly tiles: () => readonly CameraTile[];
  readonly player: () => Player | null;
  readonly comparison: () => Player | null;
  readonly isComparing: () => boolean;
  readonly isLost: () => boolean;
}

/** Puts the probe on the window. */
export function installProbe({ view, tiles, player, comparison, isComparing, isLost }: ProbeSources): void {
  const shown = (): Player | null => (isComparing() ? comparison() : player());
  const probe: PageProbe = Object.freeze({
    get view() {
      return view();
    },
    get tiles() {
      return tiles().map(({ status, condition, playback }) => ({
        stream: status.id,
        kind: condition.kind,
        transport: playback.player?.transport ?? null,
        fps: playback.player?.rate ?? null,
        latencyMs: playback.player?.latencyMs ?? null,
      }));
    },
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
