import { RTCPeerConnection, RTCRtpCodecParameters, type RTCDtlsTransport } from 'werift';
import type { WebRtcConfig } from '../config/schema.js';

const FEEDBACK = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }];

/** H.264 constrained baseline in whole NAL units and fragments, as every browser has it. */
export const H264 = new RTCRtpCodecParameters({
  mimeType: 'video/H264',
  clockRate: 90000,
  payloadType: 96,
  parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  rtcpFeedback: FEEDBACK,
});
/** VP8, which browsers like best to send. */
export const VP8 = new RTCRtpCodecParameters({
  mimeType: 'video/VP8',
  clockRate: 90000,
  payloadType: 97,
  rtcpFeedback: FEEDBACK,
});
/** Opus in stereo. */
export const OPUS = new RTCRtpCodecParameters({
  mimeType: 'audio/opus',
  clockRate: 48000,
  channels: 2,
  payloadType: 111,
});

/** So many packets of a handshake are kept that begins early; it has one or two. */
const MOST_EARLY = 8;

/**
 * A connection for an offer that comes by HTTP. loopbackOnly: offer this machine's loopback address alone, for a server
 * that is not open to the network.
 */
export function openConnection(
  config: WebRtcConfig,
  loopbackOnly: boolean,
  video: readonly RTCRtpCodecParameters[],
): RTCPeerConnection {
  const { ports, addresses, stun } = config;
  return new RTCPeerConnection({
    codecs: { video: [...video], audio: [OPUS] },
    iceServers: stun === undefined ? [] : [{ urls: stun }],
    ...(ports ? { icePortRange: ports } : {}),
    iceAdditionalHostAddresses: loopbackOnly ? ['127.0.0.1'] : [...addresses],
    ...(loopbackOnly ? { iceUseIpv6: false, iceInterfaceAddresses: { udp4: '127.0.0.1' } } : {}),
  });
}

/**
 * Whether an offer has an m-line of a kind. Only then is a transceiver for it: one that the offer does not know has a
 * transport of its own that never connects, and the whole connection fails with it.
 */
export function offersMedium(offer: string, kind: 'video' | 'audio'): boolean {
  return new RegExp(`^m=${kind} `, 'm').test(offer);
}

/**
 * Lets the other end begin the DTLS handshake: werift waits for a tenth of a second before it does. What the other end says before
 * werift listens is kept until then, or it would be said again only after a while.
 */
function awaitHandshake(dtls: RTCDtlsTransport): void {
  dtls.role = 'server';
  const { onData } = dtls.iceTransport.connection;
  const early: Buffer[] = [];
  const { unSubscribe } = onData.subscribe((packet) => {
    if (early.length < MOST_EARLY) early.push(packet);
  });
  dtls.onStateChange.once(() => {
    unSubscribe();
    // It listens from the end of what runs now.
    queueMicrotask(() => {
      for (const packet of early) onData.execute(packet);
    });
  });
}

/** Answers an offer, once the transceivers are there. Throws where there is no common video codec. */
export async function answerOffer(connection: RTCPeerConnection, config: WebRtcConfig, offer: string): Promise<string> {
  await connection.setRemoteDescription({ type: 'offer', sdp: offer });
  if (config.stun === undefined) {
    // It would ask a public server even though none is configured, and wait five seconds where there is none.
    for (const { connection: ice } of connection.iceTransports) Object.assign(ice, { stunServer: undefined });
  }
  if (!/^a=setup:passive/m.test(offer)) connection.dtlsTransports.forEach(awaitHandshake);
  await connection.setLocalDescription(await connection.createAnswer());
  const answer = connection.localDescription?.sdp;
  if (!answer || !/^m=video [1-9]/m.test(answer)) throw new Error('no common video codec');
  return answer;
}
