import { distance } from 'fastest-levenshtein';
import { listed } from './listing.ts';
import { harmless } from './text.ts';

export { listed };

/** Text of the plan in a message: harmless, in quotes, at most 40 characters. */
export const quote = (text: string): string => `"${short(text)}"`;

/** Harmless, and at most 40 characters. */
export function short(text: string): string {
  const shown = harmless(text.slice(0, 200));
  return shown.length > 40 || text.length > 200 ? `${shown.slice(0, 39)}…` : shown;
}

/** Names that differ only in case, `-` and `_` are the same word to the person who typed them. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_.\s]/g, '');

/**
 * The candidate that was most likely meant, or undefined where none is near. Near is: a third of the word may be
 * wrong, one letter always may; or one is the beginning of the other (`monday`, `mon`).
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word);
  let best: { readonly name: string; readonly cost: number } | undefined;
  for (const name of candidates) {
    const other = plain(name);
    const begins =
      Math.min(wanted.length, other.length) >= 3 && (wanted.startsWith(other) || other.startsWith(wanted));
    const cost = begins ? Math.min(1, distance(wanted, other)) : distance(wanted, other);
    if (cost > Math.max(1, Math.round(Math.min(wanted.length, other.length) / 3))) continue;
    if (best === undefined || cost < best.cost) best = { name, cost };
  }
  return best?.name;
}

/** `did you mean "dal-kvm1"?`, or the few things there are, or undefined where nothing helps. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  const near = closest(word, all);
  if (near !== undefined) return `did you mean "${near}"?`;
  return all.length === 0 ? undefined : whatThereIs(all);
}

/** `there is a`, `there are a and b`. */
export const whatThereIs = (names: readonly string[]): string =>
  `there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}`;
