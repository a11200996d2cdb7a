import type { View } from './step.ts';

export type Mover = 'files' | 'blocks';

/**
 * Who moves a machine now: what was chosen last; before that, what the plan says. As long as nothing has decided for an
 * `auto` machine it counts as moved by its files, which is what every machine was before there was a choice.
 */
export function moverOf({ plan, state }: View, machine: string): Mover {
  const chosen = Object.hasOwn(state.machines, machine) ? state.machines[machine]?.mover : undefined;
  if (chosen !== undefined) return chosen.mover;
  const planned = Object.hasOwn(plan.machines, machine) ? plan.machines[machine]?.mover : undefined;
  return planned === 'blocks' ? 'blocks' : 'files';
}
