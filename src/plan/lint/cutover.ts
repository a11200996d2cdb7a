import { didYouMean } from '../../foundation/spelling.ts';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';

/** What would be found out on the day of the cutover: people whom nobody can call, units that are both stopped and kept. */
export function lintCutover(draft: Draft): Finding[] {
  return [...people(draft), ...units(draft)];
}

interface Named {
  readonly path: readonly (string | number)[];
  readonly name: string | undefined;
}

/** Names of people are free text; the ones that a contact bears can be called. */
function people({ contacts, cutover, machines, databases, dns }: Draft): Finding[] {
  const known = new Map(contacts.map(({ name }) => [name.toLowerCase(), name]));
  if (known.size === 0) return [];
  const named: Named[] = [
    { path: ['cutover', 'decides'], name: cutover?.decides },
    ...(cutover?.by_hand ?? []).map(({ owner }, at) => ({
      path: ['cutover', 'by_hand', at, 'owner'],
      name: owner,
    })),
    ...dns.map(({ owner }, at) => ({ path: ['dns', at, 'owner'], name: owner })),
    ...[...machines.entries].map(([key, { owner }]) => ({ path: ['machines', key, 'owner'], name: owner })),
    ...[...databases.entries].map(([key, { owner }]) => ({ path: ['databases', key, 'owner'], name: owner })),
  ];
  return named.flatMap(({ path, name }) => {
    if (name === undefined || known.has(name.toLowerCase())) return [];
    return [
      caution(path, `"${name}" is none of the contacts: the checklist has no number to call`, {
        suggestion: didYouMean(name, [...known.values()]) ?? 'add this name under contacts',
      }),
    ];
  });
}

function units({ machines }: Draft): Finding[] {
  return [...machines.entries].flatMap(([name, { stop, keep }]) =>
    stop.flatMap((unit, index) =>
      keep.includes(unit)
        ? [
            fault(
              ['machines', name, 'stop', index],
              'this unit is to be stopped and to be kept: a cutover can do only one',
              { value: unit, suggestion: 'remove it from "stop" or from "keep"' },
            ),
          ]
        : [],
    ),
  );
}
