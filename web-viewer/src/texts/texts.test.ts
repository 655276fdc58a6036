import { describe, expect, it } from 'vitest';
import { ENGLISH } from './en.js';
import { fillHtml, fillTemplate } from './template.js';
import { languageFor, type Texts } from './texts.js';

const load = (language: string) => (): Promise<Texts> => Promise.resolve({ ...ENGLISH, language });
const there = { de: load('de'), 'pt-br': load('pt-br'), pt: load('pt') };

describe('the page’s language', () => {
  it('is the first of the wanted ones that there is, else English', async () => {
    const chosen = async (...wanted: string[]): Promise<string> =>
      (await languageFor(wanted, there)?.())?.language ?? 'en';
    expect(await chosen('de-AT', 'en')).toBe('de');
    expect(await chosen('pt-BR')).toBe('pt-br');
    expect(await chosen('pt-PT')).toBe('pt');
    expect(await chosen('fr', 'en-GB', 'de')).toBe('en');
    expect(await chosen('fr')).toBe('en');
    expect(await chosen('constructor')).toBe('en');
  });
});

describe('texts in index.html', () => {
  it('are filled in, and each element remembers which are its own', () => {
    const html = '<p title="{{a.b}} (?)" class="x">\n  {{c}}</p><input aria-label="{{c}}" />';
    expect(fillHtml(html, { a: { b: 'one "quoted"' }, c: 'a < b' })).toBe(
      '<p title="one &quot;quoted&quot; (?)" class="x" data-texts="{&quot;title&quot;:&quot;{{a.b}} (?)&quot;,&quot;&quot;:&quot;{{c}}&quot;}">a &lt; b</p>' +
        '<input aria-label="a &lt; b" data-texts="{&quot;aria-label&quot;:&quot;{{c}}&quot;}" />',
    );
  });

  it('must be there, and alone in their element', () => {
    expect(() => fillTemplate('{{no.such}}', ENGLISH)).toThrow(/no\.such/);
    expect(() => fillHtml('<p>Before {{product}}</p>', ENGLISH)).toThrow(/not alone/);
  });
});
