import { type ChecklistOptions, checklistOf } from '../checklist/index.ts';
import { sizingOf } from '../estate/sizing/sizing.ts';
import { harmlessValue } from '../foundation/harmless-value.ts';
import type { EvacuationState } from '../journal/state.ts';
import { own } from '../readiness/copy.ts';
import { exposureTotals } from '../readiness/exposure.ts';
import { blocks, type Gate } from '../readiness/gate.ts';
import { type GateOptions, gatesOf } from '../readiness/gates.ts';
import { groupExposures } from '../readiness/group-exposure.ts';
import { deadlineOf } from '../readiness/makes-it.ts';
import { runningSubjects } from '../readiness/open-steps.ts';
import { namePlanFile } from '../readiness/plan-file.ts';
import { triageOf } from '../readiness/triage/index.ts';
import { verdictOf, verdictWords } from '../readiness/verdict.ts';
import type { View } from '../step/step.ts';
import { cutoverFacts } from './cutover-facts.ts';
import { cutoverReport, isOver, overWords } from './cutover-phase.ts';
import { databaseRows } from './database-row.ts';
import type { HistoryReport } from './history.ts';
import { estateOf } from './inventory/estate.ts';
import { inventoryOf } from './inventory/inventory.ts';
import { recoveryOf } from './inventory/recovery/recovery.ts';
import { machineReport } from './machine.ts';
import { nextOf } from './next.ts';
import { ordersOf } from './orders.ts';
import { phaseTimes } from './phase-times.ts';
import { placedOf } from './placed.ts';
import { isoInstant } from './render.ts';
import { priorityOf } from './rows.ts';
import { subjectOf } from './say.ts';
import type {
  CheckReport,
  DeadlineReport,
  EvacuationReport,
  FailedStepReport,
  HypervisorReport,
  NotCoveredReport,
  Report,
  WaiverReport,
} from './shape.ts';

export interface ReportOptions extends GateOptions {
  /** Asks for the checklist of the cutover, made with these. */
  readonly checklist?: ChecklistOptions;
  /** Asks for triage. */
  readonly triage?: boolean;
  /** What the events told beside the state. */
  readonly history?: HistoryReport;
}

/** Turns the plan and the folded journal into the one model of all documents. Pure; `now` in epoch ms. */
export function reportOf(view: View, now: number, options: ReportOptions = {}): Report {
  const { plan, state } = view;
  const gates = gatesOf(view, now, options);
  const verdicts = verdictOf(gates);
  const bySubject = Map.groupBy(gates, each => `${each.scope}/${each.subject}`);
  const gatesFor = (scope: Gate['scope'], subject: string): Gate[] =>
    bySubject.get(`${scope}/${subject}`) ?? [];
  const judged = new Map(verdicts.subjects.map(each => [`${each.scope}/${each.subject}`, each]));
  const verdictFor = (scope: Gate['scope'], subject: string) => judged.get(`${scope}/${subject}`);
  const running = runningSubjects(state.steps);
  const groups = groupExposures(view, now);
  const over = isOver(cutoverReport(state.cutover))
    ? overWords(verdicts.of, state.cutover?.ended?.lost ?? [])
    : undefined;
  const waivers = waiverReports(gates, state.evacuation?.waivers ?? {});
  const machines = Object.entries(plan.machines)
    .map(([name, wanted]) =>
      machineReport({
        view,
        name,
        wanted,
        verdict: verdictFor('machine', name),
        gates: gatesFor('machine', name),
        running: running.has(name),
        now,
      }),
    )
    .sort((a, b) => priorityOf(plan, a.tier) - priorityOf(plan, b.tier));
  return harmlessValue({
    v: 1,
    generatedAt: now,
    generated: isoInstant(now),
    evacuation: evacuationReport(view),
    deadline: deadlineReport(view, now),
    verdict: {
      overall: verdicts.overall,
      line: over ?? verdicts.line,
      words: over ?? verdictWords(verdicts.overall, verdicts.notCovered, verdicts.waived),
      ready: verdicts.ready,
      of: verdicts.of,
      blocked: verdicts.blocked,
      unproven: verdicts.unproven,
      warnings: verdicts.warnings,
      ...(verdicts.waived === 0 ? {} : { waived: verdicts.waived }),
    },
    next: over === undefined ? [...ordersOf(view, now), ...nextOf(verdicts, machines)] : [],
    machines,
    databases: databaseRows(view, now).map(({ name, tier, status, exposureMs, rpoMs }) => {
      const owner = plan.databases[name]?.owner;
      return {
        name,
        tier,
        ...(owner === undefined ? {} : { owner }),
        status,
        ...(exposureMs === undefined ? {} : { exposureMs }),
        ...(rpoMs === undefined ? {} : { rpoMs }),
        verdict: verdictFor('database', name)?.verdict ?? 'unproven',
        gates: gatesFor('database', name),
      };
    }),
    hypervisors: hypervisorReports(view),
    exposure: { ...exposureTotals(machines.map(each => each.exposure)), currency: plan.currency },
    ...(groups.length === 0 ? {} : { groups }),
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
    ...(waivers.length === 0 ? {} : { waivers }),
    notes: state.evacuation?.notes ?? [],
    ...(state.links === undefined && state.surveys === undefined ? {} : { sizing: sizingOf(view, now) }),
    ...(options.triage === true ? { triage: triageOf(view, now) } : {}),
    ...(options.checklist === undefined ? {} : cutoverParts(view, now, options.checklist)),
    ...(options.history === undefined ? {} : { history: options.history }),
    ...(state.surroundings === undefined ? {} : { surroundings: state.surroundings }),
  });
}

function cutoverParts(
  view: View,
  now: number,
  options: ChecklistOptions,
): Pick<Report, 'checklist' | 'cutover' | 'timings' | 'phases' | 'recovery'> {
  return {
    checklist: checklistOf(view, now, options),
    cutover: cutoverFacts(view),
    ...(options.timings === undefined ? {} : { timings: options.timings }),
    phases: phaseTimes(view.state),
    recovery: recoveryOf(view, inventoryOf(view, now, estateOf(view, now)), now),
  };
}

function evacuationReport({ plan, state }: View): EvacuationReport {
  const known = state.evacuation;
  const cutover = cutoverReport(state.cutover);
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
    ...(known?.paused === undefined ? {} : { paused: known.paused }),
    ...(known?.throttle === undefined ? {} : { throttle: known.throttle }),
    ...(known?.held === undefined || known.held.length === 0 ? {} : { held: known.held }),
    ...(known?.mode === undefined ? {} : { mode: known.mode }),
    ...(cutover === undefined ? {} : { cutover }),
    ...(known?.mirrors === undefined ? {} : { mirrors: known.mirrors }),
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

function waiverReports(
  gates: readonly Gate[],
  waivers: NonNullable<EvacuationState['waivers']>,
): WaiverReport[] {
  const found = new Map(gates.flatMap(each => (each.waiver === undefined ? [] : [[each.id, each] as const])));
  return Object.entries(waivers).map(([id, { by, at, reason, until }]) => {
    const each = found.get(id);
    return {
      gate: id,
      subject: each?.subject ?? subjectOf(id),
      title: each?.title ?? id,
      by,
      at,
      reason,
      until,
      standing: each?.waiver?.standing ?? 'no-such-gate',
      ...(each?.waiver?.why === undefined ? {} : { why: each.waiver.why }),
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
