/** What keys do, by the key in lower case. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Listens for single keys, wherever the focus is, except where they mean something else: in text and in dialogs. */
export function listenForShortcuts(shortcuts: Shortcuts): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const { target } = event;
    if (target instanceof Element && target.closest('dialog, input:not([type="range"])')) return;
    const action = shortcuts[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
