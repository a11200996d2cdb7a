import type { Dependencies } from '../../../estate/dependencies/shape.ts';
import type { Drift } from '../../../estate/drift/shape.ts';
import type { Sizing } from '../../../estate/sizing/shape.ts';
import { formatBytes, formatDuration } from '../../../foundation/units.ts';
import { settledBy } from '../../../readiness/gates/drift.ts';
import type { View } from '../../../step/step.ts';
import type { BareFinding } from '../finding.ts';

/** Dependencies that somebody has to settle, and the order where it contradicts them. */
export function dependencyFindings({ findings, contradictions, circles }: Dependencies): BareFinding[] {
  return [
    ...findings.map(
      (each): BareFinding => ({
        id: `machine/${each.subject}/${each.check}`,
        kind: 'dependency',
        severity: each.kind === 'unknown' ? 'warning' : 'critical',
        subject: each.subject,
        what: each.what,
        why: each.why,
        evidence: each.evidence,
        next: each.next,
        seenAt: each.seenAt,
      }),
    ),
    ...contradictions.map(
      ({ subject, needs, why, next }): BareFinding => ({
        id: `order:${subject}:${needs}`,
        kind: 'order',
        severity: 'warning',
        subject,
        what: `it comes up before ${needs}, which it needs`,
        why,
        evidence: [],
        next,
      }),
    ),
    ...circles.map(
      (circle): BareFinding => ({
        id: `circle:${[...circle].toSorted().join('+')}`,
        kind: 'order',
        severity: 'note',
        subject: circle[0] ?? '',
        what: `${circle.join(', ')} need each other: no order brings one of them up after all that it needs`,
        evidence: [],
        next: ['choose who comes first, and say so with after: in the plan'],
      }),
    ),
  ];
}

/** All drift there is at `now` (epoch ms), with the waiver of the gate that speaks of it. */
export function driftFindings(view: View, all: readonly Drift[], now: number): BareFinding[] {
  const settled = settledBy(view, all, now);
  return all.map(({ kind: _kind, ...each }): BareFinding => {
    const { gate, waiver } = settled.get(each.id) ?? {};
    return {
      ...each,
      kind: 'drift',
      ...(gate === undefined ? {} : { gate }),
      ...(waiver?.standing === 'in-force' ? { waived: `${waiver.reason} (${waiver.by})` } : {}),
    };
  });
}

/** Only what stands in the way: that there is not time enough. */
export function sizingFindings(
  { fits, totalBytes, totalMs, leftMs, link }: Sizing,
  plan: string,
): BareFinding[] {
  if (fits !== false || totalMs === undefined) return [];
  return [
    {
      id: 'does-not-fit',
      kind: 'size',
      severity: 'critical',
      subject: plan,
      what: `${formatBytes(totalBytes)} need ${formatDuration(totalMs)}, and ${formatDuration(Math.max(0, leftMs))} are left`,
      why: 'not everything arrives before the earliest loss of the source',
      evidence: link?.bottleneck === undefined ? [] : [`the bottleneck: ${link.bottleneck}`],
      next: ['choose who goes first: landfall triage', 'a wider link, or fewer bytes: exclude: in the plan'],
      ...(link?.at === undefined ? {} : { seenAt: link.at }),
    },
  ];
}
