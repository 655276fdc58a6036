import { describe, expect, it } from 'vitest';
import { keyFrameRequests, pictureLossIndication } from './rtcp.js';

describe('RTCP feedback', () => {
  it('reads its own picture loss indication', () => {
    expect(keyFrameRequests(pictureLossIndication(0xdeadbeef))).toEqual([0xdeadbeef]);
  });

  it('finds requests of both kinds in a compound packet', () => {
    const report = Buffer.from('80c90001000000ff', 'hex');
    const fir = Buffer.from('84ce0006' + '00000001' + '00000000' + '0000000a01000000' + '0000000b02000000', 'hex');
    expect(keyFrameRequests(Buffer.concat([report, fir, pictureLossIndication(7)]))).toEqual([10, 11, 7]);
  });

  it('asks nothing by packets that are cut short or not RTCP', () => {
    const whole = pictureLossIndication(7);
    for (let length = 0; length < whole.length; length++)
      expect(keyFrameRequests(whole.subarray(0, length))).toEqual([]);
    expect(keyFrameRequests(Buffer.from('00ce0002000000000000000a', 'hex'))).toEqual([]);
  });
});
