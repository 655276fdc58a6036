import { PLAYLIST } from '../media/hls-muxer.js';
import { halfSize } from '../stream/extra-pictures.js';
import { bitrateOf } from '../stream/rendition-bitrate.js';
import type { StreamHandle } from '../supervisor/stream-handle.js';

/** Sound and the container's own bytes, in bits a second and as a share of the picture's. */
const SOUND_BITS = 128_000;
const OVERHEAD = 1.1;

/** The multivariant playlist of a stream (RFC 8216, 4.3.4.2): full and half size; the full one alone before it is live. */
export function masterPlaylist({ state, config }: Pick<StreamHandle, 'state' | 'config'>): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-INDEPENDENT-SEGMENTS'];
  if (state.kind === 'live') {
    const { format, frameRate, sound } = state.source;
    for (const [rendition, { width, height }] of [
      ['enhanced', format],
      ['small', halfSize(format)],
    ] as const) {
      const picture = bitrateOf(rendition, config.encoder, { width, height }, frameRate);
      const bandwidth = Math.round(picture * OVERHEAD + (sound ? SOUND_BITS : 0));
      lines.push(
        `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${width}x${height},FRAME-RATE=${frameRate.toFixed(3)}`,
        rendition === 'enhanced' ? PLAYLIST : `${rendition}/${PLAYLIST}`,
      );
    }
  } else {
    lines.push('#EXT-X-STREAM-INF:BANDWIDTH=4000000', PLAYLIST);
  }
  return `${lines.join('\n')}\n`;
}
