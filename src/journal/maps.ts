/** Maps of the state are plain objects keyed by names; a name may be `constructor`, so only own keys count. */

/** The value under an own key. */
export function get<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Maps that one fold made itself and that nobody else has seen yet: only these may be changed in place. */
export type OwnMaps = WeakSet<object>;

/**
 * The map with one more or one other entry: a copy, unless it is one of our own. A key is always an own property,
 * `__proto__` included.
 */
export function put<T>(
  map: Readonly<Record<string, T>>,
  key: string,
  value: T,
  own?: OwnMaps,
): Readonly<Record<string, T>> {
  if (own?.has(map) === true) {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
    return map;
  }
  const copy = { ...map, [key]: value };
  own?.add(copy);
  return copy;
}

/** The map without these entries; the same object where it has none of them. */
export function drop<T>(
  map: Readonly<Record<string, T>>,
  keys: readonly string[],
  own?: OwnMaps,
): Readonly<Record<string, T>> {
  const found = keys.filter(key => Object.hasOwn(map, key));
  if (found.length === 0) return map;
  const target: Record<string, T> = own?.has(map) === true ? map : { ...map };
  own?.add(target);
  for (const key of found) delete target[key];
  return target;
}
