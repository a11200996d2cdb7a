/**
 * Names in groups: those of one group need each other in a circle, all others stand alone. By Tarjan, without recursion:
 * a chain of a thousand machines is no reason to fall over. In the order of `names`, each group before what needs it.
 */
export function circlesOf(
  names: readonly string[],
  needsOf: (name: string) => ReadonlySet<string>,
): string[][] {
  const number = new Map<string, number>();
  const lowest = new Map<string, number>();
  const held = new Set<string>();
  const stack: string[] = [];
  const groups: string[][] = [];

  const enter = (name: string): { readonly name: string; readonly rest: Iterator<string> } => {
    number.set(name, number.size);
    lowest.set(name, number.size - 1);
    stack.push(name);
    held.add(name);
    return { name, rest: needsOf(name)[Symbol.iterator]() };
  };
  const sink = (name: string, to: number | undefined): void => {
    lowest.set(name, Math.min(lowest.get(name) ?? 0, to ?? Number.POSITIVE_INFINITY));
  };

  for (const start of names) {
    const trail = number.has(start) ? [] : [enter(start)];
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.rest.next();
      if (next.done !== true) {
        if (!number.has(next.value)) trail.push(enter(next.value));
        else if (held.has(next.value)) sink(top.name, number.get(next.value));
        continue;
      }
      trail.pop();
      const below = trail.at(-1);
      if (below !== undefined) sink(below.name, lowest.get(top.name));
      if (lowest.get(top.name) !== number.get(top.name)) continue;
      const group = stack.splice(stack.indexOf(top.name));
      for (const name of group) held.delete(name);
      groups.push(group);
    }
  }
  return groups;
}
