import { unsupported } from '../errors.ts';

/**
 * Under SET ANSI_NULLS OFF `= NULL` and `= @variable` find NULLs: the double does not follow it there. Everything else is
 * the same under both.
 *
 * @param part of a statement: all that is below it is looked at, but no module that it only defines
 */
export function requireAnsiNulls(part: unknown, line: number): void {
  if (Array.isArray(part)) {
    for (const each of part) requireAnsiNulls(each, line);
    return;
  }
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return;
  if ('statement' in part && part.statement === 'create-module') return;
  if ('condition' in part && part.condition === 'compare' && 'left' in part && 'right' in part)
    if (mayBeNull(part.left) || mayBeNull(part.right))
      throw unsupported('a comparison with NULL or a variable under SET ANSI_NULLS OFF', line);
  for (const each of Object.values(part)) requireAnsiNulls(each, line);
}

const mayBeNull = (side: unknown): boolean =>
  typeof side === 'object' &&
  side !== null &&
  'node' in side &&
  (side.node === 'variable' ||
    (side.node === 'literal' &&
      'literal' in side &&
      typeof side.literal === 'object' &&
      side.literal !== null &&
      'kind' in side.literal &&
      side.literal.kind === 'null'));
