import type { types } from 'mediasoup';
import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform';
import { AfterglowError } from '../../errors/afterglow-error.js';

/** A medium of an offer that is answered: where its m-line stands, and in which terms the viewer wants it. */
export interface OfferedMedium {
  readonly kind: 'video' | 'audio';
  readonly payloadType: number;
  /** The parameters to answer with. */
  readonly parameters: string;
  /** Feedback that the viewer sends, of that which is understood here. */
  readonly feedback: readonly string[];
  readonly reducedSize: boolean;
}

/** One m-line of an offer, in its place; medium is null for one that is declined. */
export interface OfferedSection {
  readonly type: string;
  readonly protocol: string;
  readonly formats: string;
  /** Its identification; null in offers that have none. */
  readonly mid: string | null;
  readonly medium: OfferedMedium | null;
}

/** What a viewer offers to receive, and how it makes itself known. */
export interface ViewerOffer {
  readonly sections: readonly OfferedSection[];
  readonly video: OfferedMedium;
  readonly audio: OfferedMedium | null;
  /** Whether the viewer begins the DTLS handshake, as all do that leave the choice. */
  readonly viewerCalls: boolean;
  readonly fingerprint: types.DtlsFingerprint;
}

const FEEDBACK = ['nack', 'nack pli', 'ccm fir'];
const HASHES = ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] as const;

/** What of H.264 the stream is, by RFC 6184: constrained baseline, for which decoders of these profiles are good. */
const DEFAULT_PROFILE = '42e01f';
const PROFILES: readonly RegExp[] = [/^42[4-7c-f]0[0-9a-f]{2}$/i, /^42[0-9a-f]{4}$/i, /^4d[0-9a-f]{4}$/i];

/** Reads a viewer's offer. Throws AfterglowError `viewer-refused` for one that cannot be answered. */
export function readOffer(sdp: string): ViewerOffer {
  const offer = parseOffer(sdp);
  const bundle = (offer.groups ?? []).find(({ type }) => type === 'BUNDLE');
  const bundled = new Set(bundle === undefined ? [] : text(bundle.mids).split(' '));
  const video = firstOf(offer.media, 'video', h264Of);
  if (!video) throw refusal('offer to receive H.264 video (packetization-mode 1)');
  if (video.section.rtcpMux === undefined) throw refusal('offer RTP and RTCP on one port (rtcp-mux)');
  // All media share the video's transport: sound that wants one of its own is declined.
  const shares = (section: MediaDescription): boolean =>
    bundled.has(text(section.mid ?? '')) && bundled.has(text(video.section.mid ?? ''));
  const audio = firstOf(offer.media, 'audio', (section) =>
    shares(section) && usable(section.payloads, video.medium.payloadType) ? opusOf(section) : null,
  );
  const chosen = new Map<MediaDescription, OfferedMedium>([[video.section, video.medium]]);
  if (audio) chosen.set(audio.section, audio.medium);
  const fingerprint = video.section.fingerprint ?? offer.fingerprint;
  const algorithm = HASHES.find((hash) => hash === fingerprint?.type.toLowerCase());
  if (!fingerprint || !algorithm || !/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(fingerprint.hash)) {
    throw refusal('offer DTLS with the fingerprint of a certificate');
  }
  return {
    sections: offer.media.map((section) => ({
      type: section.type,
      protocol: section.protocol,
      formats: text(section.payloads ?? '0'),
      mid: section.mid === undefined ? null : text(section.mid),
      medium: chosen.get(section) ?? null,
    })),
    video: video.medium,
    audio: audio?.medium ?? null,
    viewerCalls: (video.section.setup ?? offer.setup) !== 'passive',
    fingerprint: { algorithm, value: fingerprint.hash.toUpperCase() },
  };
}

