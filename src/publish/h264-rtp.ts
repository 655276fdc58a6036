/** NAL unit types: a sequence parameter set (H.264, table 7-1), and several units in one packet (RFC 6184, 5.7.1). */
const SPS = 7;
const STAP_A = 24;

/** Bytes of an RTP header without contributing sources and extensions, as a stream's process sends it. */
export const RTP_HEADER = 12;

/** Whether an RTP payload of H.264 begins a key frame: whether it holds a sequence parameter set, alone or as the first of several. */
export function beginsKeyFrame(payload: Buffer): boolean {
  const type = (payload[0] ?? 0) & 31;
  return type === SPS || (type === STAP_A && ((payload[3] ?? 0) & 31) === SPS);
}
