import type { Polygon, RegionsConfig } from '../../../src/config/stream-schema.js';
import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import { MOST_CORNERS, rectangle, RegionDraft, type Corner, type RegionKind } from './region-draft.js';
import { RegionOutlines } from './region-outlines.js';

/** A press this near to the first corner closes the outline, in CSS pixels. */
const CLOSES_WITHIN = 14;
/** Steps of the arrow keys, as shares of the picture. */
const STEP = 0.01;
/** Where a rectangle appears that is made without a pointer. */
const MADE: readonly [Corner, Corner] = [
  [0.35, 0.35],
  [0.65, 0.65],
];

/** What the editor is made with. */
export interface RegionEditorOptions {
  /** The picture's box. */
  readonly frame: HTMLElement;
  /** Sends the regions; false when they were not taken. */
  readonly save: (regions: RegionsConfig) => Promise<boolean>;
  /** It has been closed by hand. */
  readonly closed: () => void;
}

type Drag =
  | { readonly kind: 'draw'; readonly from: Corner; to: Corner }
  | { readonly kind: 'move'; readonly region: number; last: Corner }
  | { readonly kind: 'corner'; readonly region: number; readonly corner: number };

/** Draws regions over the picture by mouse, finger and keyboard. */
export class RegionEditor {
  readonly #options: RegionEditorOptions;
  readonly #svg = pageElement('regions', SVGSVGElement);
  readonly #outlines = new RegionOutlines(this.#svg);
  readonly #tools = pageElement('region-tools', HTMLElement);
  readonly #kind = pageElement('region-kind', HTMLSelectElement);
  readonly #shape = pageElement('region-shape', HTMLSelectElement);
  readonly #add = pageElement('region-add', HTMLButtonElement);
  readonly #remove = pageElement('region-remove', HTMLButtonElement);
  readonly #save = pageElement('region-save', HTMLButtonElement);
  readonly #message = pageElement('region-message', HTMLElement);
  #draft: RegionDraft | null = null;
  #chosen = -1;
  #drag: Drag | null = null;
  /** Corners of an outline that is not closed yet. */
  #begun: Corner[] = [];

