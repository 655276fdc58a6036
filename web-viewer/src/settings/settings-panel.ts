import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { pageElement, writeText } from '../page-element.js';
import type { PageServices } from '../page-services.js';
import { TEXTS } from '../texts/texts.js';
import { GateChoice } from './gate-choice.js';
import { PipelineSelect } from './pipeline-select.js';
import { RegionEditor } from './region-editor.js';
import { ServerRequests } from '../server-requests.js';
import { StreamRequests, type StreamChanges, type StreamSettings } from './stream-requests.js';

/** What the panel is made with besides the page's services. */
export interface SettingsPanelOptions {
  /** The picture's box. */
  readonly frame: HTMLElement;
  /** Regions are about to be drawn over the picture. */
  readonly editing: () => void;
}

/** How a stream is enhanced: its pipeline, when, and which parts of the picture are treated apart. */
export class SettingsPanel {
  readonly #services: PageServices;
  readonly #options: SettingsPanelOptions;
  readonly #requests: StreamRequests;
  readonly #panel = pageElement('settings', HTMLDetailsElement);
  readonly #fields = pageElement('settings-fields', HTMLFieldSetElement);
  readonly #reason = pageElement('settings-reason', HTMLElement);
  readonly #message = pageElement('settings-message', HTMLElement);
  readonly #regionCount = pageElement('region-count', HTMLElement);
  readonly #editButton = pageElement('edit-regions', HTMLButtonElement);
  readonly #pipelines: PipelineSelect;
  readonly #gate: GateChoice;
  readonly #editor: RegionEditor;
  #status: PublishedStatus | null = null;
  #settings: StreamSettings | null = null;
  /** What the settings were read for: they are read anew when it changes. */
  #readFor = '';

  constructor(services: PageServices, options: SettingsPanelOptions) {
    this.#services = services;
    this.#options = options;
    this.#requests = new StreamRequests(new ServerRequests(services.token));
    this.#pipelines = new PipelineSelect(this.#requests, (pipeline) => this.#change({ pipeline }));
    this.#gate = new GateChoice((gate) => void this.#change({ gate }));
    this.#editor = new RegionEditor({
      frame: options.frame,
      save: (regions) => this.#change({ regions }),
      closed: () => (document.fullscreenElement ? pageElement('full-screen', HTMLElement) : this.#editButton).focus(),
    });
    this.#panel.addEventListener('toggle', () => this.#read());
    this.#editButton.addEventListener('click', () => void this.edit());
  }

  /** Whether regions are being drawn. */
  get isEditing(): boolean {
    return this.#editor.isOpen;
  }

  /** Begins to draw regions, in full screen too; not where nothing may be changed. */
  async edit(): Promise<void> {
    const stream = this.#status?.id;
    if (stream === undefined || this.#fields.disabled || this.#editor.isOpen) return;
    // Only an open panel knows what others have changed.
    if (!this.#panel.open || !this.#settings) await this.#load(stream);
    if (!this.#settings || this.#status?.id !== stream) return;
    this.#options.editing();
    this.#editor.open(this.#settings.regions);
  }

  /** Gives the drawing up. */
  cancelEditing(): void {
    this.#editor.cancel();
  }

  /** Takes what the server says of the stream. */
  show(status: PublishedStatus): void {
    this.#status = status;
    const { mayControl } = this.#services.connection;
    this.#fields.disabled = !mayControl;
    this.#reason.hidden = mayControl;
    const { regions } = status;
    writeText(this.#regionCount, TEXTS.settings.regionCount(regions.private, regions.untouched));
    this.#pipelines.show(status.pipeline);
    if (!mayControl && this.#editor.isOpen) this.#editor.close();
    this.#read();
  }

  /** Another stream is shown. */
  leave(): void {
    this.#editor.close();
    this.#settings = null;
    this.#readFor = '';
    this.#say('');
  }

  /** Reads the settings when they are looked at, and again when they have been changed, by whomever. */
  #read(): void {
    const status = this.#status;
    if (!status || !this.#panel.open) return;
    const { id, pipeline, gate, regions, lastRestart } = status;
    // All that is set of the gate; not how it stands, which is new with every report.
    const wanted = JSON.stringify([id, pipeline, { ...gate, open: null, luminance: null }, regions, lastRestart]);
    if (wanted === this.#readFor) return;
    this.#readFor = wanted;
    void this.#load(id);
  }

  async #load(stream: string): Promise<void> {
    void this.#pipelines.load();
    try {
      const settings = await this.#requests.settings(stream);
      if (this.#status?.id !== stream) return;
      this.#settings = settings;
      this.#gate.show(settings.gate);
      this.#editButton.disabled = false;
    } catch (error) {
      this.#readFor = '';
      this.#say(error instanceof Error ? error.message : '');
    }
  }

  /** Sends a change; false when the server does not take it. */
  async #change(changes: StreamChanges): Promise<boolean> {
    const stream = this.#status?.id;
    if (stream === undefined) return false;
    this.#say(TEXTS.settings.saving);
    try {
      await this.#requests.change(stream, changes);
      if (changes.regions) this.#settings = this.#settings && { ...this.#settings, regions: changes.regions };
      if (changes.gate) this.#settings = this.#settings && { ...this.#settings, gate: changes.gate };
      this.#say(TEXTS.settings.saved);
      // What holds now is read once more: others may have changed it at the same time.
      this.#readFor = '';
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      this.#say(message);
      this.#editor.say(message);
      // What is shown is what holds.
      if (this.#settings) this.#gate.show(this.#settings.gate);
      return false;
    }
  }

  #say(text: string): void {
    writeText(this.#message, text);
  }
}
