/** What keys do, by the key in lower case. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Controls for which arrows and letters mean something themselves. */
const TAKES_TEXT = 'dialog, select, textarea, input:not([type="range"]):not([type="checkbox"]):not([type="radio"])';
const TAKES_ARROWS = '[role="slider"], input, [role="listbox"], [data-own-arrows]';
const TAKES_SPACE = 'button, a, summary, input, [role="slider"]';

/** Whether a key is meant for the page, and not for the control that has the focus. */
export function isForPage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const { target, key } = event;
  if (!(target instanceof Element)) return true;
  if (target.closest(TAKES_TEXT)) return false;
  if (key.startsWith('Arrow') && target.closest(TAKES_ARROWS)) return false;
  return !(key === ' ' && target.closest(TAKES_SPACE));
}

/** Listens for single keys, wherever the focus is, except where they mean something else. shortcuts: those of now. */
export function listenForShortcuts(shortcuts: () => Shortcuts): void {
  addEventListener('keydown', (event) => {
    if (event.repeat || !isForPage(event)) return;
    const action = shortcuts()[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
