/** An element of index.html by its id. Throws if it is missing or of another kind: the page and the script go together. */
export function pageElement<T extends Element>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html holds no ${kind.name} "${id}"`);
  return element;
}