  constructor(options: RegionEditorOptions) {
    this.#options = options;
    this.#svg.addEventListener('pointerdown', (event) => this.#press(event));
    this.#svg.addEventListener('pointermove', (event) => this.#follow(event));
    for (const type of ['pointerup', 'pointercancel'] as const) {
      this.#svg.addEventListener(type, (event) => this.#release(event));
    }
    this.#svg.addEventListener('dblclick', () => this.#closeOutline());
    this.#svg.addEventListener('keydown', (event) => this.#key(event));
    this.#kind.addEventListener('change', () => {
      this.#draft?.setKind(this.#chosen, this.#kindChosen);
      this.#paint();
    });
    this.#add.addEventListener('click', () => {
      this.#choose(this.#draft?.add(this.#kindChosen, rectangle(...MADE)) ?? -1);
      this.#svg.focus();
    });
    this.#remove.addEventListener('click', () => this.#removeChosen());
    this.#save.addEventListener('click', () => void this.#store());
    pageElement('region-cancel', HTMLButtonElement).addEventListener('click', () => this.cancel());
  }

  get isOpen(): boolean {
    return this.#draft !== null;
  }

  /** Begins with the regions that there are. */
  open(regions: RegionsConfig): void {
    this.#draft = new RegionDraft(regions);
    [this.#kind.value, this.#shape.value] = ['private', 'rectangle'];
    this.#show(true);
    this.say('');
    this.#choose(-1);
    this.#options.frame.scrollIntoView({ block: 'nearest' });
    this.#svg.focus();
  }

  /** What Escape does: drops what is being drawn, else the whole. */
  cancel(): void {
    if (this.#begun.length > 0) {
      this.#begun = [];
      this.#paint();
      return;
    }
    this.close();
    this.#options.closed();
  }

  /** Closes it; nothing is saved. */
  close(): void {
    if (!this.#draft) return;
    this.#draft = null;
    this.#drag = null;
    this.#begun = [];
    this.#show(false);
  }

  /** Says what went wrong. */
  say(text: string): void {
    this.#message.textContent = text;
  }

  get #kindChosen(): RegionKind {
    return this.#kind.value === 'untouched' ? 'untouched' : 'private';
  }

  #show(isOpen: boolean): void {
    this.#svg.toggleAttribute('hidden', !isOpen);
    this.#tools.hidden = !isOpen;
    this.#options.frame.toggleAttribute('data-editing', isOpen);
    this.#options.frame.closest('.theatre')?.toggleAttribute('data-editing', isOpen);
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0 || !this.#draft) return;
    event.preventDefault();
    event.stopPropagation();
    this.#svg.focus({ preventScroll: true });
    const at = this.#cornerAt(event);
    if (this.#begun.length > 0) {
      this.#addCorner(at);
      return;
    }
    this.#svg.setPointerCapture(event.pointerId);
    const hit = this.#outlines.hitOf(event.target);
    if (hit.kind === 'corner') {
      this.#drag = hit;
    } else if (hit.kind === 'region') {
      this.#choose(hit.region);
      this.#drag = { kind: 'move', region: hit.region, last: at };
    } else if (this.#shape.value === 'polygon') {
      this.#begun = [at, at];
      this.#choose(-1);
    } else {
      this.#choose(-1);
      this.#drag = { kind: 'draw', from: at, to: at };
    }
  }

  #follow(event: PointerEvent): void {
    const [at, drag, draft] = [this.#cornerAt(event), this.#drag, this.#draft];
    if (!draft) return;
    if (this.#begun.length > 0) this.#begun[this.#begun.length - 1] = at;
    else if (!drag) return;
    else if (drag.kind === 'draw') drag.to = at;
    else if (drag.kind === 'corner') draft.moveCorner(drag.region, drag.corner, at);
    else {
      draft.move(drag.region, at[0] - drag.last[0], at[1] - drag.last[1]);
      drag.last = at;
    }
    this.#paint();
  }

  #release(event: PointerEvent): void {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag || !this.#draft || event.type === 'pointercancel') return;
    if (drag.kind === 'draw') this.#take(rectangle(drag.from, drag.to));
    this.#paint();
  }

  /** A corner more; the outline is closed when it is back at the first one. The last one goes with the pointer. */
  #addCorner(at: Corner): void {
    const [first] = this.#begun;
    const { width, height } = this.#svg.getBoundingClientRect();
    const isBack = first && Math.hypot((at[0] - first[0]) * width, (at[1] - first[1]) * height) < CLOSES_WITHIN;
    if ((isBack && this.#begun.length > 3) || this.#begun.length > MOST_CORNERS) this.#closeOutline();
    else this.#begun.push(at);
    this.#paint();
  }

  #closeOutline(): void {
    // Without the one at the pointer, and without those that a double click has put at one place.
    const corners = this.#begun
      .slice(0, -1)
      .filter((corner, index, all) => index === 0 || corner.join() !== all[index - 1]?.join());
    this.#begun = [];
    if (corners.length > 0) this.#take(corners);
  }

  #take(corners: Polygon): void {
    this.#choose(this.#draft?.add(this.#kindChosen, corners) ?? -1);
  }

  #key(event: KeyboardEvent): void {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [x, y] =
      { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key] ?? [];
    if (x !== undefined && y !== undefined) {
      if (shiftKey) this.#draft?.stretch(this.#chosen, x, y);
      else this.#draft?.move(this.#chosen, x, y);
      this.#paint();
    } else if (key === 'Delete' || key === 'Backspace') this.#removeChosen();
    else if (key === 'Enter') this.#closeOutline();
    else if (key === ' ') this.#chooseNext();
    else return;
    event.preventDefault();
  }

  #chooseNext(): void {
    const count = this.#draft?.all.length ?? 0;
    if (count > 0) this.#choose((this.#chosen + 1) % count);
  }

  #removeChosen(): void {
    if (this.#chosen < 0) return;
    this.#draft?.remove(this.#chosen);
    this.#choose(-1);
  }

  #choose(index: number): void {
    this.#chosen = index;
    const region = this.#draft?.all[index];
    if (region) this.#kind.value = region.kind;
    this.#paint();
  }

  async #store(): Promise<void> {
    const draft = this.#draft;
    if (!draft) return;
    this.#save.disabled = true;
    const isTaken = !draft.isChanged || (await this.#options.save(draft.regions));
    if (this.#draft !== draft) return;
    this.#paint();
    if (!isTaken) return;
    this.close();
    this.#options.closed();
  }

  #cornerAt({ clientX, clientY }: PointerEvent): Corner {
    const { left, top, width, height } = this.#svg.getBoundingClientRect();
    const share = (at: number, size: number): number => Math.min(1, Math.max(0, at / size));
    return [share(clientX - left, width), share(clientY - top, height)];
  }

  #paint(): void {
    const draft = this.#draft;
    if (!draft) return;
    const kind = this.#kindChosen;
    const drawn = this.#drag?.kind === 'draw' ? rectangle(this.#drag.from, this.#drag.to) : this.#begun;
    this.#outlines.show({
      regions: draft.all,
      chosen: this.#chosen,
      begun: drawn.length > 0 ? { kind, corners: drawn } : null,
    });
    const region = draft.all[this.#chosen];
    this.#remove.disabled = !region;
    this.#save.disabled = !draft.isChanged;
    const { regions } = TEXTS;
    const chosen = region ? regions.chosen(this.#chosen + 1, region.kind) : '';
    this.#svg.setAttribute('aria-label', regions.area(draft.all.length, chosen));
  }
}
