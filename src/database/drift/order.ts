import { mentions, wordsOf } from './text.ts';

interface Named {
  readonly name: string;
  readonly definition?: string;
}

/** What names another comes after it; a circle keeps the order it came in, for SQL Server has let it be made once. */
export function inOrder<T extends Named>(modules: readonly T[]): T[] {
  const ordered: T[] = [];
  const state = new Map<T, 'open' | 'done'>();
  const needs = namesIn(modules);
  // Chains of views may be longer than a stack is deep: the way down is kept here.
  for (const root of modules) {
    const way: { readonly module: T; readonly rest: T[] }[] = [];
    const enter = (module: T): void => {
      if (state.has(module)) return;
      state.set(module, 'open');
      way.push({ module, rest: needs(module) });
    };
    enter(root);
    for (let at = way.at(-1); at !== undefined; at = way.at(-1)) {
      const next = at.rest.shift();
      if (next !== undefined) enter(next);
      else {
        state.set(at.module, 'done');
        ordered.push(at.module);
        way.pop();
      }
    }
  }
  return ordered;
}

/** Each text is read once: there may be thousands of modules. Names that are no words are looked for one by one. */
function namesIn<T extends Named>(modules: readonly T[]): (one: T) => T[] {
  const byWord = Map.groupBy(modules, module => module.name.toLowerCase());
  const others = modules.filter(module => !wordsOf(module.name).has(module.name.toLowerCase()));
  return one => {
    const text = one.definition;
    if (text === undefined) return [];
    const named = [...wordsOf(text)].flatMap(word => byWord.get(word) ?? []);
    const found = new Set([...named, ...others.filter(other => mentions(text, other.name))]);
    found.delete(one);
    return [...found];
  };
}
