import type { Step } from '../step/step.ts';

type Node = Pick<Step, 'id' | 'needs'>;

/** The steps that need one of `ids`, directly or through others. */
export function behind(steps: readonly Node[], ids: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (let grew = true; grew; ) {
    grew = false;
    for (const { id, needs } of steps) {
      if (found.has(id) || !needs.some(need => ids.has(need) || found.has(need))) continue;
      found.add(id);
      grew = true;
    }
  }
  return found;
}

/** The steps that are meant, and what they need, directly or through others. */
export function neededBy<S extends Node>(steps: readonly S[], isMeant: (step: S) => boolean): Set<string> {
  const byId = new Map(steps.map(step => [step.id, step]));
  const found = new Set<string>();
  const waiting = steps.filter(isMeant).map(({ id }) => id);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(byId.get(id)?.needs ?? []));
  }
  return found;
}
