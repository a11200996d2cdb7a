import type { Gate } from '../readiness/gate.ts';
import type { SubjectVerdict, Verdicts } from '../readiness/verdict.ts';
import type { MachineReport, NextReport } from './shape.ts';

/**
 * What to do next. Of each subject only the gate to work on: an open failure if there is one, otherwise the first
 * of the walk, because those after it follow from it. Same work for several subjects is one entry.
 */
export function nextOf(verdicts: Verdicts, machines: readonly MachineReport[]): NextReport[] {
  const order = new Map(machines.map((each, index) => [each.name, index]));
  const subjects = [...verdicts.subjects].sort((a, b) => rank(a, order) - rank(b, order));
  const all = verdicts.evacuation === undefined ? subjects : [verdicts.evacuation, ...subjects];
  const urgent = all.flatMap(each => gateToWorkOn(each) ?? []);
  const warnings = all.filter(each => each.blocking.length === 0).flatMap(each => each.warnings);
  return [...grouped(urgent), ...grouped(warnings)];
}

function rank(each: SubjectVerdict, order: ReadonlyMap<string, number>): number {
  if (each.scope === 'database') return order.size;
  return order.get(each.subject) ?? order.size;
}

function gateToWorkOn({ blocking }: SubjectVerdict): Gate | undefined {
  const failed = blocking.find(each => each.check === 'no-failure' && each.verdict === 'fail');
  return failed ?? blocking.find(each => each.verdict === 'fail') ?? blocking[0];
}

function grouped(gates: readonly Gate[]): NextReport[] {
  const groups = Map.groupBy(gates, each => `${each.scope}\0${each.check}\0${each.remedy}`);
  return [...groups.values()].flatMap(group => {
    const first = group[0];
    if (first === undefined) return [];
    return [
      {
        // One subject is told its own evidence, several the statement that does not hold for them.
        what: group.length === 1 ? (first.evidence[0] ?? first.title) : `not met: ${first.title}`,
        subjects: group.map(each => each.subject),
        severity: first.severity,
        remedy: first.remedy,
        costOfIgnoring: first.costOfIgnoring,
      },
    ];
  });
}
