import type { PublishedStatus } from '../../../src/server/published-stream.js';
import type { Announcer } from '../announcer.js';
import { pageElement } from '../page-element.js';
import type { Player } from '../playback/player.js';
import { TEXTS } from '../texts/texts.js';
import { supportBundle } from './support-bundle.js';

/** The button's word of thanks stays for so long, in milliseconds. */
const SAID_FOR = 2500;

/** What the bundle is made of. */
export interface SupportSources {
  readonly status: () => PublishedStatus | null;
  readonly player: () => Player | null;
}

/** Copies what helps whoever looks into a fault; shows it for copying by hand where the browser does not let it. */
export class SupportButton {
  readonly #button = pageElement('support', HTMLButtonElement);
  readonly #dialog = pageElement('support-dialog', HTMLDialogElement);
  readonly #text = pageElement('support-text', HTMLTextAreaElement);
  readonly #announcer: Announcer;
  readonly #sources: SupportSources;
  #timer = 0;

  constructor(announcer: Announcer, sources: SupportSources) {
    this.#announcer = announcer;
    this.#sources = sources;
    this.#button.addEventListener('click', () => void this.#copy());
    pageElement('support-close', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
  }

  async #copy(): Promise<void> {
    const bundle = await supportBundle(this.#sources.status(), this.#sources.player());
    if (await isCopied(bundle)) {
      this.#say();
      return;
    }
    this.#text.value = bundle;
    this.#dialog.showModal();
    this.#text.select();
  }

  #say(): void {
    const { copied, copy } = TEXTS.support;
    this.#announcer.say(copied);
    this.#button.textContent = copied;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.#button.textContent = copy), SAID_FOR);
  }
}

/** Browsers give the clipboard to pages over HTTPS and on this machine alone. */
async function isCopied(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
