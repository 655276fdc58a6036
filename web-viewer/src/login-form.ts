import type { AccessToken } from './access-token.js';
import { pageElement } from './page-element.js';
import { TEXTS } from './texts/texts.js';

/** Asks for the token where the server wants one. */
export class LoginForm {
  readonly #dialog = pageElement('login', HTMLDialogElement);
  readonly #field = pageElement('token', HTMLInputElement);
  readonly #error = pageElement('login-error', HTMLElement);
  readonly #submit = pageElement('login-submit', HTMLButtonElement);
  readonly #token: AccessToken;
  readonly #admitted: () => void;

  /** admitted: the token is the right one, and kept. */
  constructor(token: AccessToken, admitted: () => void) {
    this.#token = token;
    this.#admitted = admitted;
    pageElement('login-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#check();
    });
    // There is nothing behind it to go back to.
    this.#dialog.addEventListener('cancel', (event) => event.preventDefault());
  }

  /** Whether it is on the screen. */
  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** Asks. A token that was kept until now was wrong, or is no longer right. */
  open(): void {
    if (this.#dialog.open) return;
    this.#say(this.#token.value === null ? '' : TEXTS.login.wrong);
    this.#token.value = null;
    this.#dialog.showModal();
    this.#field.focus();
  }

  async #check(): Promise<void> {
    this.#submit.disabled = true;
    this.#submit.textContent = TEXTS.login.checking;
    this.#say('');
    this.#token.value = this.#field.value.trim();
    const verdict = await this.#ask();
    this.#submit.disabled = false;
    this.#submit.textContent = TEXTS.login.submit;
    if (verdict === 'right') {
      this.#field.value = '';
      this.#dialog.close();
      this.#admitted();
      return;
    }
    this.#token.value = null;
    this.#say(verdict === 'wrong' ? TEXTS.login.wrong : TEXTS.login.unreachable);
    this.#field.select();
  }

  async #ask(): Promise<'right' | 'wrong' | 'unreachable'> {
    // Other characters cannot stand in a header, so no token holds them.
    if (!/^[\x21-\x7e]+$/.test(this.#token.value ?? '')) return 'wrong';
    try {
      const response = await fetch('/api/streams', { headers: this.#token.headers() });
      if (response.status === 401) return 'wrong';
      return response.ok ? 'right' : 'unreachable';
    } catch {
      return 'unreachable';
    }
  }

  #say(text: string): void {
    this.#error.textContent = text;
    if (text === '') this.#field.removeAttribute('aria-invalid');
    else this.#field.setAttribute('aria-invalid', 'true');
  }
}
