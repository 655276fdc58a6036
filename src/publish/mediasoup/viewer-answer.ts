import type { OfferedMedium, OfferedSection, ViewerOffer } from './viewer-offer.js';

/** Where media can be had, and how this end makes itself known. */
export interface AnswerTransport {
  readonly user: string;
  readonly password: string;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  /** Lines without "a=". */
  readonly candidates: readonly string[];
}

/** A track that is sent. */
export interface AnswerTrack {
  readonly ssrc: number;
  /** The same for tracks that belong together in time. */
  readonly cname: string;
}

/** Writes the SDP answer: ICE-lite, one transport for all (BUNDLE), what is not answered has port 0. */
export function writeAnswer(
  offer: ViewerOffer,
  transport: AnswerTransport,
  tracks: { readonly video: AnswerTrack; readonly audio: AnswerTrack | null },
): string {
  const bundled = offer.sections.flatMap(({ mid, medium }) => (medium && mid !== null ? [mid] : []));
  const lines = [
    'v=0',
    `o=- ${tracks.video.ssrc} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(bundled.length > 0 ? [`a=group:BUNDLE ${bundled.join(' ')}`] : []),
    'a=ice-lite',
    'a=msid-semantic: WMS *',
  ];
  for (const section of offer.sections) {
    const track = section.medium && tracks[section.medium.kind];
    if (section.medium && track) lines.push(...answered(section, section.medium, transport, offer.viewerCalls, track));
    else lines.push(...declined(section));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function declined({ type, protocol, formats, mid }: OfferedSection): string[] {
  return [
    `m=${type} 0 ${protocol} ${formats}`,
    'c=IN IP4 0.0.0.0',
    ...(mid === null ? [] : [`a=mid:${mid}`]),
    'a=inactive',
  ];
}

function answered(
  { type, protocol, mid }: OfferedSection,
  { kind, payloadType, parameters, feedback, reducedSize }: OfferedMedium,
  { user, password, fingerprint, candidates }: AnswerTransport,
  viewerCalls: boolean,
  { ssrc, cname }: AnswerTrack,
): string[] {
  return [
    `m=${type} 9 ${protocol} ${payloadType}`,
    'c=IN IP4 0.0.0.0',
    ...(mid === null ? [] : [`a=mid:${mid}`]),
    'a=sendonly',
    `a=ice-ufrag:${user}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    `a=setup:${viewerCalls ? 'passive' : 'active'}`,
    'a=rtcp-mux',
    ...(reducedSize ? ['a=rtcp-rsize'] : []),
    `a=rtpmap:${payloadType} ${kind === 'video' ? 'H264/90000' : 'opus/48000/2'}`,
    `a=fmtp:${payloadType} ${parameters}`,
    ...feedback.map((each) => `a=rtcp-fb:${payloadType} ${each}`),
    `a=msid:${cname} ${kind}`,
    `a=ssrc:${ssrc} cname:${cname}`,
    ...candidates.map((candidate) => `a=${candidate}`),
    'a=end-of-candidates',
  ];
}
