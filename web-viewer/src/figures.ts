import type { PublishedStatus } from '../../src/server/published-stream.js';
import { failureText } from './failure-text.js';
import { pageElement } from './page-element.js';
import type { Player } from './player.js';
import { TEXTS } from './texts.js';

/** The row of figures below the picture. */
export class Figures {
  readonly #shown = pageElement('figure-shown', HTMLElement);
  readonly #shownNote = pageElement('figure-shown-note', HTMLElement);
  readonly #latency = pageElement('figure-latency', HTMLElement);
  readonly #network = pageElement('figure-network', HTMLElement);
  readonly #networkNote = pageElement('figure-network-note', HTMLElement);
  readonly #source = pageElement('figure-source', HTMLElement);
  readonly #sourceNote = pageElement('figure-source-note', HTMLElement);
  readonly #connection = pageElement('figure-connection', HTMLElement);
  readonly #connectionNote = pageElement('figure-connection-note', HTMLElement);
  readonly #again = pageElement('try-webrtc', HTMLButtonElement);

  /** tryAgain: WebRTC is wanted now. */
  constructor(tryAgain: () => void) {
    this.#again.addEventListener('click', tryAgain);
  }

  /** shown: what is on the screen, the comparison if there is one. main: the player whose transport counts. */
  update(status: PublishedStatus | null, shown: Player | null, main: Player | null): void {
    const { figures, unknown } = TEXTS;
    const isLive = status?.state.kind === 'live';
    const rates = isLive ? status.rates : null;
    const rate = isLive ? shown?.rate : null;
    const latency = isLive ? shown?.latencyMs : null;
    write(this.#shown, isKnown(rate) ? figures.decimal(rate) : unknown);
    write(this.#shownNote, rates ? figures.ofSource(rates.sourceRate) : '');
    write(this.#latency, isKnown(latency) ? figures.whole(latency) : unknown);
    write(this.#network, rates ? figures.decimal(rates.networkRate) : unknown);
    const milliseconds = status?.networkMilliseconds;
    write(this.#networkNote, isLive ? networkNote(status, milliseconds) : '');
    if (isLive) {
      const { width, height, frameRate, codec } = status.state.source;
      write(this.#source, figures.size(width, height));
      write(this.#sourceNote, figures.sourceNote(frameRate, codec));
    } else if (!status) {
      write(this.#source, unknown);
      write(this.#sourceNote, '');
    }
    this.#updateConnection(main);
  }

  #updateConnection(player: Player | null): void {
    const { transports, unknown } = TEXTS;
    const transport = player?.transport ?? null;
    write(
      this.#connection,
      transport === null ? (player?.isTrying ? transports.connecting : unknown) : transports[transport],
    );
    const reason = player?.reason ? TEXTS.sentence(failureText(player.reason)) : '';
    write(this.#connectionNote, transport === 'webrtc' && reason === '' ? transports.webrtcNote : reason);
    this.#again.hidden = transport !== 'hls';
    this.#again.disabled = player?.isTrying ?? true;
    write(this.#again, player?.isTrying ? transports.trying : transports.again);
  }
}

function networkNote({ gate, governor }: PublishedStatus, milliseconds: number | null | undefined): string {
  const { figures } = TEXTS;
  if (gate.open === false) return figures.gateClosed;
  if (governor && governor.level > 0) return figures.lowered;
  return isKnown(milliseconds) ? figures.networkNote(milliseconds) : '';
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
