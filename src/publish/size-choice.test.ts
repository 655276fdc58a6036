import { describe, expect, it } from 'vitest';
import { SizeChoice } from './size-choice.js';
import type { ViewerSize } from './webrtc-engine.js';

/** A connection that is asked once a second, with 100 packets in each. */
class Connection {
  readonly choice = new SizeChoice();
  #seconds = 0;
  #sent = 0;
  #lost = 0;

  constructor() {
    this.choice.take({ packetsSent: 0, packetsLost: 0, roundTripSeconds: null }, 0);
  }

  /** So many seconds, of which each loses so many packets; returns the size after them. */
  pass(seconds: number, lost: number, roundTripSeconds: number | null = 0.02): ViewerSize {
    for (let i = 0; i < seconds; i++) {
      this.#seconds++;
      this.#sent += 100;
      this.#lost += lost;
      const report = { packetsSent: this.#sent, packetsLost: this.#lost, roundTripSeconds };
      this.choice.take(report, this.#seconds);
    }
    return this.choice.size;
  }

  /** Seconds without loss until the whole picture is tried, at most so many; null if it is not. */
  untilWhole(most: number): number | null {
    for (let i = 1; i <= most; i++) if (this.pass(1, 0) === 'enhanced') return i;
    return null;
  }
}

describe('SizeChoice', () => {
  it('keeps the whole picture on a connection that loses a little, and one that stumbles once', () => {
    const connection = new Connection();
    expect(connection.pass(60, 5)).toBe('enhanced');
    expect(connection.pass(1, 15)).toBe('enhanced');
    expect(connection.pass(60, 0)).toBe('enhanced');
  });

  it('takes the small one after two seconds of heavy loss, and at once when it is severe', () => {
    expect(new Connection().pass(2, 10)).toBe('small');
    const connection = new Connection();
    connection.pass(15, 0);
    expect(connection.pass(1, 40)).toBe('small');
  });

  it('forgives what is lost before the client listens', () => {
    const connection = new Connection();
    expect(connection.pass(1, 90)).toBe('enhanced');
    expect(connection.pass(30, 0)).toBe('enhanced');
  });

  it('takes the small one when a queue fills, however little is lost', () => {
    const connection = new Connection();
    connection.pass(5, 0, 0.05);
    expect(connection.pass(2, 0, 0.7)).toBe('small');
    const far = new Connection();
    expect(far.pass(30, 0, 0.6)).toBe('enhanced');
  });

  it('tries the whole one again after a time that doubles with each failure and begins anew after success', () => {
    const connection = new Connection();
    connection.pass(2, 50);
    expect(connection.untilWhole(100)).toBe(10);
    connection.pass(1, 50);
    expect(connection.untilWhole(100)).toBe(20);
    connection.pass(1, 50);
    expect(connection.untilWhole(100)).toBe(40);
    connection.pass(60, 0);
    connection.pass(1, 50);
    expect(connection.untilWhole(100)).toBe(10);
  });

  it('does not try it while the small one is lost as well', () => {
    const connection = new Connection();
    connection.pass(2, 50);
    expect(connection.pass(300, 4)).toBe('small');
  });

  it('waits for packets before it judges', () => {
    const choice = new SizeChoice();
    choice.take({ packetsSent: 100, packetsLost: 0, roundTripSeconds: null }, 0);
    expect(choice.take({ packetsSent: 105, packetsLost: 5, roundTripSeconds: null }, 20)).toBe('enhanced');
    expect(choice.take({ packetsSent: 121, packetsLost: 9, roundTripSeconds: null }, 21)).toBe('small');
  });
});
