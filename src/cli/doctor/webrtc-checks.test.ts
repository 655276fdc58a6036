import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { checkWebRtcPorts } from './webrtc-checks.js';

it('wants as many ports as there may be viewers, or workers', async () => {
  const other = createSocket('udp4').bind(0);
  await once(other, 'listening');
  const { port } = other.address();
  try {
    expect(await checkWebRtcPorts([45000, 44000], 'werift', 20)).toMatchObject({ status: 'fail' });
    expect(await checkWebRtcPorts([port, port], 'werift', 1)).toMatchObject({
      status: 'warn',
      found: `${port} to ${port}, 1 in use (${port} is the first); 0 for up to 1 viewers of a stream`,
    });
    expect(await checkWebRtcPorts([port, port], 'mediasoup', 1)).toMatchObject({ status: 'warn' });
    expect(await checkWebRtcPorts([47310, 47312], 'werift', 20)).toMatchObject({
      status: 'warn',
      remedy: 'widen webrtc.ports',
    });
    expect(await checkWebRtcPorts([47310, 47349], 'werift', 20)).toMatchObject({ status: 'ok' });
    expect(await checkWebRtcPorts([47310, 47349], 'mediasoup', 1000)).toMatchObject({ status: 'ok' });
  } finally {
    other.close();
  }
});
