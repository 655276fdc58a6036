import type { types } from 'mediasoup';
import type { Rendition } from '../../stream/stream-messages.js';
import type { RtpTrack } from '../rtp-feed.js';
import { candidateLines } from './listen-addresses.js';
import { MediasoupViewer } from './mediasoup-viewer.js';
import { writeAnswer, type AnswerTrack } from './viewer-answer.js';
import type { ViewerOffer } from './viewer-offer.js';

/** A stream in a router, however its tracks come into it. */
export interface RoutedStream {
  readonly router: types.Router;
  /** The worker's server, which has the one port of all viewers. */
  readonly home: { readonly server: types.WebRtcServer };
  producer(track: RtpTrack): Promise<types.Producer>;
  /** What a viewer of this router can receive, with the feedback that it sends for video. */
  capabilities(videoFeedback: readonly string[]): types.RtpCapabilities;
}

/** Connects a viewer to a stream of a router. addresses: to be offered besides this machine's own. */
export async function joinViewer(
  stream: RoutedStream,
  rendition: Rendition,
  offer: ViewerOffer,
  addresses: readonly string[],
): Promise<MediasoupViewer> {
  const transport = await stream.router.createWebRtcTransport({
    webRtcServer: stream.home.server,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
  });
  try {
    await transport.connect({
      dtlsParameters: { role: offer.viewerCalls ? 'client' : 'server', fingerprints: [offer.fingerprint] },
    });
    const rtpCapabilities = stream.capabilities(offer.video.feedback);
    // Once it is connected the worker asks for a key frame by itself.
    const tracks = offer.audio ? ([rendition, 'audio'] as const) : ([rendition] as const);
    const consumers = await Promise.all(
      tracks.map(async (track) => {
        const { id } = await stream.producer(track);
        return transport.consume({ producerId: id, rtpCapabilities, enableRtx: true });
      }),
    );
    const [video, audio = null] = consumers;
    const fingerprint = transport.dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
    if (!video || !fingerprint) throw new Error('the worker has no track or no certificate');
    const { usernameFragment: user, password } = transport.iceParameters;
    const candidates = candidateLines(transport.iceCandidates, addresses);
    const answer = writeAnswer(
      offer,
      { user, password, fingerprint, candidates },
      { video: answerTrack(video), audio: audio && answerTrack(audio) },
    );
    return new MediasoupViewer(rendition, answer, transport, { video, audio });
  } catch (error) {
    transport.close();
    throw error;
  }
}

function answerTrack({ rtpParameters }: types.Consumer): AnswerTrack {
  return { ssrc: rtpParameters.encodings?.[0]?.ssrc ?? 0, cname: rtpParameters.rtcp?.cname ?? '' };
}
