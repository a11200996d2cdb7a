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
