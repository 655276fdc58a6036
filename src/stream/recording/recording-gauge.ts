const SENT = 0;
const TAKEN = 1;
const BYTES = 2;
const LOST = 3;
const OVERFLOWING = 4;
const WORDS = 5;

/** How much waits between a tap and the recording thread, in shared memory: a port alone would hold any amount. */
export class RecordingGauge {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** The tap has sent a packet. Returns its number. */
  sent(bytes: number): number {
    Atomics.add(this.#words, BYTES, bytes);
    return (Atomics.add(this.#words, SENT, 1) + 1) | 0;
  }

  /** The recording thread has taken a packet from the port. */
  took(bytes: number): void {
    Atomics.sub(this.#words, BYTES, bytes);
    Atomics.add(this.#words, TAKEN, 1);
  }

  /** Whether the packet of this number has been taken. */
  hasTaken(packet: number): boolean {
    return ((Atomics.load(this.#words, TAKEN) - packet) | 0) >= 0;
  }

  /** Bytes that wait. */
  get waitingBytes(): number {
    return Atomics.load(this.#words, BYTES);
  }

  /** Pictures that the tap has dropped because too much waited. */
  get lost(): number {
    return Atomics.load(this.#words, LOST);
  }

  /** The tap drops a picture. */
  lose(): void {
    Atomics.add(this.#words, LOST, 1);
  }

  /** Whether the tap is dropping at the moment. */
  get overflowing(): boolean {
    return Atomics.load(this.#words, OVERFLOWING) === 1;
  }

  set overflowing(value: boolean) {
    Atomics.store(this.#words, OVERFLOWING, value ? 1 : 0);
  }
}
