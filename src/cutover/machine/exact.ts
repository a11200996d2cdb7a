import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import { doneTo } from './hands.ts';

/** Whether the copy of a machine is the last one: made of a quiet source, compared, nothing differing. */

export type Verified = NonNullable<MachineState['verified']>;

/**
 * What the system itself goes on writing on a machine that does nothing else: the record of our own logins, clocks,
 * seeds and leases. A copy may be behind in these; whoever reads the evidence is told in which.
 */
const SYSTEMS_OWN =
  /^\/var\/(?:log\/(?:journal|audit|sssd|chrony)(?:\/|$)|log\/(?:wtmp|btmp|lastlog|faillog|tallylog|wtmp\.db|lastlog\.db)$|lib\/(?:systemd|chrony|ntp|ntpsec|dhcp|dhclient|NetworkManager|sss|lastlog|wtmpdb|private\/systemd)(?:\/|$)|spool\/abrt(?:\/|$))/;

/** Of these paths those that somebody wrote who is not the system itself. */
export const notSystemsOwn = (paths: readonly string[]): string[] =>
  paths.filter(path => !SYSTEMS_OWN.test(path));

/** Whether blocks were compared: they tell that something was written since, not which file it is. */
export const isOfBlocks = ({ disks }: Verified): boolean => disks !== undefined;

/**
 * Paths that somebody wrote after the pass: what the copy lacks. Undefined where they are more than are on record. A
 * comparison of blocks names none: whoever relies on it asks the source (fresh-files.ts).
 */
export function lateWrites(verified: Verified): readonly string[] | undefined {
  if (isOfBlocks(verified)) return [];
  const named = verified.livePaths ?? [];
  if (named.length < verified.live) return undefined;
  return notSystemsOwn(named);
}

export const isExact = (verified: Verified): boolean =>
  verified.mismatches.length === 0 && lateWrites(verified)?.length === 0;

/** When nothing wrote any more: as landfall saw it, or when an engineer answered for it. Epoch ms. */
export function quietSince(view: Pick<View, 'state'>, machine: string): number | undefined {
  const seen = doneTo(view, machine).stopped?.quietAt;
  const item =
    view.state.cutover === undefined ? undefined : get(view.state.cutover.items, `quiet/${machine}`);
  const said = item === undefined || item.outcome === 'undone' ? undefined : item.at;
  return seen ?? said;
}

/** The comparison of a pass that began when nothing wrote any more; by landfall's own clock, not the source's. */
export function lastVerified(view: Pick<View, 'state'>, machine: string): Verified | undefined {
  const known = get(view.state.machines, machine);
  const since = quietSince(view, machine);
  const verified = known?.verified;
  const pass = known?.passes.find(each => each.pass === verified?.pass);
  return since !== undefined && pass !== undefined && pass.startedAt >= since ? verified : undefined;
}
