import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RTP, type Rendition } from '../stream/stream-messages.js';
import { RtpFeed } from './rtp-feed.js';
import { VideoSwitch } from './video-switch.js';

const LOOPBACK = '127.0.0.1';

let feed: RtpFeed;
let sender: Socket;
beforeEach(async () => {
  feed = await RtpFeed.open();
  sender = createSocket('udp4').bind(0, LOOPBACK);
  await once(sender, 'listening');
  feed.setSender(sender.address().port);
});
afterEach(() => {
  sender.close();
  feed.close();
});

/** Sends the feed one packet and waits until it is there. nal: type of the NAL unit in it, 7 for the beginning of a key frame. */
async function give(rendition: Rendition, sequenceNumber: number, nal: number): Promise<void> {
  const packet = Buffer.alloc(20, 1);
  packet[0] = 0x80;
  packet[1] = RTP[rendition].payloadType;
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(sequenceNumber * 100, 4);
  packet.writeUInt32BE(RTP[rendition].ssrc, 8);
  packet[12] = nal;
  // What is listened to first is told first: the switch has it then.
  const there = once(feed, rendition);
  sender.send(packet, feed.port, LOOPBACK);
  await there;
}

/** A switch, and what it has sent: sequence numbers with the timestamps that tell whose they are. */
function watched(): { readonly video: VideoSwitch; readonly sent: [number, number][] } {
  const sent: [number, number][] = [];
  const video = new VideoSwitch(feed, 'enhanced', (packet, sequenceNumber) =>
    sent.push([sequenceNumber, packet.readUInt32BE(4)]),
  );
  return { video, sent };
}

describe('VideoSwitch', () => {
  it('changes over at the key frame, with sequence numbers that go on', async () => {
    const { video, sent } = watched();
    let told = 0;
    video.onNeeds(() => told++);
    video.start();
    await give('enhanced', 65_534, 7);
    await give('enhanced', 65_535, 1);
    video.show('small');
    expect([...video.needs].sort()).toEqual(['enhanced', 'small']);
    // The middle of a picture cannot be decoded; the other rendition goes on until it can.
    await give('small', 300, 1);
    await give('enhanced', 0, 1);
    await give('small', 301, 7);
    await give('enhanced', 1, 1);
    await give('small', 302, 1);
    expect(sent).toEqual([
      [65_534, 6_553_400],
      [65_535, 6_553_500],
      [0, 0],
      [1, 30_100],
      [2, 30_200],
    ]);
    expect([...video.needs]).toEqual(['small']);
    expect(told).toBe(2);
    video.close();
  });

  it('stays with what it sends when it is called back in time', async () => {
    const { video, sent } = watched();
    video.start();
    await give('enhanced', 10, 7);
    video.show('small');
    video.show('enhanced');
    await give('small', 300, 7);
    await give('enhanced', 11, 1);
    expect(sent.map(([sequenceNumber]) => sequenceNumber)).toEqual([10, 11]);
    expect([...video.needs]).toEqual(['enhanced']);
    video.close();
    await give('enhanced', 12, 1);
    expect(sent.length).toBe(2);
  });
});
