// RTCP feedback between the WebRTC gateway and a stream's process (RFC 4585: PLI; RFC 5104: FIR).

/** A sender's report, and payload-specific feedback. */
const SR = 200;
const PSFB = 206;
const PLI = 1;
const FIR = 4;

/** A picture loss indication: "send a key frame". 12 bytes. */
export function pictureLossIndication(mediaSsrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet[0] = 0x80 | PLI;
  packet[1] = PSFB;
  packet.writeUInt16BE(2, 2);
  packet.writeUInt32BE(0, 4);
  packet.writeUInt32BE(mediaSsrc >>> 0, 8);
  return packet;
}

/** Seconds from the epoch of NTP, 1900, to that of Unix. */
const NTP_EPOCH = 2_208_988_800;

/**
 * A sender's report (RFC 3550, 6.4.1) that says alone which timestamp a source had at a moment, in milliseconds since 1970. 28
 * bytes.
 */
export function senderReport(ssrc: number, milliseconds: number, rtpTimestamp: number): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = SR;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(ssrc >>> 0, 4);
  packet.writeUInt32BE((Math.floor(milliseconds / 1000) + NTP_EPOCH) >>> 0, 8);
  packet.writeUInt32BE(Math.floor(((milliseconds % 1000) / 1000) * 2 ** 32), 12);
  packet.writeUInt32BE(rtpTimestamp >>> 0, 16);
  return packet;
}

/** The sources that a compound RTCP packet asks key frames of; malformed packets ask nothing. */
export function keyFrameRequests(packet: Buffer): number[] {
  const asked: number[] = [];
  for (let at = 0; at + 4 <= packet.length;) {
    const first = packet[at] ?? 0;
    const length = 4 * (packet.readUInt16BE(at + 2) + 1);
    if (first >> 6 !== 2 || at + length > packet.length) return asked;
    if (packet[at + 1] === PSFB && length >= 12) {
      const format = first & 31;
      if (format === PLI) asked.push(packet.readUInt32BE(at + 8));
      // The sources of a FIR stand in entries of 8 bytes after the header.
      if (format === FIR) for (let e = at + 12; e + 8 <= at + length; e += 8) asked.push(packet.readUInt32BE(e));
    }
    at += length;
  }
  return asked;
}
