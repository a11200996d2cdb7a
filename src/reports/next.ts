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
  return [...grouped(urgent, machines), ...grouped(warnings, machines)];
}

function rank(each: SubjectVerdict, order: ReadonlyMap<string, number>): number {
  if (each.scope === 'database') return order.size;
  return order.get(each.subject) ?? order.size;
}

function gateToWorkOn({ blocking }: SubjectVerdict): Gate | undefined {
  const failed = blocking.find(each => each.check === 'no-failure' && each.verdict === 'fail');
  return failed ?? blocking.find(each => each.verdict === 'fail') ?? blocking[0];
}

function grouped(gates: readonly Gate[], machines: readonly MachineReport[]): NextReport[] {
  const groups = Map.groupBy(gates, each => `${each.scope}\0${each.check}\0${each.remedy}`);
  return [...groups.values()].flatMap(group => {
    const first = group[0];
    if (first === undefined) return [];
    const told = group.map(each => ({
      subject: each.subject,
      what: each.evidence[0] ?? each.title,
      details: detailsOf(each, machines),
    }));
    return [
      {
        ...statement(first.title, told),
        subjects: group.map(each => each.subject),
        severity: first.severity,
        remedy: first.remedy,
        steps: first.remedySteps,
        costOfIgnoring: first.costOfIgnoring,
      },
    ];
  });
}

interface Told {
  readonly subject: string;
  readonly what: string;
  readonly details: readonly string[];
}

/** What all subjects say is said once; where they differ, each keeps its own. */
function statement(title: string, told: readonly Told[]): Pick<NextReport, 'what' | 'evidence'> {
  const first = told[0];
  const same = (pick: (each: Told) => string): boolean => new Set(told.map(pick)).size === 1;
  const sameDetails = same(each => each.details.join('\0'));
  const details = sameDetails ? (first?.details ?? []) : [];
  if (first !== undefined && sameDetails && same(each => each.what))
    return { what: first.what, evidence: details };
  const own = told.flatMap(({ subject, what, details: lines }) => [
    `${subject}: ${what}`,
    ...(sameDetails ? [] : lines.map(line => `${subject}: ${line}`)),
  ]);
  return { what: `not met: ${title}`, evidence: [...own, ...details] };
}

/** What the failed program itself said: without it an engineer has to open the report to begin. */
function detailsOf(gate: Gate, machines: readonly MachineReport[]): string[] {
  if (gate.check === 'shared-steps') return gate.evidence.slice(1);
  const failure =
    gate.check === 'no-failure' ? machines.find(each => each.name === gate.subject)?.failure : undefined;
  return [failure?.evidence[0] ?? failure?.why ?? []].flat();
}
