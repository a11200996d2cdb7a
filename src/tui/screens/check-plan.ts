import type { Snapshot } from '../../evacuation/engine/session.ts';
import { counted, formatBitRate, formatDuration } from '../../foundation/units.ts';
import { databasesOn } from '../../journal/database-processes.ts';
import type { Plan } from '../../plan/schema.ts';
import { own } from '../../readiness/copy.ts';
import type { View } from '../screen.ts';
import type { Line } from '../text/line.ts';
import { labelled } from './parts.ts';
import { minuteOf } from './times.ts';

/** What the plan in force says, so that an engineer sees that it is the one they mean. */
export function planFacts({ snapshot, now }: View, width: number): Line[] {
  if (snapshot === undefined) return [];
  const { plan, state } = snapshot;
  const { machines, hypervisors } = plan;
  const deadline = state.evacuation?.deadline;
  const sizes = [
    counted(Object.keys(machines).length, 'machine'),
    databaseWords(snapshot),
    counted(Object.keys(hypervisors).length, 'hypervisor'),
  ];
  return [
    ...labelled('from', siteOf(plan, 'source'), width),
    ...labelled('to', siteOf(plan, 'target'), width),
    ...labelled('leaves', sizes.join(', '), width),
    ...labelled(
      'by',
      deadline === undefined
        ? 'counted from the start of the evacuation, which has not begun'
        : `earliest loss ${moment(deadline.earliest, now)}; expected ${moment(deadline.expected, now)}${plan.deadline.reason === undefined ? '' : ` (${plan.deadline.reason})`}`,
      width,
    ),
    ...labelled('link', linkWords(plan), width),
    ...labelled('tiers', tierWords(plan), width),
    ...labelled('files', snapshot.directory, width, 'muted'),
  ];
}

/** What the plan names, and what was seen beside it: nobody should read "0 databases" as "none". */
function databaseWords({ plan, state }: Snapshot): string {
  const named = counted(Object.keys(plan.databases).length, 'database');
  const seen = Object.keys(plan.machines).flatMap(name => {
    const guest = own(state.machines, name)?.observed?.guest;
    const products = guest === undefined ? [] : databasesOn(guest);
    return products.length === 0 ? [] : [`${name}: ${products.join(', ')}`];
  });
  if (seen.length === 0) return named;
  const runs = seen.length === 1 ? '1 machine runs one' : `${seen.length} machines run one`;
  return `${named} in the plan (${runs}: ${seen.join('; ')})`;
}

export function siteOf({ sites }: Plan, role: 'source' | 'target'): string {
  return (
    Object.entries(sites)
      .filter(([, site]) => site.role === role)
      .map(([name, { location }]) => (location === undefined ? name : `${name}, ${location}`))
      .join('; ') || 'no such site in the plan'
  );
}

/** An instant for people who work in several time zones, and how far it is. */
export function moment(at: number, now: number): string {
  return at > now
    ? `in ${formatDuration(at - now)} (${minuteOf(at)})`
    : `${formatDuration(now - at)} ago (${minuteOf(at)})`;
}

function linkWords({ link }: Plan): string {
  const windows =
    link.windows.length === 0 ? '' : `; other limits in ${counted(link.windows.length, 'window')} of the day`;
  const limit = link.limit === undefined ? 'no limit' : `at most ${formatBitRate(link.limit)}`;
  return `${limit}, ${counted(link.streams, 'pass', 'passes')} at a time${windows}`;
}

const tierWords = ({ tiers }: Plan): string =>
  Object.entries(tiers)
    .sort(([, a], [, b]) => a.priority - b.priority)
    .map(([name, { rpo, rto }]) => `${name} may lose ${formatDuration(rpo)}, be away ${formatDuration(rto)}`)
    .join('; ');
