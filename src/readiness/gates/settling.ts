import { aged, type Settling, settlingOf } from '../../estate/dependencies/dependencies.ts';
import type { DependencyFinding } from '../../estate/dependencies/shape.ts';
import type { View } from '../../step/step.ts';
import type { GateFacts } from '../gate.ts';

/** Gates of their own that one machine or database has for what it depends on; the rest are one gate. */
const MOST = 12;

/**
 * What a machine or database depends on and nobody has settled, one gate each: a waiver covers the one address and port
 * that it was given for. The order of the plan against what was seen is a gate of its own.
 */
export function settlingGates(view: View, subject: string, now: number): GateFacts[] {
  const { findings, contradictions } = settlingOf(view, subject);
  const worst = findings.toSorted((a, b) => weight(a) - weight(b)).map(each => aged(each, now));
  const shown = worst.length > MOST ? worst.slice(0, MOST - 1) : worst;
  const rest = worst.slice(shown.length);
  return [
    ...shown.map(gateOf),
    ...(rest.length === 0 ? [] : [restOf(rest)]),
    ...(contradictions.length === 0 ? [] : [orderGate(subject, contradictions)]),
  ];
}

const isCritical = ({ kind }: DependencyFinding): boolean => kind !== 'unknown';
const weight = (finding: DependencyFinding): number => (isCritical(finding) ? 0 : 1);

const COST: Readonly<Record<DependencyFinding['kind'], string>> = {
  'soon-dead': 'it boots at the target and calls an address that is gone with the source site',
  lost: 'it boots at the target without something that it needs',
  unknown: 'nobody knows whether it works at the target until users say so',
};

const gateOf = (finding: DependencyFinding): GateFacts => ({
  check: finding.check,
  title: 'What it depends on is settled',
  severity: isCritical(finding) ? 'critical' : 'warning',
  verdict: 'fail',
  evidence: [`${finding.what}: ${finding.why}`, ...finding.evidence],
  evidenceAt: finding.seenAt === 0 ? undefined : finding.seenAt,
  remedy: finding.next,
  costOfIgnoring: COST[finding.kind],
});

const restOf = (rest: readonly DependencyFinding[]): GateFacts => ({
  check: 'depends-more',
  title: 'Everything else that it depends on is settled',
  severity: rest.some(isCritical) ? 'critical' : 'warning',
  verdict: 'fail',
  evidence: rest.map(({ what }) => what),
  evidenceAt: Math.max(...rest.map(({ seenAt }) => seenAt)),
  remedy: [
    'see all of them: landfall dependencies <the plan file>',
    'then name them below external, or evacuate them, too',
  ],
  costOfIgnoring: 'nobody has said what becomes of them',
});

const orderGate = (subject: string, contradictions: Settling['contradictions']): GateFacts => ({
  check: 'order',
  title: 'It comes up after what it was seen to need',
  severity: 'warning',
  verdict: 'fail',
  evidence: contradictions.map(
    ({ needs, why }) => `${subject} comes up before ${needs}, which it needs: ${why}`,
  ),
  remedy: contradictions.flatMap(({ next }) => next.map(line => `write ${line}`)),
  costOfIgnoring: 'it starts before its server is there, and fails or waits',
});
