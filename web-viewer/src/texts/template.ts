/** Puts texts where a template names them, as {{part.name}}. Throws if there is no such text. */
export function fillTemplate(template: string, texts: object): string {
  return template.replace(/\{\{([\w.]+)\}\}/g, (_match, path: string) => {
    let text: unknown = texts;
    for (const key of path.split('.')) text = (text as Record<string, unknown> | undefined)?.[key];
    if (typeof text !== 'string') throw new Error(`the page names the text "${path}", which texts/en.ts does not hold`);
    return text;
  });
}

/** A start tag of index.html, with the text behind it where that is named and nothing but named. */
const TAG = /<[a-z][\w-]*(?:\s[^<>]*)?>(?:\s*\{\{[\w.]+\}\}(?=\s*<\/))?/g;
const ATTRIBUTE = /([\w-]+)="([^"]*\{\{[^"]*)"/g;

/**
 * The page with its texts filled in. Every element remembers in `data-texts` what it was filled from, so that another
 * language can take the place of this one.
 */
export function fillHtml(html: string, texts: object): string {
  const filled = html.replace(TAG, (found) => {
    if (!found.includes('{{')) return found;
    const end = found.indexOf('>');
    const [tag, content] = [found.slice(0, end), found.slice(end + 1).trim()];
    const templates: Record<string, string> = {};
    for (const [, name = '', template = ''] of tag.matchAll(ATTRIBUTE)) templates[name] = template;
    if (content !== '') templates[''] = content;
    const isClosed = tag.endsWith('/');
    const memory = ` data-texts="${escape(JSON.stringify(templates))}"`;
    const attributes = (isClosed ? tag.slice(0, -1).trimEnd() : tag).replace(
      ATTRIBUTE,
      (_match, name: string, template: string) => `${name}="${escape(fillTemplate(template, texts))}"`,
    );
    return `${attributes}${memory}${isClosed ? ' /' : ''}>${escape(fillTemplate(content, texts))}`;
  });
  const rest = /^.*\{\{/m.exec(filled.replace(/data-texts="[^"]*"/g, ''));
  if (rest) throw new Error(`index.html names a text that is not alone in its element: ${rest[0].trim()}`);
  return filled;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
