import { estateDrift } from '../../estate/drift/drift.ts';
import { machineDrift } from '../../estate/drift/machine.ts';
import type { Drift } from '../../estate/drift/shape.ts';
import type { View } from '../../step/step.ts';
import type { GateFacts } from '../gate.ts';

/** Gates of their own; what is beyond stands in one. */
const MOST_GATES = 12;

/** What has gates of its own already: disks against the replica, credentials, records. */
const ELSEWHERE: ReadonlySet<Drift['kind']> = new Set([
  ...(['disk-added', 'disk-removed', 'disk-resized', 'credential', 'ttl'] as const),
]);

/** One gate for each place where plan and reality differ, by its name, so that each is settled or waived by itself. */
export function driftGates(view: View, machine: string, now: number): GateFacts[] {
  return gatesFrom(machineDrift(view, machine, now).filter(({ kind }) => !ELSEWHERE.has(kind)));
}

/** The same for what belongs to no machine: the evacuation's own, and that of hypervisors. */
export function evacuationDrift(view: View, now: number): GateFacts[] {
  return gatesFrom(estateDrift(view, now).filter(({ kind }) => !ELSEWHERE.has(kind)));
}

function gatesFrom(all: readonly Drift[]): GateFacts[] {
  const rest = all.slice(MOST_GATES);
  const [first] = rest;
  return [
    ...all.slice(0, MOST_GATES).map(driftGate),
    ...(first === undefined
      ? []
      : [
          {
            ...driftGate(first),
            check: 'drift-more',
            severity: rest.some(({ severity }) => severity === 'critical')
              ? ('critical' as const)
              : ('warning' as const),
            evidence: rest.map(({ what }) => what),
            evidenceAt: Math.max(...rest.map(({ seenAt }) => seenAt)),
            remedy: ['settle the others first; read all of them: landfall drift <the plan file>'],
          },
        ]),
  ];
}

const driftGate = ({ id, severity, what, evidence, seenAt, next, why }: Drift): GateFacts => ({
  check: `drift-${id.replaceAll(':', '-')}`,
  title: 'Plan and reality agree',
  severity,
  verdict: 'fail',
  evidence: [what, ...evidence],
  evidenceAt: seenAt,
  remedy: next.length === 0 ? ['look again: landfall inventory <the plan file>'] : next,
  costOfIgnoring: why,
});
