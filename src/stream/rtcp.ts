// RTCP feedback between the WebRTC gateway and a stream's process (RFC 4585: PLI; RFC 5104: FIR).

/** Payload-specific feedback. */
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
