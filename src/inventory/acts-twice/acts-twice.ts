import { harmless } from '../../foundation/text.ts';
import type { ActsTwiceFacts, NetworkConfigFacts } from '../../journal/facts.ts';
import { answered, type Sections } from '../guest/sections.ts';
import { cronParts, cronTables } from './cron.ts';
import { isHousekeepingTimer, knownUnit } from './known-units.ts';

/**
 * The double-run guard: what would act a second time if this machine ran at both sites. Undefined where the host told
 * neither of its units nor of its tables: silence is no "nothing".
 */
export function readActsTwice(
  sections: Sections,
  units: readonly string[] | undefined,
  network: readonly NetworkConfigFacts[],
): ActsTwiceFacts[] | undefined {
  const tables = answered(sections, 'cron');
  const timers = answered(sections, 'timers');
  if (tables === undefined && timers === undefined && units === undefined) return undefined;
  const all = [
    ...actingUnits(units ?? []),
    ...actingTimers(timers ?? ''),
    ...cronTables(tables ?? ''),
    ...cronParts(tables ?? ''),
    ...leases(network),
  ];
  return [...new Map(all.map(fact => [fact.name, fact])).values()];
}

function actingUnits(units: readonly string[]): ActsTwiceFacts[] {
  return [...new Set(units)].sort().flatMap(unit => {
    const known = knownUnit(unit);
    // A template is not started; its instances are, and they are listed by themselves.
    if (known === undefined || unit.includes('@.')) return [];
    return [{ kind: known.kind, name: unit, unit, detail: known.detail }];
  });
}

/** `systemctl list-timers`: the last two columns are the timer and what it starts. */
function actingTimers(text: string): ActsTwiceFacts[] {
  return text.split('\n').flatMap(line => {
    const [, timer, starts] = /(\S+\.timer)\s+(\S+)\s*$/.exec(line) ?? [];
    if (timer === undefined || starts === undefined || isHousekeepingTimer(timer)) return [];
    const kind = knownUnit(starts)?.kind ?? 'timer';
    return [
      {
        kind,
        name: harmless(timer),
        unit: harmless(timer),
        detail: `starts ${harmless(starts)} by the clock`,
      },
    ];
  });
}

/** An interface that asks for its address does so with the hardware address that both sites would share. */
function leases(network: readonly NetworkConfigFacts[]): ActsTwiceFacts[] {
  return network
    .filter(config => config.dhcp)
    .map(config => ({
      kind: 'lease',
      name: `${config.interface ?? 'an interface'} (${config.file})`,
      detail: 'asks for its address by DHCP',
    }));
}
