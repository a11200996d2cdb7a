import { isInNetwork } from '../../../foundation/ip.ts';
import { formatBytes } from '../../../foundation/units.ts';
import type { CertificateFacts, DataServiceFacts } from '../../../journal/facts-survey.ts';
import type { MachinePlan, Plan } from '../../../plan/schema.ts';
import { own } from '../../../readiness/copy.ts';
import { deadlineOf } from '../../../readiness/makes-it.ts';
import { checkWords } from '../../cutover-facts.ts';
import { heldUnitsOf } from '../../held-units.ts';
import { instant } from '../../render.ts';
import { type Around, ageOf } from './around.ts';
import type { OwnPart } from './entry.ts';

export function machineEntry({ view, now }: Around, name: string, wanted: MachinePlan): OwnPart {
  const { plan, state } = view;
  const machine = own(state.machines, name);
  const guest = machine?.observed?.guest;
  const addresses = guest?.addresses ?? [];
  const role = wanted.role ?? wanted.description;
  const until = Math.max(deadlineOf(view) ?? now, now) + CERTIFICATES_FOR_MS;
  return {
    kind: 'machine',
    ...(role === undefined ? {} : { role }),
    hostnames: [...new Set([...(guest === undefined ? [] : [guest.hostname]), ...namesOf(wanted)])],
    ...(guest === undefined ? {} : { system: guest.os.pretty }),
    subnets: subnetsOf(plan, wanted, addresses),
    addressesBefore: addresses.length > 0 ? addresses : [wanted.source.address],
    addressesAfter: afterOf(plan, wanted),
    actsTwice: (heldUnitsOf(view, name) ?? []).map(({ name: unit, kind }) => `${unit} (${kind})`),
    certificates: (machine?.surveyed?.certificates ?? [])
      .filter(({ notAfter }) => notAfter < until)
      .map(each => certificateWords(each, now)),
    dataServices: (machine?.surveyed?.dataServices ?? []).map(serviceWords),
    checks: checksOf(wanted, guest),
    ...ageOf(machine?.observed?.at, now),
  };
}

/** A copy that serves for weeks must not meet the end of a certificate in its first ones. */
const CERTIFICATES_FOR_MS = 30 * 24 * 3600e3;

const namesOf = ({ source }: MachinePlan): string[] =>
  /^[0-9.]+$|:/.test(source.address) ? [] : [source.address];

function subnetsOf(plan: Plan, { target }: MachinePlan, addresses: readonly string[]): string[] {
  const at = own(plan.networks, target.network);
  const from = Object.entries(plan.networks).filter(
    ([name, { cidr }]) =>
      name !== target.network &&
      cidr !== undefined &&
      addresses.some(address => isInNetwork(address, cidr) === true),
  );
  const words = (name: string, cidr: string | undefined): string =>
    cidr === undefined ? name : `${name} ${cidr}`;
  const after = words(target.network, at?.cidr);
  return from.length === 0
    ? [`becomes ${after}`]
    : from.map(([name, { cidr }]) =>
        at?.replaces === undefined || at.replaces === name
          ? `${words(name, cidr)} becomes ${after}`
          : `${words(name, cidr)}: not mapped`,
      );
}

function afterOf(plan: Plan, { address_after: after, target }: MachinePlan): string[] {
  if (after !== undefined) return [after];
  const cidr = own(plan.networks, target.network)?.cidr;
  return [`asked of it once it is up, in ${target.network}${cidr === undefined ? '' : ` (${cidr})`}`];
}

export function certificateWords({ subject, names, path, notAfter }: CertificateFacts, now: number): string {
  const whom = names.length > 0 ? names.slice(0, 3).join(', ') : subject;
  return `${whom}: ${notAfter < now ? 'EXPIRED' : 'expires'} ${instant(notAfter)} (${path})`;
}

export function serviceWords({ engine, version, directories, bytes, replication }: DataServiceFacts): string {
  return [
    version === undefined ? engine : `${engine} ${version}`,
    ...(directories.length === 0 ? [] : [`in ${directories.join(', ')}`]),
    ...(bytes === undefined ? [] : [formatBytes(bytes)]),
    ...(replication === undefined ? [] : [replication]),
  ].join(', ');
}

type Guest = NonNullable<NonNullable<Around['view']['state']['machines'][string]['observed']>>['guest'];

/** What the plan has people look at; otherwise what listens there today is what has to listen there again. */
function checksOf({ checks }: MachinePlan, guest: Guest | undefined): string[] {
  const planned = checks.map(checkWords);
  if (planned.length > 0) return planned;
  const open = (guest?.sockets ?? []).filter(({ address }) => !/^(?:127\.|::1$)/.test(address));
  return [
    ...new Set(
      open.map(
        ({ protocol, port, process }) =>
          `${protocol} ${port} listens${process === undefined ? '' : ` (${process})`}, as at the source`,
      ),
    ),
  ];
}
