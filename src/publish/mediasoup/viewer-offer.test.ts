import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { readOffer } from './viewer-offer.js';
import { writeAnswer } from './viewer-answer.js';

const FINGERPRINT = `a=fingerprint:sha-256 ${'ab:'.repeat(31)}cd`;
const ICE = ['a=ice-ufrag:user', 'a=ice-pwd:a-password-of-22-letters'];

/** An SDP offer of lines, with the head that all have. */
function offer(...lines: readonly string[]): string {
  return ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', ...lines, ''].join('\r\n');
}

const CHROMIUM = offer(
  'a=group:BUNDLE 0 1',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107 108 109 114 115 116',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  ...ICE,
  'a=ice-options:trickle',
  FINGERPRINT,
  'a=setup:actpass',
  'a=mid:0',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:toffset',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtcp-rsize',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:103 H264/90000',
  'a=rtcp-fb:103 nack',
  'a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f',
  'a=rtpmap:104 rtx/90000',
  'a=fmtp:104 apt=103',
  'a=rtpmap:107 H264/90000',
  'a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
  'a=rtpmap:109 H264/90000',
  'a=rtcp-fb:109 goog-remb',
  'a=rtcp-fb:109 transport-cc',
  'a=rtcp-fb:109 ccm fir',
  'a=rtcp-fb:109 nack',
  'a=rtcp-fb:109 nack pli',
  'a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0',
  'c=IN IP4 0.0.0.0',
  ...ICE,
  FINGERPRINT,
  'a=setup:actpass',
  'a=mid:1',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
);

const FIREFOX = offer(
  FINGERPRINT,
  'a=group:BUNDLE 0 1 2',
  'a=ice-options:trickle',
  'm=audio 9 UDP/TLS/RTP/SAVPF 109 9 0',
  'c=IN IP4 0.0.0.0',
  'a=recvonly',
  'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
  ...ICE,
  'a=mid:0',
  'a=rtcp-mux',
  'a=rtpmap:109 opus/48000/2',
  'a=setup:actpass',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  ...ICE,
  'a=mid:1',
  'a=setup:actpass',
  'a=sctp-port:5000',
  'm=video 9 UDP/TLS/RTP/SAVPF 120 126 97',
  'c=IN IP4 0.0.0.0',
  'a=recvonly',
  'a=fmtp:126 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1',
  'a=fmtp:97 profile-level-id=42e01f;level-asymmetry-allowed=1',
  ...ICE,
  'a=mid:2',
  'a=rtcp-fb:* nack',
  'a=rtcp-fb:126 nack pli',
  'a=rtcp-mux',
  'a=rtpmap:120 VP8/90000',
  'a=rtpmap:126 H264/90000',
  'a=rtpmap:97 H264/90000',
  'a=setup:actpass',
);

/** OBS, and others by libdatachannel: identifications are words, the one certificate is the session's. */
const LIBDATACHANNEL = offer(
  'a=group:BUNDLE video audio',
  'a=group:LS video audio',
  'a=msid-semantic:WMS *',
  'a=setup:active',
  ...ICE,
  'a=ice-options:ice2,trickle',
  FINGERPRINT,
  'm=video 53862 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 192.0.2.7',
  'a=mid:video',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:96 H264/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 nack pli',
  'a=fmtp:96 profile-level-id=4d001f;packetization-mode=1;level-asymmetry-allowed=1',
  'm=audio 53862 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 192.0.2.7',
  'a=mid:audio',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
);

/** GStreamer's whepsrc: no parameters of H.264, capital letters, no channels. */
const GSTREAMER = offer(
  'a=ice-options:trickle',
  'a=group:BUNDLE video0 audio1',
  'm=video 9 UDP/TLS/RTP/SAVPF 101 102',
  'c=IN IP4 0.0.0.0',
  'a=setup:actpass',
  ...ICE,
  'a=rtcp-mux',
  'a=rtcp-rsize',
  'a=recvonly',
  'a=rtpmap:101 VP8/90000',
  'a=rtpmap:102 H264/90000',
  'a=rtcp-fb:102 nack pli',
  'a=rtcp-fb:102 ccm fir',
  'a=mid:video0',
  FINGERPRINT,
  'm=audio 0 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  'a=setup:actpass',
  ...ICE,
  'a=bundle-only',
  'a=rtcp-mux',
  'a=recvonly',
  'a=rtpmap:96 OPUS/48000',
  'a=mid:audio1',
  FINGERPRINT,
);

const WERIFT = offer(
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  ...ICE,
  FINGERPRINT,
  'a=setup:actpass',
  'a=recvonly',
  'a=mid:0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=rtcp-mux',
  'a=rtpmap:96 H264/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 nack pli',
  'a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
);

const TRANSPORT = {
  user: 'mine',
  password: 'secret',
  fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
  candidates: [
    'candidate:1 1 udp 1076302079 192.0.2.1 40000 typ host',
    'candidate:2 1 tcp 1076276478 192.0.2.1 40000 typ host tcptype passive',
  ],
};

function answerTo(sdp: string): ReturnType<typeof parse> {
  const read = readOffer(sdp);
  const audio = read.audio ? { ssrc: 2, cname: 'afterglow' } : null;
  return parse(writeAnswer(read, TRANSPORT, { video: { ssrc: 1, cname: 'afterglow' }, audio }));
}

