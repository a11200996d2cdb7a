import { distance } from 'fastest-levenshtein';

/**
 * The names that an engineer may have meant, nearest first, at most three. A name counts as near when less than
 * half of it would have to change, or when one contains the other.
 */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const lower = wanted.toLowerCase();
  return names
    .map(name => ({ name, cost: costOf(lower, name.toLowerCase()) }))
    .filter(({ cost }) => cost * 2 < Math.max(3, wanted.length))
    .sort((a, b) => a.cost - b.cost || a.name.localeCompare(b.name, 'en'))
    .slice(0, 3)
    .map(({ name }) => name);
}

function costOf(wanted: string, name: string): number {
  const contained = name !== '' && (wanted.includes(name) || name.includes(wanted));
  return contained ? 1 : distance(wanted, name);
}

/** `did you mean "a" or "b"?`, or what there is, or that there is nothing. */
export function suggestion(wanted: string, names: readonly string[], kind: string): string {
  const near = nearest(wanted, names);
  if (near.length > 0) return `did you mean ${near.map(name => `"${name}"`).join(' or ')}?`;
  if (names.length === 0) return `there is no ${kind} at all`;
  const shown = names.slice(0, 8).map(name => `"${name}"`);
  return `there is ${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}
