import type { Turn } from '../plan/cutover-order.ts';
import type { Plan } from '../plan/schema.ts';
import type { View } from '../step/step.ts';
import type { ChecklistItem } from './types.ts';

/** An item before its commands and its allowance: what the sections write. */
export type Draft = Omit<ChecklistItem, 'allowanceMs' | 'allowanceFrom'> & {
  /** From the plan; rehearsals know better. */
  readonly plannedMs?: number;
};

/** What the sections are written from. */
export interface Setting {
  readonly view: View;
  readonly plan: Plan;
  readonly evacuation: string;
  readonly dark: boolean;
  /** Machines, first wave first. */
  readonly machines: readonly Turn[];
  readonly databases: readonly Turn[];
  readonly people: People;
}

export interface People {
  /** Who says that it begins, and that it is final. */
  readonly decides: string | undefined;
  machine(name: string): string | undefined;
  database(name: string): string | undefined;
}

/** The plan's owner of each part; where it names none whoever decides, and then the first person it would call. */
export function peopleOf(plan: Plan): People {
  const [first] = plan.contacts;
  const decides = plan.cutover.decides ?? first?.name;
  const forData = plan.contacts.find(({ role }) => /\b(?:sql|database|dba)\b/i.test(role));
  return {
    decides,
    machine: name => (Object.hasOwn(plan.machines, name) ? plan.machines[name] : undefined)?.owner ?? decides,
    database: name =>
      (Object.hasOwn(plan.databases, name) ? plan.databases[name] : undefined)?.owner ??
      forData?.name ??
      decides,
  };
}

const NOTHING: Pick<Draft, 'wave' | 'commands' | 'expected' | 'rollback' | 'needs' | 'optional'> = {
  wave: 1,
  commands: [],
  expected: [],
  rollback: [],
  needs: [],
  optional: false,
};

type Told = Omit<Partial<Draft>, 'owner'> &
  Pick<Draft, 'id' | 'section' | 'subject' | 'kind' | 'title'> & { readonly owner?: string | undefined };

/** A draft from what differs: an owner that nobody knows is absent. */
export function draft({ owner, ...told }: Told): Draft {
  return { ...NOTHING, ...told, ...(owner === undefined ? {} : { owner }) };
}

/** `web1` and, a second time, `web1 (2)`: what people may write twice stays apart. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map(name => {
    let unique = name;
    for (let n = 2; taken.has(unique); n += 1) unique = `${name} (${n})`;
    taken.add(unique);
    return unique;
  });
}