function parseOffer(sdp: string): SessionDescription {
  try {
    const offer = parse(sdp);
    if (offer.media.length > 0) return offer;
  } catch (cause) {
    throw refusal('send an SDP offer', cause);
  }
  throw refusal('send an SDP offer');
}

function refusal(remedy: string, cause?: unknown): AfterglowError {
  return new AfterglowError('viewer-refused', 'the SDP offer cannot be answered', {
    remedy,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The first m-line of a kind that wants to receive and in which something suits. */
function firstOf(
  sections: readonly MediaDescription[],
  kind: 'video' | 'audio',
  choose: (section: MediaDescription) => OfferedMedium | null,
): { readonly section: MediaDescription; readonly medium: OfferedMedium } | null {
  for (const section of sections) {
    // Port 0 declines a medium, unless it only means that another one's port is shared.
    const present = section.port !== 0 || section.bundleOnly !== undefined;
    const receives = present && section.direction !== 'sendonly' && section.direction !== 'inactive';
    if (section.type !== kind || !receives || !/RTP\/SAVPF?$/.test(section.protocol)) continue;
    const medium = choose(section);
    if (medium) return { section, medium };
  }
  return null;
}

/** Whether a section's payload types leave that of the video alone, as those of one transport must. */
function usable(payloads: string | undefined, taken: number): boolean {
  return !text(payloads ?? '')
    .split(' ')
    .includes(text(taken));
}

function h264Of(section: MediaDescription): OfferedMedium | null {
  let best: { readonly rank: number; readonly payloadType: number; readonly profile: string } | null = null;
  for (const { payload, codec, rate } of section.rtp) {
    if (codec.toLowerCase() !== 'h264' || rate !== 90_000 || !isDynamic(payload)) continue;
    const config = section.fmtp.find((each) => each.payload === payload)?.config;
    const mode = /(?:^|[;\s])packetization-mode=(\d)/.exec(config ?? '')?.[1];
    // GStreamer's client names no parameters at all, and takes all modes; one that names others has mode 0 by default.
    if (config !== undefined && mode !== '1') continue;
    const profile = /(?:^|[;\s])profile-level-id=([0-9a-f]{6})/i.exec(config ?? '')?.[1] ?? DEFAULT_PROFILE;
    const rank = PROFILES.findIndex((pattern) => pattern.test(profile));
    if (rank >= 0 && (best === null || rank < best.rank)) best = { rank, payloadType: payload, profile };
  }
  if (!best) return null;
  const { payloadType, profile } = best;
  const parameters = `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`;
  return { kind: 'video', payloadType, parameters, ...feedbackOf(section, payloadType) };
}

function opusOf(section: MediaDescription): OfferedMedium | null {
  const opus = section.rtp.find(
    ({ payload, codec, rate }) => codec.toLowerCase() === 'opus' && rate === 48_000 && isDynamic(payload),
  );
  if (!opus) return null;
  const parameters = 'minptime=10;useinbandfec=1;sprop-stereo=1';
  return { kind: 'audio', payloadType: opus.payload, parameters, ...feedbackOf(section, opus.payload) };
}

function feedbackOf(section: MediaDescription, payloadType: number): Pick<OfferedMedium, 'feedback' | 'reducedSize'> {
  const offered = (section.rtcpFb ?? [])
    .filter(({ payload }) => text(payload) === text(payloadType) || payload === '*')
    .map(({ type, subtype }) => (subtype === undefined ? type : `${type} ${subtype}`));
  return {
    feedback: FEEDBACK.filter((each) => offered.includes(each)),
    reducedSize: section.rtcpRsize !== undefined,
  };
}

/** The parser makes numbers of what looks like one, whatever its types say. */
function text(value: string | number): string {
  return String(value);
}

/** Payload types that are free to be given a meaning and cannot be taken for RTCP (RFC 5761). */
function isDynamic(payloadType: number): boolean {
  return (payloadType >= 96 && payloadType <= 127) || (payloadType >= 35 && payloadType <= 63);
}
