import type { Plan } from './schema.ts';

/** What comes up when, at cutover. */
export interface Turn {
  readonly name: string;
  readonly kind: 'machine' | 'database';
  readonly tier: string;
  /** From 1; everything of one wave may come up at the same time. */
  readonly wave: number;
  readonly after: readonly string[];
}

/**
 * The order in which everything comes up: nothing before what it waits for, then by the priority of its tier, then by
 * name. What waits for itself in a circle (the plan's check refuses that) comes last, in one wave.
 */
export function cutoverOrder(plan: Plan): Turn[] {
  const open = new Map(entriesOf(plan).map(each => [each.name, each]));
  const turns: Turn[] = [];
  for (let wave = 1; open.size > 0; wave += 1) {
    const free = [...open.values()].filter(({ after }) => !after.some(name => open.has(name)));
    const next = free.length > 0 ? free : [...open.values()];
    for (const each of next) open.delete(each.name);
    turns.push(...next.sort((a, b) => byUrgency(plan, a, b)).map(each => ({ ...each, wave })));
  }
  return turns;
}

type Entry = Omit<Turn, 'wave'>;

const entriesOf = ({ machines, databases }: Plan): Entry[] => [
  ...Object.entries(databases).map(([name, { tier, after }]) => ({
    name,
    kind: 'database' as const,
    tier,
    after,
  })),
  ...Object.entries(machines).map(([name, { tier, after }]) => ({
    name,
    kind: 'machine' as const,
    tier,
    after,
  })),
];

function byUrgency({ tiers }: Plan, a: Entry, b: Entry): number {
  const rank = ({ tier }: Entry): number =>
    (Object.hasOwn(tiers, tier) ? tiers[tier] : undefined)?.priority ?? Number.MAX_SAFE_INTEGER;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}
