import { ENGLISH } from './en.js';
import { fillTemplate } from './template.js';

/** The shape of a language's texts: that of the English ones, with any wording. */
export type Texts = Wording<typeof ENGLISH>;

type Wording<Text> = Text extends string
  ? string
  : Text extends (...args: infer Figures) => infer Result
    ? (...args: Figures) => Wording<Result>
    : { readonly [Name in keyof Text]: Wording<Text[Name]> };

/** Loads the texts of one language. */
export type LoadTexts = () => Promise<Texts>;

/**
 * Languages besides English, by their tag in lower case, each loaded only by those who read it. Another one is a file like
 * en.ts and a line here: `de: async () => (await import('./de.js')).GERMAN`.
 */
const LANGUAGES: Readonly<Record<string, LoadTexts>> = {};

/** Every text of the page, in the language that `useLanguage` has chosen; English until then. */
export let TEXTS: Texts = ENGLISH;

/** The first of the wanted languages that there is: as it is wanted (pt-BR), else without its region (pt); null for English. */
export function languageFor(wanted: readonly string[], there: Readonly<Record<string, LoadTexts>>): LoadTexts | null {
  for (const tag of wanted.map((each) => each.toLowerCase())) {
    for (const name of [tag, tag.split('-')[0] ?? '']) {
      if (name === ENGLISH.language) return null;
      if (Object.hasOwn(there, name)) return there[name] ?? null;
    }
  }
  return null;
}

/** Chooses the page's language by what the browser wants. To be awaited before anything of the page is made. */
export async function useLanguage(wanted: readonly string[]): Promise<void> {
  const load = languageFor(wanted, LANGUAGES);
  if (!load) return;
  try {
    TEXTS = await load();
  } catch {
    // The page is better in English than not at all.
    return;
  }
  fillPage();
}

/** Puts the texts where the build has left English ones: each element remembers which are its own, by attribute. */
function fillPage(): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-texts]')) {
    const templates = JSON.parse(element.dataset.texts ?? '{}') as Record<string, string>;
    for (const [attribute, template] of Object.entries(templates)) {
      const text = fillTemplate(template, TEXTS);
      if (attribute === '') element.textContent = text;
      else element.setAttribute(attribute, text);
    }
  }
}
