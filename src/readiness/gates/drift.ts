import { checkOfDrift } from '../../estate/drift/build.ts';
import { estateDrift } from '../../estate/drift/drift.ts';
import { machineDrift } from '../../estate/drift/machine.ts';
import type { Drift } from '../../estate/drift/shape.ts';
import { get } from '../../journal/maps.ts';
import type { View } from '../../step/step.ts';
import { type GateFacts, type GateWaiver, gate } from '../gate.ts';
import { standingOf } from '../waivable.ts';

/** Gates of one machine, or of the evacuation; what is beyond stands in the last of them. */
const MOST_GATES = 12;

/** What has gates of its own already: disks against the replica, credentials, records. */
const ELSEWHERE: Partial<Record<Drift['kind'], string>> = {
  'disk-added': 'drift',
  'disk-removed': 'drift',
  'disk-resized': 'drift',
  credential: 'credentials',
  ttl: 'dns-ttl',
};

/** One gate for each place where plan and reality differ, by its name, so that each is settled or waived by itself. */
export const driftGates = (view: View, machine: string, now: number): GateFacts[] =>
  gatesFrom(machineDrift(view, machine, now));

/** The same for what belongs to no machine: the evacuation's own, and that of hypervisors. */
export const evacuationDrift = (view: View, now: number): GateFacts[] => gatesFrom(estateDrift(view, now));

/** The gate that speaks of a drift, by its id, and the waiver of it as it stands at `now` (epoch ms). */
export interface SettledBy {
  readonly gate: string;
  readonly waiver?: GateWaiver;
}

/** For each drift of `all`, which is all that there is, its gate. By id of the drift. */
export function settledBy({ plan, state }: View, all: readonly Drift[], now: number): Map<string, SettledBy> {
  const waivers = state.evacuation?.waivers ?? {};
  const owner = ({ kind, subject }: Drift): readonly ['machine' | 'evacuation', string] =>
    !OF_THE_ESTATE.has(kind) && get(plan.machines, subject) !== undefined
      ? ['machine', subject]
      : ['evacuation', plan.name];
  const groups = Map.groupBy(all, each => owner(each).join('/'));
  return new Map(
    [...groups.values()].flatMap(group => {
      const { shown, rest } = divided(group);
      return group.map((each): [string, SettledBy] => {
        const check = ELSEWHERE[each.kind];
        const facts = rest.includes(each) ? moreGate(rest) : driftGate(each);
        const [scope, subject] = owner(each);
        const found = gate(
          scope,
          subject,
          shown.includes(each) || check === undefined ? facts : { ...facts, check },
        );
        const waiver = get(waivers, found.id);
        return [
          each.id,
          { gate: found.id, ...(waiver === undefined ? {} : { waiver: standingOf(found, waiver, now) }) },
        ];
      });
    }),
  );
}

const OF_THE_ESTATE: ReadonlySet<Drift['kind']> = new Set([
  ...(['unlisted-domain', 'network-gone', 'pool-gone', 'processor', 'credential', 'ttl'] as const),
]);

/** The worst have gates of their own. */
function divided(all: readonly Drift[]): {
  readonly shown: readonly Drift[];
  readonly rest: readonly Drift[];
} {
  const weight = ({ severity }: Drift): number => (severity === 'critical' ? 0 : 1);
  const worst = all
    .filter(({ kind }) => ELSEWHERE[kind] === undefined)
    .toSorted((a, b) => weight(a) - weight(b));
  const shown = worst.length > MOST_GATES ? worst.slice(0, MOST_GATES - 1) : worst;
  return { shown, rest: worst.slice(shown.length) };
}

function gatesFrom(all: readonly Drift[]): GateFacts[] {
  const { shown, rest } = divided(all);
  return [...shown.map(driftGate), ...(rest.length === 0 ? [] : [moreGate(rest)])];
}

const moreGate = (rest: readonly Drift[]): GateFacts => ({
  check: 'drift-more',
  title: 'Plan and reality agree',
  severity: rest.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
  verdict: 'fail',
  evidence: rest.map(({ what }) => what),
  evidenceAt: Math.max(...rest.map(({ seenAt }) => seenAt)),
  remedy: ['settle the others first; read all of them: landfall drift <the plan file>'],
  costOfIgnoring: [...new Set(rest.map(({ why }) => why))].join('; '),
});

const driftGate = ({ id, severity, what, evidence, seenAt, next, why }: Drift): GateFacts => ({
  check: checkOfDrift(id),
  title: 'Plan and reality agree',
  severity,
  verdict: 'fail',
  evidence: [what, ...evidence],
  evidenceAt: seenAt,
  remedy: next.length === 0 ? ['look again: landfall inventory <the plan file>'] : next,
  costOfIgnoring: why,
});
