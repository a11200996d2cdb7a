import { createHash } from 'node:crypto';
import type { Drift } from './shape.ts';

/** The check of a gate that stands for a drift, by its id. */
export const checkOfDrift = (id: string): string => `drift-${id.replaceAll(':', '-')}`;

/**
 * What makes an id of a drift: words of the host with what may not stand in the name of a gate replaced, and then with a
 * piece of their hash, so that two odd names stay two.
 */
export function driftId(kind: Drift['kind'], ...words: readonly string[]): string {
  const plain = words.map(word => {
    const safe = word.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 60);
    if (safe === word) return word;
    return `${safe}-${createHash('sha256').update(word).digest('hex').slice(0, 6)}`;
  });
  return [kind, ...plain].join(':');
}
