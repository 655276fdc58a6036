import { RtcpRrPacket, RtcpSrPacket, type RTCRtpSender } from 'werift';
import type { Reception, ViewerStatistics } from './webrtc-engine.js';

/** Counts what a viewer reports about its tracks. */
export class SenderWatch {
  readonly #video: RTCRtpSender;
  readonly #senders: readonly RTCRtpSender[];
  readonly #lost = new Map<RTCRtpSender, number>();
  #nacks = 0;
  #keyFrameRequests = 0;

  /** audio: null where the viewer wants no sound. */
  constructor(video: RTCRtpSender, audio: RTCRtpSender | null) {
    this.#video = video;
    this.#senders = audio ? [video, audio] : [video];
    for (const sender of this.#senders) {
      sender.onGenericNack.subscribe(() => this.#nacks++);
      sender.onPictureLossIndication.subscribe(() => this.#keyFrameRequests++);
      sender.onRtcp.subscribe((packet) => {
        if (!(packet instanceof RtcpRrPacket || packet instanceof RtcpSrPacket)) return;
        const report = packet.reports.find(({ ssrc }) => ssrc === sender.ssrc);
        if (report) this.#lost.set(sender, Math.max(0, report.packetsLost));
      });
    }
  }

  /** How pictures arrived until now. */
  async reception(): Promise<Reception> {
    const all = await this.#video.getStats();
    return {
      packetsSent: sum(numbers(all, 'packetsSent')),
      packetsLost: this.#lost.get(this.#video) ?? 0,
      roundTripSeconds: longest(numbers(all, 'roundTripTime')),
    };
  }

  /** How sending went until now. */
  async statistics(): Promise<ViewerStatistics> {
    const all = (await Promise.all(this.#senders.map((sender) => sender.getStats()))).flat();
    // What receivers estimate (REMB), 0 until they say so.
    const available = this.#senders.map(({ receiverEstimatedMaxBitrate }) => Number(receiverEstimatedMaxBitrate));
    const known = available.filter((each) => each > 0);
    return {
      bytesSent: sum(numbers(all, 'bytesSent')),
      packetsLost: sum([...this.#lost.values()]),
      nacks: this.#nacks,
      keyFrameRequests: this.#keyFrameRequests,
      roundTripSeconds: longest(numbers(all, 'roundTripTime')),
      availableBitsPerSecond: known.length > 0 ? Math.min(...known) : null,
    };
  }
}

/** A field of those statistics that have it. */
function numbers(statistics: readonly object[], field: string): number[] {
  return statistics.flatMap((each) => {
    const value: unknown = (each as Readonly<Record<string, unknown>>)[field];
    return typeof value === 'number' ? [value] : [];
  });
}

function longest(times: readonly number[]): number | null {
  return times.length > 0 ? Math.max(0, ...times) : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
