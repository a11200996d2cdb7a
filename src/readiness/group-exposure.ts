import type { Plan } from '../plan/schema.ts';
import type { View } from '../step/step.ts';
import { own, safeCopy } from './copy.ts';
import { databaseSince, isSettled } from './database-exposure.ts';
import { ageOf } from './evidence.ts';
import { exposureOf, isOverByCutover, lossInstant } from './exposure.ts';
import { bootFailed } from './proofs.ts';

/**
 * What would be lost of those that belong together. Copies of a group are only worth the oldest of them: an application
 * of noon beside a database of ten is one of ten.
 */
export interface GroupExposure {
  /** In the order of the plan. */
  readonly members: readonly string[];
  /** The newest instant of which every member has a copy that could be started, epoch ms; absent where one has none. */
  readonly since?: number;
  readonly ageMs?: number;
  /** Whose copy is the oldest. */
  readonly oldest?: string;
  /** Members without such a copy, each with the reason. */
  readonly missing: ReadonlyArray<{ readonly name: string; readonly why: string }>;
  /** Bytes written since then, of the members of which that is known. */
  readonly bytes?: number;
  readonly bytesUnknown: readonly string[];
  /** Hours since then times what the members cost an hour, in the plan's currency. */
  readonly money?: number;
  readonly moneyUnknown: readonly string[];
}

/** Who belongs together: whoever waits for another at cutover, directly or through others. Two at least. */
export function groupsOf(plan: Plan): string[][] {
  const names = [...Object.keys(plan.machines), ...Object.keys(plan.databases)];
  const known = new Set(names);
  const linked = new Map(names.map(name => [name, new Set<string>()]));
  for (const [name, { after }] of Object.entries(plan.machines))
    for (const other of after) {
      if (!known.has(other)) continue;
      linked.get(name)?.add(other);
      linked.get(other)?.add(name);
    }
  const seen = new Set<string>();
  return names.flatMap(name => {
    if (seen.has(name)) return [];
    const group = new Set<string>();
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (group.has(next)) continue;
      group.add(next);
      seen.add(next);
      open.push(...(linked.get(next) ?? []));
    }
    return group.size < 2 ? [] : [names.filter(each => group.has(each))];
  });
}

/** One for every group of the plan. `now` in epoch ms. */
export const groupExposures = (view: View, now: number): GroupExposure[] =>
  groupsOf(view.plan).map(members => groupExposure(view, members, now));

export function groupExposure(view: View, members: readonly string[], now: number): GroupExposure {
  const copies = members.map(name => ({ name, ...copyOf(view, name, now) }));
  const missing = copies.flatMap(({ name, why }) => (why === undefined ? [] : [{ name, why }]));
  const known = copies.flatMap(({ name, since }) => (since === undefined ? [] : [{ name, since }]));
  const oldest = known.toSorted((a, b) => a.since - b.since)[0];
  const none = { members, missing, bytesUnknown: members, moneyUnknown: members };
  if (missing.length > 0 || oldest === undefined) return none;

  const ageMs = Math.max(0, (lossInstant(view) ?? now) - oldest.since);
  const bytes = members.map(name => bytesSince(view, name, ageMs, now));
  const costs = members.map(name => costOf(view, name));
  return {
    members,
    since: oldest.since,
    ageMs,
    oldest: oldest.name,
    missing,
    ...sum('bytes', bytes),
    bytesUnknown: members.filter((_name, index) => bytes[index] === undefined),
    ...sum(
      'money',
      costs.map(cost => (cost === undefined ? undefined : (ageMs / 3600e3) * cost)),
    ),
    moneyUnknown: members.filter((_name, index) => costs[index] === undefined),
  };
}

/** Since when the copy of a member holds what it holds, or why there is none that could be started. */
function copyOf(view: View, name: string, now: number): { readonly since?: number; readonly why?: string } {
  const isDatabase = Object.hasOwn(view.plan.databases, name);
  const since = isDatabase ? databaseSince(own(view.state.databases, name)) : machineSince(view, name);
  if (typeof since === 'string') return { why: since };
  if (isDatabase ? isSettled(own(view.state.databases, name)) : isOverByCutover(view, name, since))
    return { since: now };
  if (ageOf(since, now).kind === 'future')
    return { why: 'the clock of this machine lies behind its own journal' };
  return { since };
}

function machineSince({ state }: View, name: string): number | string {
  const machine = own(state.machines, name);
  const copy = safeCopy(machine);
  if (copy.kind === 'none') return copy.why;
  return bootFailed(machine) ? 'its copy did not boot when it was last tried' : copy.since;
}

/** What a member has written since the instant of the group: what it has since its own copy, and before that as fast. */
function bytesSince(view: View, name: string, ageMs: number, now: number): number | undefined {
  if (!Object.hasOwn(view.plan.machines, name)) return undefined;
  const { bytes, dirtyRate, ageMs: own = ageMs } = exposureOf(view, name, now);
  if (bytes === undefined) return undefined;
  const before = Math.max(0, ageMs - own);
  if (before > 0 && dirtyRate === undefined) return undefined;
  return bytes + Math.round(((dirtyRate ?? 0) * before) / 1000);
}

function costOf({ plan }: View, name: string): number | undefined {
  const tier = (own(plan.machines, name) ?? own(plan.databases, name))?.tier;
  return tier === undefined ? undefined : own(plan.tiers, tier)?.cost_per_hour;
}

function sum<K extends string>(
  key: K,
  values: ReadonlyArray<number | undefined>,
): Partial<Record<K, number>> {
  const known = values.filter(value => value !== undefined);
  const total: Partial<Record<K, number>> = {};
  if (known.length > 0) total[key] = known.reduce((a, b) => a + b, 0);
  return total;
}
