/** Text and lines of plots: a grey that can be read on white and on black. */
export const INK = '#7d8590';
/** Colours of two things that are compared, as the grey. */
export const COLOURS = ['#2f81f7', '#db6d28'] as const;

/** A whole drawing of a size. */
export function drawing(width: number, height: number, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="12" fill="${INK}">\n${parts.join('\n')}\n</svg>\n`
  );
}

/** A text as SVG takes it. */
export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A step of 1, 2 or 5 and zeros that gives four to nine lines up to a value. */
export function niceStep(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest / 4));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => highest / step <= 8) ?? power;
}
