import type { ActsTwiceFacts } from '../journal/facts.ts';
import { own } from '../readiness/copy.ts';
import type { View } from '../step/step.ts';

/** Something that must not run at both sites: held at the standby, and in every proof, until cutover. */
export interface HeldUnit {
  readonly name: string;
  /** `plan` where only the plan names it. */
  readonly kind: ActsTwiceFacts['kind'] | 'plan';
  /** What it would do a second time. */
  readonly detail: string;
}

/** What the inventory found and what the plan adds; undefined where an inventory without this was made, or none. */
export function heldUnitsOf({ plan, state }: View, machine: string): readonly HeldUnit[] | undefined {
  const found = own(state.machines, machine)?.observed?.guest.actsTwice;
  const named = own(plan.machines, machine)?.hold ?? [];
  if (found === undefined && named.length === 0) return undefined;
  const units = (found ?? []).map(({ kind, name, detail }): HeldUnit => ({ kind, name, detail }));
  const known = new Set(
    (found ?? []).flatMap(({ name, unit }) => [name, ...(unit === undefined ? [] : [unit])]),
  );
  return [
    ...units,
    ...named
      .filter(name => !known.has(name))
      .map((name): HeldUnit => ({ kind: 'plan', name, detail: 'the plan names it' })),
  ];
}
