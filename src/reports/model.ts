import { harmless } from '../foundation/text.ts';
import type { Plan } from '../plan/schema.ts';
import { own } from '../readiness/copy.ts';
import { exposureTotals } from '../readiness/exposure.ts';
import { blocks, type Gate } from '../readiness/gate.ts';
import { type GateOptions, gatesOf } from '../readiness/gates.ts';
import { deadlineOf } from '../readiness/makes-it.ts';
import { namePlanFile } from '../readiness/plan-file.ts';
import { verdictOf, verdictWords } from '../readiness/verdict.ts';
import type { View } from '../step/step.ts';
import { machineReport } from './machine.ts';
import { nextOf } from './next.ts';
import { placedOf } from './placed.ts';
import { isoInstant } from './render.ts';
import type {
  CheckReport,
  DeadlineReport,
  EvacuationReport,
  FailedStepReport,
  HypervisorReport,
  NotCoveredReport,
  Report,
} from './shape.ts';

/** Turns the plan and the folded journal into the one model of all documents. Pure; `now` in epoch ms. */
export function reportOf(view: View, now: number, options: GateOptions = {}): Report {
  const { plan, state } = view;
  const gates = gatesOf(view, now, options);
  const verdicts = verdictOf(gates);
  const gatesFor = (scope: Gate['scope'], subject: string): Gate[] =>
    gates.filter(each => each.scope === scope && each.subject === subject);
  const verdictFor = (scope: Gate['scope'], subject: string) =>
    verdicts.subjects.find(each => each.scope === scope && each.subject === subject);
  const machines = Object.entries(plan.machines)
    .map(([name, wanted]) =>
      machineReport({
        view,
        name,
        wanted,
        verdict: verdictFor('machine', name),
        gates: gatesFor('machine', name),
        now,
      }),
    )
    .sort((a, b) => priority(plan, a.tier) - priority(plan, b.tier));
  return harmlessValue({
    v: 1,
    generatedAt: now,
    generated: isoInstant(now),
    evacuation: evacuationReport(view),
    deadline: deadlineReport(view, now),
    verdict: {
      overall: verdicts.overall,
      line: verdicts.line,
      words: verdictWords(verdicts.overall, verdicts.notCovered),
      ready: verdicts.ready,
      of: verdicts.of,
      blocked: verdicts.blocked,
      unproven: verdicts.unproven,
      warnings: verdicts.warnings,
    },
    next: nextOf(verdicts, machines),
    machines,
    databases: Object.entries(plan.databases).map(([name, { tier }]) => ({
      name,
      tier,
      verdict: verdictFor('database', name)?.verdict ?? 'unproven',
      gates: gatesFor('database', name),
    })),
    hypervisors: hypervisorReports(view),
    exposure: { ...exposureTotals(machines.map(each => each.exposure)), currency: plan.currency },
    gates: gates.filter(each => each.scope === 'evacuation'),
    notCovered: notCoveredReports(gates),
    checks: checkReports(gates),
    placed: placedOf(view),
    failedSteps: failedSteps(view),
    contacts: plan.contacts.map(({ name, role, phone, email }) => ({
      name,
      role,
      reach: [phone, email].filter(each => each !== undefined).join(', '),
    })),
    notes: state.evacuation?.notes ?? [],
  });
}

const priority = (plan: Plan, tier: string): number =>
  own(plan.tiers, tier)?.priority ?? Number.MAX_SAFE_INTEGER;

function evacuationReport({ plan, state }: View): EvacuationReport {
  const known = state.evacuation;
  // The plan and the journal must both deny it before the mark is left out.
  const lab = plan.lab || known?.lab === true;
  const rehearsal = plan.rehearsal || known?.rehearsal === true;
  const site = (role: 'source' | 'target'): string => {
    const found = Object.entries(plan.sites).find(([, each]) => each.role === role);
    return found === undefined ? 'unknown' : (found[1].location ?? found[0]);
  };
  return {
    name: plan.name,
    marks: [...(lab ? ['LAB'] : []), ...(rehearsal ? ['REHEARSAL'] : [])],
    lab,
    rehearsal,
    from: site('source'),
    to: site('target'),
    phase: known?.phase ?? 'not-begun',
    ...(known?.outcome === undefined ? {} : { outcome: known.outcome }),
    starts: known?.starts ?? 0,
    ...(known === undefined ? {} : { planHash: known.planHash, createdAt: known.createdAt }),
    lastSeq: state.lastSeq,
    ...(state.lastSeq === 0 ? {} : { lastEventAt: state.lastAt }),
  };
}

function deadlineReport(view: View, now: number): DeadlineReport {
  const { deadline } = view.plan;
  const earliest = deadlineOf(view);
  const expected =
    view.state.evacuation?.deadline.expected ??
    (deadline.expected.kind === 'at' ? deadline.expected.epochMs : undefined);
  return {
    ...(earliest === undefined ? {} : { earliestAt: earliest, leftMs: earliest - now }),
    ...(expected === undefined ? {} : { expectedAt: expected }),
    ...(deadline.reason === undefined ? {} : { reason: deadline.reason }),
  };
}

function hypervisorReports({ plan, state }: View): HypervisorReport[] {
  return Object.entries(plan.hypervisors).map(([name, { site }]) => {
    const seen = own(state.hypervisors, name);
    return {
      name,
      site,
      role: own(plan.sites, site)?.role ?? 'unknown',
      ...(seen === undefined
        ? {}
        : {
            observedAt: seen.observedAt,
            version: seen.version.replace(/^libvirt /i, ''),
            cpus: seen.cpus,
            memory: seen.memory,
          }),
      pools: Object.entries(seen?.pools ?? {}).map(([pool, { capacity, available }]) => ({
        name: pool,
        capacity,
        available,
      })),
    };
  });
}

function notCoveredReports(gates: readonly Gate[]): NotCoveredReport[] {
  const open = gates.filter(each => each.verdict === 'not-covered');
  return [...Map.groupBy(open, each => each.title)].flatMap(([title, group]) => {
    const first = group[0];
    if (first === undefined) return [];
    return [
      {
        title,
        subjects: group.map(each => each.subject),
        evidence: first.evidence.join('; '),
        remedy: first.remedy,
        costOfIgnoring: first.costOfIgnoring,
        blocks: group.some(blocks),
      },
    ];
  });
}

function checkReports(gates: readonly Gate[]): CheckReport[] {
  return gates.flatMap(({ subject, title, checkByHand }) =>
    checkByHand === undefined ? [] : [{ subject, title, command: checkByHand }],
  );
}

function failedSteps({ state }: View): FailedStepReport[] {
  return Object.values(state.steps)
    .filter(step => step.status === 'failed')
    .map(({ id, phase, attempts, endedAt, error }) => ({
      step: id,
      phase,
      attempts,
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(error === undefined ? {} : { error: { ...error, next: error.next.map(namePlanFile) } }),
    }));
}

/** Every text inside, made harmless: what comes from hosts reaches no sink otherwise. */
function harmlessValue<T>(value: T): T {
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return harmless(inner);
    if (Array.isArray(inner)) return inner.map(walk);
    if (inner !== null && typeof inner === 'object') {
      return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, walk(each)]));
    }
    return inner;
  };
  // The walk rebuilds exactly the shape it was given; only string leaves change.
  return walk(value) as T;
}
