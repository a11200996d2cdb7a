import { mentions } from './text.ts';

interface Named {
  readonly name: string;
  readonly definition?: string;
}

/** What names another comes after it; a circle keeps the order it came in, for SQL Server has let it be made once. */
export function inOrder<T extends Named>(modules: readonly T[]): T[] {
  const ordered: T[] = [];
  const state = new Map<T, 'open' | 'done'>();
  const needs = (one: T): T[] =>
    modules.filter(
      other => other !== one && one.definition !== undefined && mentions(one.definition, other.name),
    );
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
