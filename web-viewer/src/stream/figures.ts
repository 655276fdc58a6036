import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { failureText } from '../playback/failure-text.js';
import { pageElement, writeText } from '../page-element.js';
import type { Player } from '../playback/player.js';
import { TEXTS } from '../texts/texts.js';

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
    writeText(this.#shown, isKnown(rate) ? figures.decimal(rate) : unknown);
    writeText(this.#shownNote, rates ? figures.ofSource(rates.sourceRate) : '');
    writeText(this.#latency, isKnown(latency) ? figures.whole(latency) : unknown);
    writeText(this.#network, rates ? figures.decimal(rates.networkRate) : unknown);
    const milliseconds = status?.networkMilliseconds;
    writeText(this.#networkNote, isLive ? networkNote(status, milliseconds) : '');
    if (isLive) {
      const { width, height, frameRate, codec } = status.state.source;
      writeText(this.#source, figures.size(width, height));
      writeText(this.#sourceNote, figures.sourceNote(frameRate, codec));
    } else if (!status) {
      writeText(this.#source, unknown);
      writeText(this.#sourceNote, '');
    }
    this.#updateConnection(main, status);
  }

  #updateConnection(player: Player | null, status: PublishedStatus | null): void {
    const { transports, unknown } = TEXTS;
    const transport = player?.transport ?? null;
    writeText(
      this.#connection,
      transport === null ? (player?.isTrying ? transports.connecting : unknown) : transports[transport],
    );
    const reason = player?.reason ? TEXTS.sentence(failureText(player.reason)) : '';
    const note = isReduced(player, status) ? transports.reducedNote : transports.webrtcNote;
    writeText(this.#connectionNote, transport === 'webrtc' && reason === '' ? note : reason);
    this.#again.hidden = transport !== 'hls';
    this.#again.disabled = player?.isTrying ?? true;
    writeText(this.#again, player?.isTrying ? transports.trying : transports.again);
  }
}

/** Whether this viewer is one of those who are sent half the size, to be told by what arrives. */
function isReduced(player: Player | null, status: PublishedStatus | null): boolean {
  if (!player?.video || status?.state.kind !== 'live' || status.reducedViewers === 0) return false;
  const { width, height } = status.state.source;
  return 2 * player.video.videoWidth * player.video.videoHeight < width * height;
}

function networkNote({ gate, governor, provider }: PublishedStatus, milliseconds: number | null | undefined): string {
  const { figures } = TEXTS;
  if (gate.open === false) return figures.gateClosed;
  if (governor && governor.level > 0) return figures.lowered;
  return isKnown(milliseconds) ? figures.networkNote(milliseconds, provider === 'cpu' ? null : provider) : '';
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}
