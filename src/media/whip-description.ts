import { AfterglowError } from '../errors/afterglow-error.js';

/** One track of a publisher as it is handed on: RTP on a port of loopback, RTCP on the next. */
export interface WhipTrack {
  readonly kind: 'video' | 'audio';
  /** An even number. */
  readonly port: number;
  readonly payloadType: number;
  /** As in SDP: `H264`, `VP8`, `opus`. */
  readonly codec: string;
  readonly clockRate: number;
  readonly channels: number | null;
  /** Format parameters as in SDP, or an empty text. */
  readonly parameters: string;
}

/** Name of the description in a stream's own folder; there is one as long as there is a publisher. */
export const WHIP_DESCRIPTION = 'whip.sdp';

/** What may stand in a description: it comes from a publisher's offer in part. */
const PLAIN = /^[\w.;=,+/ -]*$/;

/** The description from which FFmpeg learns what comes to which port. */
export function whipDescription(tracks: readonly WhipTrack[]): string {
  const lines = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=WHIP', 'c=IN IP4 127.0.0.1', 't=0 0'];
  for (const { kind, port, payloadType, codec, clockRate, channels, parameters } of tracks) {
    if (!PLAIN.test(codec) || !PLAIN.test(parameters)) continue;
    lines.push(`m=${kind} ${port} RTP/AVP ${payloadType}`);
    lines.push(`a=rtpmap:${payloadType} ${codec}/${clockRate}${channels === null ? '' : `/${channels}`}`);
    if (parameters !== '') lines.push(`a=fmtp:${payloadType} ${parameters}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Why there is no picture while nobody publishes. streamId: the stream's id. */
export function noPublisher(streamId: string): AfterglowError {
  return new AfterglowError('input-unreachable', 'waiting for a publisher', {
    remedy: `publish by WHIP to /api/streams/${streamId}/whip`,
    retryable: true,
  });
}
