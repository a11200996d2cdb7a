/** Maps of the state are plain objects keyed by names; a name may be `constructor`, so only own keys count. */

/** The value under an own key. */
export function get<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A copy with one more or one other entry. A computed key is always an own property, `__proto__` included. */
export function put<T>(map: Readonly<Record<string, T>>, key: string, value: T): Readonly<Record<string, T>> {
  return { ...map, [key]: value };
}
