/** Names of temporary objects: tempdb keeps `#t` of every session under an inner name. */

export const isTemporary = (name: string): boolean => name.startsWith('#');

export const isGlobalTemporary = (name: string): boolean => name.startsWith('##');

/**
 * The name in `tempdb.dbo` of a temporary table that a session makes at a nest level (`@@NESTLEVEL`): filled up with
 * underscores to 128 characters, the last 12 tell sessions and levels apart. Whoever looks for `#t` asks for the level of
 * now, then for each one below it down to 0; what a procedure has made at its level goes when it returns.
 */
export function temporaryName(name: string, session: number, level: number): string {
  if (isGlobalTemporary(name)) return name;
  const place = session.toString(16).padStart(8, '0') + level.toString(16).padStart(4, '0');
  return name.padEnd(116, '_') + place.toUpperCase();
}

/** `#t` of an inner name; any other name as it is. */
export function shownTemporaryName(inner: string): string {
  if (inner.length !== 128 || !isTemporary(inner) || isGlobalTemporary(inner)) return inner;
  return inner.slice(0, 116).replace(/_+$/, '');
}
