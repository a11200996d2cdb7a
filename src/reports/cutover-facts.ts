import type { CutoverState, State } from '../journal/state.ts';
import type { CheckPlan, Plan } from '../plan/schema.ts';
import { own } from '../readiness/copy.ts';
import type { View } from '../step/step.ts';

/** What plan and state say around the cutover beyond the checklist itself. */
export interface CutoverFacts {
  /** Who says that it begins, and that it is final. */
  readonly decides?: string;
  /** When it is to begin. */
  readonly when: readonly string[];
  readonly tell: readonly string[];
  readonly tiers: ReadonlyArray<{
    readonly name: string;
    readonly priority: number;
    readonly rpoMs: number;
    readonly rtoMs: number;
    readonly costPerHour?: number;
  }>;
  /** Who needs whom, and who must answer on which port. */
  readonly interconnections: ReadonlyArray<{
    readonly subject: string;
    readonly kind: 'machine' | 'database';
    readonly owner?: string;
    readonly after: readonly string[];
    readonly listens: readonly string[];
    readonly addressNow?: string;
    readonly addressAfter?: string;
  }>;
  readonly records: ReadonlyArray<{
    readonly name: string;
    readonly type: string;
    readonly from: string;
    readonly to: string;
    readonly ttlMs?: number;
    readonly owner?: string;
  }>;
  /** What the plan wants to be true inside each copy, in words. */
  readonly validations: ReadonlyArray<{ readonly machine: string; readonly checks: readonly string[] }>;
  /** What is known to be lost, once it is over. */
  readonly lost?: readonly string[];
  readonly aborted?: NonNullable<CutoverState['aborted']>;
}

export function cutoverFacts({ plan, state }: View): CutoverFacts {
  const { cutover } = state;
  const decides = plan.cutover.decides ?? plan.contacts[0]?.name;
  return {
    ...(decides === undefined ? {} : { decides }),
    when: plan.cutover.when,
    tell: plan.cutover.tell,
    tiers: Object.entries(plan.tiers)
      .map(([name, { priority, rpo, rto, cost_per_hour }]) => ({
        name,
        priority,
        rpoMs: rpo,
        rtoMs: rto,
        ...(cost_per_hour === undefined ? {} : { costPerHour: cost_per_hour }),
      }))
      .sort((a, b) => a.priority - b.priority),
    interconnections: [...machineLinks(plan, state), ...databaseLinks(plan)],
    records: plan.dns.map(({ name, type, from, to, ttl, owner }) => ({
      name,
      type,
      from,
      to,
      ...(ttl === undefined ? {} : { ttlMs: ttl }),
      ...(owner === undefined ? {} : { owner }),
    })),
    validations: Object.entries(plan.machines).map(([machine, { checks }]) => ({
      machine,
      checks: checks.map(checkWords),
    })),
    ...(cutover?.ended === undefined ? {} : { lost: cutover.ended.lost }),
    ...(cutover?.aborted === undefined ? {} : { aborted: cutover.aborted }),
  };
}

const LISTENERS_SHOWN = 12;

const machineLinks = (plan: Plan, state: State): CutoverFacts['interconnections'] =>
  Object.entries(plan.machines).map(([subject, { after, owner, source, address_after }]) => {
    const sockets = own(state.machines, subject)?.observed?.guest.sockets ?? [];
    const listens = [
      ...new Set(
        sockets
          .filter(({ address }) => !/^(?:127\.|::1$)/.test(address))
          .map(
            ({ protocol, port, process }) =>
              `${protocol} ${port}${process === undefined ? '' : ` ${process}`}`,
          ),
      ),
    ];
    return {
      subject,
      kind: 'machine',
      ...(owner === undefined ? {} : { owner }),
      after,
      listens: [
        ...listens.slice(0, LISTENERS_SHOWN),
        ...(listens.length > LISTENERS_SHOWN ? [`${listens.length - LISTENERS_SHOWN} more`] : []),
      ],
      addressNow: source.address,
      ...(address_after === undefined ? {} : { addressAfter: address_after }),
    };
  });

const databaseLinks = (plan: Plan): CutoverFacts['interconnections'] =>
  Object.entries(plan.databases).map(([subject, { after, owner, publisher, subscriber }]) => ({
    subject,
    kind: 'database',
    ...(owner === undefined ? {} : { owner }),
    after,
    listens: [],
    addressNow: publisher.address,
    addressAfter: subscriber.address,
  }));

/** `tcp 443 accepts a connection`. */
export function checkWords(check: CheckPlan): string {
  if ('tcp' in check) return `port ${check.tcp} accepts a connection`;
  if ('http' in check)
    return `${check.http} answers ${check.status}${check.expect === undefined ? '' : ` and says "${check.expect}"`}`;
  return `"${check.command.join(' ')}" ends with 0${check.expect === undefined ? '' : ` and prints "${check.expect}"`}`;
}
