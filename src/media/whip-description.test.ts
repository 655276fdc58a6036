import { expect, it } from 'vitest';
import { whipDescription } from './whip-description.js';

const video = { kind: 'video', port: 40000, payloadType: 96, codec: 'H264', clockRate: 90000, channels: null } as const;

it('describes tracks on loopback, and lets nothing else in', () => {
  const text = whipDescription([{ ...video, parameters: 'packetization-mode=1' }]);
  expect(text).toContain('c=IN IP4 127.0.0.1\r\n');
  expect(text).toContain('m=video 40000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n');
  const hostile = whipDescription([{ ...video, parameters: 'x\r\nm=video 9 RTP/AVP 1' }]);
  expect(hostile).not.toContain('m=');
});
