/** What came, what went and what stayed between two lists, by a key that is told once; the order is that of the lists. */
export function compare<T>(before: readonly T[], after: readonly T[], key: (item: T) => string) {
  const was = new Map(before.map(item => [key(item), item]));
  const is = new Map(after.map(item => [key(item), item]));
  return {
    added: [...is].filter(([name]) => !was.has(name)).map(([, item]) => item),
    removed: [...was].filter(([name]) => !is.has(name)).map(([, item]) => item),
    kept: [...is].flatMap(([name, item]): [T, T][] => {
      const old = was.get(name);
      return old === undefined ? [] : [[old, item]];
    }),
  };
}

/** `the address 10.0.0.1 is new`, `the address 10.0.0.2 is gone`. */
export function appeared(what: string, before: readonly string[], after: readonly string[]): string[] {
  const { added, removed } = compare(before, after, name => name);
  return [...added.map(name => `${what} ${name} is new`), ...removed.map(name => `${what} ${name} is gone`)];
}

/** One sentence where a value is another one; a value that one of two looks does not have is not compared. */
export function turned(what: string, was: string | undefined, is: string | undefined): string[] {
  return was === undefined || is === undefined || was === is
    ? []
    : [`${what} changed from ${was === '' ? 'none' : was} to ${is === '' ? 'none' : is}`];
}
