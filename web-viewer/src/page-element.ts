/** An element of index.html by its id. Throws if it is missing or of another kind: the page and the script go together. */
export function pageElement<T extends Element>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html holds no ${kind.name} "${id}"`);
  return element;
}

/** A new element with these classes. */
export function newElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  classes: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = classes;
  return element;
}

/** Sets an element's text where it differs: what stays the same is not announced or laid out again. */
export function writeText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
