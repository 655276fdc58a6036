import type { PublishedStatus } from '../../../src/server/published-stream.js';
import type { Player } from '../playback/player.js';

declare const __VERSION__: string;

/** Fields of WebRTC's statistics that say where somebody is, or are secrets of the connection. */
const PRIVATE = new Set(['address', 'ip', 'relatedAddress', 'relatedPort', 'port', 'usernameFragment', 'url', 'iceLocalUsernameFragment', 'fingerprint', 'base64Certificate', 'dtlsRole']); // prettier-ignore

/** What helps whoever looks into a fault, as JSON. The status has been redacted by the server. */
export async function supportBundle(status: PublishedStatus | null, player: Player | null): Promise<string> {
  const { userAgent, language, hardwareConcurrency } = navigator;
  const bundle = {
    product: 'Afterglow',
    version: __VERSION__,
    time: new Date().toISOString(),
    browser: {
      userAgent,
      language,
      cores: hardwareConcurrency,
      window: [innerWidth, innerHeight],
      pixelRatio: devicePixelRatio,
      isSecure: isSecureContext,
    },
    playback: player && {
      transport: player.transport,
      failure: player.reason?.failure ?? null,
      message: player.reason?.message ?? null,
      fps: player.rate,
      latencyMs: player.latencyMs,
      firstFrameMs: player.firstFrameMs,
      size: player.video ? [player.video.videoWidth, player.video.videoHeight] : null,
    },
    stream: status,
    webrtc: player ? (await player.stats()).map(withoutPrivate) : [],
  };
  return JSON.stringify(bundle, null, 2);
}

function withoutPrivate(report: object): object {
  return Object.fromEntries(Object.entries(report).filter(([name]) => !PRIVATE.has(name)));
}
