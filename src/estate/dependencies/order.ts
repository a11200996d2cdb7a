import { cutoverOrder } from '../../plan/cutover-order.ts';
import type { Plan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { circlesOf } from './circles.ts';
import { type Rank, rankOf } from './rank.ts';
import type { Dependencies, Dependency, OrderContradiction } from './shape.ts';

/** Services that a machine calls when it is up; nobody has to wait for them. */
const IN_PASSING = new Set([
  22, 161, 514, 5666, 6556, 9100, 9102, 9103, 9101, 10050, 10051, 123, 25, 587, 1514,
]);
const IN_ORDER: readonly Dependency['via'][] = [
  ...(['plan', 'share', 'dns', 'ldap', 'kerberos', 'iscsi', 'linked-server', 'cross-database'] as const),
];

/** Whether the one end must be up before the other. */
const orders = ({ via, port }: Dependency): boolean =>
  IN_ORDER.includes(via) || (via === 'socket' && !(port !== undefined && IN_PASSING.has(port)));

/**
 * The order that the dependencies ask for: nothing before what it needs; of what may come at the same time databases
 * before applications before front ends, then by the plan's own order. What needs itself in a circle is one of the waves.
 */
export function orderOf(
  view: View,
  edges: readonly Dependency[],
): Pick<Dependencies, 'order' | 'circles' | 'contradictions'> {
  const { plan } = view;
  const turns = cutoverOrder(plan);
  const place = new Map(turns.map(({ name }, index) => [name, index]));
  const needs = new Map<string, Set<string>>(turns.map(({ name }) => [name, new Set()]));
  const telling = edges.filter(orders);
  for (const { from, to } of telling)
    if ((to.kind === 'machine' || to.kind === 'database') && needs.has(to.name) && to.name !== from)
      needs.get(from)?.add(to.name);
  const groups = circlesOf([...needs.keys()], name => needs.get(name) ?? new Set<string>());
  const circles = groups.filter(({ length }) => length > 1).map(group => group.toSorted());
  return {
    order: wavesOf(groups, needs, name => rankOf(view, name), place),
    circles,
    contradictions: contradictionsOf(plan, telling, place, circles),
  };
}

function wavesOf(
  groups: readonly (readonly string[])[],
  needs: ReadonlyMap<string, ReadonlySet<string>>,
  rank: (name: string) => Rank,
  place: ReadonlyMap<string, number>,
): string[][] {
  const open = groups.map(group => ({ group, rank: Math.min(...group.map(rank)) }));
  const done = new Set<string>();
  const waves: string[][] = [];
  while (open.length > 0) {
    const free = open.filter(({ group }) =>
      group.every(name => [...(needs.get(name) ?? [])].every(each => done.has(each) || group.includes(each))),
    );
    const first = Math.min(...free.map(each => each.rank));
    const wave = free.filter(each => each.rank === first);
    for (const each of wave) open.splice(open.indexOf(each), 1);
    const names = wave.flatMap(({ group }) => group);
    for (const name of names) done.add(name);
    waves.push(names.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)));
  }
  return waves;
}

function contradictionsOf(
  plan: Plan,
  edges: readonly Dependency[],
  place: ReadonlyMap<string, number>,
  circles: readonly (readonly string[])[],
): OrderContradiction[] {
  const found = new Map<string, OrderContradiction>();
  for (const { from, to, via, evidence } of edges) {
    if (via === 'plan' || (to.kind !== 'machine' && to.kind !== 'database')) continue;
    const [mine, other] = [place.get(from), place.get(to.name)];
    if (mine === undefined || other === undefined || mine >= other) continue;
    if (circles.some(circle => circle.includes(from) && circle.includes(to.name))) continue;
    const key = `${from} ${to.name}`;
    if (found.has(key)) continue;
    found.set(key, {
      ...{ subject: from, needs: to.name },
      why: evidence[0] ?? `${from} was seen to use ${to.name}`,
      next: [lineFor(plan, from, to.name)],
    });
  }
  return [...found.values()];
}

function lineFor(plan: Plan, subject: string, needs: string): string {
  const where = Object.hasOwn(plan.machines, subject) ? 'machines' : 'databases';
  const after = (where === 'machines' ? plan.machines : plan.databases)[subject]?.after ?? [];
  return `${where}.${subject}.after: [${[...after, needs].join(', ')}]`;
}
