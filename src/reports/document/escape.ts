import { harmless } from '../../foundation/text.ts';

/** Text for HTML, inside elements and attributes alike: nothing in it is markup, and control characters are visible. */
export function escapeHtml(text: string): string {
  return replaceLoneSurrogates(harmless(text))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Text inside a string of a style sheet that itself stands in HTML. */
export const escapeCssString = (text: string): string =>
  [...replaceLoneSurrogates(harmless(text))]
    .map(char =>
      /[\p{L}\p{N} .,:;()/·_-]/u.test(char) ? char : `\\${(char.codePointAt(0) ?? 0xfffd).toString(16)} `,
    )
    .join('');

/** `passes web1` as an id: letters, digits and "-". */
export const idOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'part';

const replaceLoneSurrogates = (text: string): string => text.toWellFormed();
