/** A chapter of a film. */
export interface Chapter {
  /** Nanoseconds on the film's time line. */
  readonly start: bigint;
  /** Nanoseconds; null where the container gives none: it lasts until the next one, or the film's end. */
  readonly end: bigint | null;
  /** May be empty. */
  readonly title: string;
  /** Language of the title, three letters of ISO 639-2; `und` where it is not said. */
  readonly language: string;
}

/** Chapters that are read from one film; a film of one chapter a second would be three hours long. */
export const MAX_CHAPTERS = 10_000;
/** Times from here on are damage: 104 days, in nanoseconds. */
const NO_TIME = 1n << 53n;

/** The chapters in the order of their times, without those whose times cannot be. */
export function inOrder(chapters: readonly Chapter[]): Chapter[] {
  return chapters
    .filter(({ start }) => start >= 0n && start < NO_TIME)
    .map((chapter) => {
      const { start, end } = chapter;
      return end !== null && (end < start || end >= NO_TIME) ? { ...chapter, end: null } : chapter;
    })
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** The longest beginning of a text that has no more than `limit` bytes of UTF-8, never half a character. */
export function cutText(text: string, limit: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return bytes;
  let end = limit;
  // Bytes of the form 10xxxxxx go on with a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