describe('the offer of', () => {
  it.each([
    ['Chromium', CHROMIUM, { video: 109, audio: 111, feedback: ['nack', 'nack pli', 'ccm fir'], profile: '42e01f' }],
    ['Firefox', FIREFOX, { video: 126, audio: 109, feedback: ['nack', 'nack pli'], profile: '42e01f' }],
    ['libdatachannel', LIBDATACHANNEL, { video: 96, audio: 111, feedback: ['nack', 'nack pli'], profile: '4d001f' }],
    ['GStreamer', GSTREAMER, { video: 102, audio: 96, feedback: ['nack pli', 'ccm fir'], profile: '42e01f' }],
    ['werift', WERIFT, { video: 96, audio: undefined, feedback: ['nack', 'nack pli'], profile: '42e01f' }],
  ])('%s is understood', (_name, sdp, expected) => {
    const { video, audio, fingerprint, viewerCalls } = readOffer(sdp);
    expect(video.payloadType).toBe(expected.video);
    expect(video.parameters).toContain('packetization-mode=1');
    expect(video.parameters).toContain(`profile-level-id=${expected.profile}`);
    expect(video.feedback).toEqual(expected.feedback);
    expect(audio?.payloadType).toBe(expected.audio);
    expect(fingerprint).toEqual({ algorithm: 'sha-256', value: `${'AB:'.repeat(31)}CD` });
    expect(viewerCalls).toBe(true);
  });

  it.each([
    ['nothing', '', /SDP/],
    ['sound alone', CHROMIUM.replace(/m=video[^]*?m=audio/, 'm=audio'), /H\.264/],
    ['packetization-mode 0 alone', WERIFT.replace('packetization-mode=1;', ''), /packetization-mode/],
    ['another codec', WERIFT.replace('H264', 'VP8'), /H\.264/],
    ['what decodes High alone', WERIFT.replace('42e01f', '640c1f'), /H\.264/],
    ['to send, not to receive', WERIFT.replace('recvonly', 'sendonly'), /receive/],
    ['RTCP on a port of its own', WERIFT.replace('a=rtcp-mux\r\n', ''), /rtcp-mux/],
    ['no certificate', WERIFT.replace(/a=fingerprint.*\r\n/, ''), /fingerprint/],
    ['a hash that nobody knows', WERIFT.replace('sha-256', 'md2'), /fingerprint/],
    ['a payload type that is RTCP’s', WERIFT.replaceAll(/\b96\b/g, '72'), /H\.264/],
  ])('who offers %s is refused', (_name, sdp, remedy) => {
    expect(() => readOffer(sdp)).toThrow(AfterglowError);
    try {
      readOffer(sdp);
    } catch (error) {
      expect(error).toMatchObject({ code: 'viewer-refused', remedy: expect.stringMatching(remedy) as string });
    }
  });

  it('a viewer that waits to be called is called', () => {
    expect(readOffer(WERIFT.replace('actpass', 'passive')).viewerCalls).toBe(false);
    expect(answerTo(WERIFT.replace('actpass', 'passive')).media[0]?.setup).toBe('active');
  });

  it('one that would have sound on a transport of its own gets the picture alone', () => {
    const { video, audio } = readOffer(CHROMIUM.replace('BUNDLE 0 1', 'BUNDLE 0'));
    expect([video.payloadType, audio]).toEqual([109, null]);
  });
});

describe('the answer', () => {
  it('has the offer’s m-lines in their order, those that are not answered with port 0', () => {
    const { media, groups, icelite } = answerTo(FIREFOX);
    expect(media.map(({ type, port, direction }) => [type, port > 0, direction])).toEqual([
      ['audio', true, 'sendonly'],
      ['application', false, 'inactive'],
      ['video', true, 'sendonly'],
    ]);
    expect(groups).toEqual([{ type: 'BUNDLE', mids: '0 2' }]);
    expect(icelite).toBe('ice-lite');
  });

  it('names one codec for each, in the viewer’s own terms, and the ways by UDP and TCP', () => {
    const { media } = answerTo(CHROMIUM);
    const [video, audio] = media;
    expect(video?.rtp).toEqual([expect.objectContaining({ payload: 109, codec: 'H264', rate: 90_000 })]);
    expect(audio?.rtp).toEqual([expect.objectContaining({ payload: 111, codec: 'opus', rate: 48_000, encoding: 2 })]);
    expect(video?.rtcpFb?.map(({ type, subtype }) => [type, subtype])).toEqual([
      ['nack', undefined],
      ['nack', 'pli'],
      ['ccm', 'fir'],
    ]);
    expect(video).toMatchObject({ setup: 'passive', iceUfrag: 'mine', icePwd: 'secret', rtcpMux: 'rtcp-mux', rtcpRsize: 'rtcp-rsize' }); // prettier-ignore
    expect(video?.fingerprint).toEqual({ type: 'sha-256', hash: 'AA:BB' });
    expect(video?.candidates?.map(({ transport, tcptype }) => [transport, tcptype])).toEqual([
      ['udp', undefined],
      ['tcp', 'passive'],
    ]);
    expect(video?.ssrcs?.[0]?.id).toBe(1);
    // One name of the sender, and one stream: players keep picture and sound together by these.
    expect(audio?.ssrcs?.[0]?.value).toBe(video?.ssrcs?.[0]?.value);
  });

  it('has words as identifications where the offer has', () => {
    expect(answerTo(GSTREAMER).media.map(({ mid }) => mid)).toEqual(['video0', 'audio1']);
  });
});
