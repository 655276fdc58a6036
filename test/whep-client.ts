import { once } from 'node:events';
import {
  GenericNack,
  RTCPeerConnection,
  RtcpTransportLayerFeedback,
  type MediaStreamTrack,
  type RTCRtpReceiver,
  type RtpPacket,
} from 'werift';
import { EventEmitter } from 'node:events';
import { beginsKeyFrame } from '../src/publish/h264-rtp.js';
import { H264, OPUS } from '../src/publish/werift-connection.js';

const LOOPBACK = '127.0.0.1';
/** A jump of sequence numbers beyond this is no loss. */
const LONGEST_GAP = 1000;

/** A viewer without a browser, by WHEP. Emits each video packet. */
export class WhepClient extends EventEmitter<{ packet: [packet: RtpPacket]; ended: [] }> {
  readonly connection: RTCPeerConnection;
  /** The address to delete. */
  readonly location: string;
  readonly answer: string;
  /** Video packets that came, and those that did not although later ones did. */
  received = 0;
  missing = 0;
  /** Packets that begin a key frame. */
  keyFrames = 0;
  bytes = 0;
  audioPackets = 0;
  #highest: number | null = null;
  readonly #receiver: RTCRtpReceiver;

  private constructor(
    connection: RTCPeerConnection,
    receiver: RTCRtpReceiver,
    joined: { readonly location: string; readonly answer: string },
  ) {
    super();
    this.connection = connection;
    this.location = joined.location;
    this.answer = joined.answer;
    this.#receiver = receiver;
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'closed' || state === 'failed' || state === 'disconnected') this.emit('ended');
    });
  }

  /** Joins a stream. address: the server's, with a slash at the end. media: what it offers to receive, in this order. */
  static async join(
    address: string,
    stream: string,
    options: { readonly view?: string; readonly media?: readonly ('video' | 'audio')[]; readonly token?: string } = {},
  ): Promise<WhepClient> {
    const { view = 'enhanced', media = ['video', 'audio'], token } = options;
    const connection = new RTCPeerConnection({
      codecs: { video: [H264], audio: [OPUS] },
      iceServers: [],
      iceAdditionalHostAddresses: [LOOPBACK],
      iceUseIpv6: false,
    });
    const tracks: MediaStreamTrack[] = [];
    let client: WhepClient | null = null;
    connection.onTrack.subscribe((track) => {
      tracks.push(track);
      track.onReceiveRtp.subscribe((packet) => {
        if (track.kind === 'video') client?.take(packet);
        else if (client) client.audioPackets++;
      });
    });
    const receivers = media.map((kind) => connection.addTransceiver(kind, { direction: 'recvonly' }).receiver);
    const receiver = receivers[media.indexOf('video')];
    if (!receiver) throw new Error('offer to receive video');
    const offer = await connection.createOffer();
    // It would ask a public server otherwise, and wait for it.
    for (const { connection: ice } of connection.iceTransports) Object.assign(ice, { stunServer: undefined });
    await connection.setLocalDescription(offer);
    const response = await fetch(`${address}api/streams/${stream}/whep?view=${view}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/sdp',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: connection.localDescription?.sdp ?? '',
    });
    const answer = await response.text();
    if (response.status !== 201) {
      await connection.close();
      throw new Error(`refused with ${response.status}: ${answer}`);
    }
    const location = new URL(response.headers.get('location') ?? '', address).href;
    client = new WhepClient(connection, receiver, { location, answer });
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    return client;
  }

  /** Waits for so many video packets more. */
  async packets(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await once(this, 'packet', { signal: AbortSignal.timeout(30_000) });
  }

  /** Waits until this end knows that the connection is over. */
  async ended(seconds: number): Promise<void> {
    if (this.connection.connectionState === 'connected') {
      await once(this, 'ended', { signal: AbortSignal.timeout(seconds * 1000) });
    }
  }

  /** Asks for a key frame, as a decoder does that has lost its way. */
  async askKeyFrame(): Promise<void> {
    await this.#receiver.sendRtcpPLI(this.#ssrc());
  }

  /** Asks for packets again. */
  async askAgain(sequenceNumbers: readonly number[]): Promise<void> {
    const feedback = new GenericNack({
      senderSsrc: this.#receiver.rtcpSsrc,
      mediaSourceSsrc: this.#ssrc(),
      lost: [...sequenceNumbers],
    });
    await this.#receiver.dtlsTransport.sendRtcp([new RtcpTransportLayerFeedback({ feedback })]);
  }

  /** Says goodbye as WHEP has it. */
  async leave(): Promise<number> {
    const { status } = await fetch(this.location, { method: 'DELETE' });
    await this.connection.close();
    return status;
  }

  /** Ends this end alone. */
  async close(): Promise<void> {
    await this.connection.close();
  }

  private take(packet: RtpPacket): void {
    const { sequenceNumber } = packet.header;
    this.received++;
    this.bytes += packet.payload.length;
    if (this.#highest !== null) {
      const step = (sequenceNumber - this.#highest) & 0xffff;
      if (step > 1 && step < LONGEST_GAP) this.missing += step - 1;
      // Later than its turn, but there.
      if (step > 0x8000 && this.missing > 0) this.missing--;
      if (step < 0x8000) this.#highest = sequenceNumber;
    } else {
      this.#highest = sequenceNumber;
    }
    if (beginsKeyFrame(packet.payload)) this.keyFrames++;
    this.emit('packet', packet);
  }

  #ssrc(): number {
    const found = /^a=ssrc:(\d+) cname/m.exec(this.answer.slice(this.answer.indexOf('m=video')));
    return Number(found?.[1]);
  }
}
