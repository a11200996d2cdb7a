import type { Plan, When } from './schema.ts';
import { minuteOfWeek, spansOf } from './week.ts';

/** Epoch milliseconds. */
export interface ResolvedDeadline {
  readonly earliestMs: number;
  readonly expectedMs: number;
}

/** The deadline as instants; distances count from the start of the evacuation (epoch milliseconds). */
export function resolveDeadline(plan: Plan, startMs: number): ResolvedDeadline {
  const instant = (when: When): number => (when.kind === 'at' ? when.epochMs : startMs + when.ms);
  return { earliestMs: instant(plan.deadline.earliest), expectedMs: instant(plan.deadline.expected) };
}

/** The name of the one source site. */
export const sourceSite = (plan: Plan): string => siteWith(plan, 'source');

/** The name of the one target site. */
export const targetSite = (plan: Plan): string => siteWith(plan, 'target');

function siteWith(plan: Plan, role: 'source' | 'target'): string {
  const found = Object.entries(plan.sites).find(([, site]) => site.role === role);
  if (found === undefined) throw new Error(`the loader let a plan pass without a ${role} site`);
  return found[0];
}

/**
 * What landfall may use of the link at an instant, in bytes per second; undefined where it may use all of it.
 * In a window its limit holds, where several overlap the smallest of them, elsewhere the limit of the link.
 */
export function linkLimitAt(plan: Plan, epochMs: number): number | undefined {
  const { windows, timezone, limit } = plan.link;
  if (windows.length === 0) return limit;
  const minute = minuteOfWeek(epochMs, timezone);
  const holding = windows.filter(window =>
    spansOf(window).some(({ from, to }) => from <= minute && minute < to),
  );
  return holding.length === 0 ? limit : Math.min(...holding.map(window => window.limit));
}

/**
 * The machines in the order in which they matter: nothing before what it waits for (`after`, databases included),
 * then by the priority of the tier, then by name.
 */
export function machineOrder(plan: Plan): string[] {
  const subjects = [
    ...Object.entries(plan.databases).map(([name, { tier, after }]) => ({
      name,
      tier,
      after,
      travels: false,
    })),
    ...Object.entries(plan.machines).map(([name, { tier, after }]) => ({ name, tier, after, travels: true })),
  ];
  const priority = (tier: string): number => plan.tiers[tier]?.priority ?? Number.POSITIVE_INFINITY;
  const waiting = subjects.sort(
    (a, b) => priority(a.tier) - priority(b.tier) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  const known = new Set(waiting.map(({ name }) => name));
  const placed = new Set<string>();
  const order: string[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ after }) =>
      after.every(other => placed.has(other) || !known.has(other)),
    );
    // The loader refuses cycles; should one come here all the same, the first of the rest breaks it.
    const [next] = waiting.splice(Math.max(0, ready), 1);
    if (next === undefined) break;
    placed.add(next.name);
    if (next.travels) order.push(next.name);
  }
  return order;
}
