import { formatDuration } from '../../foundation/units.ts';
import type { View } from '../../step/step.ts';
import { ageOf, ago, EVIDENCE_MAX_AGE_MS } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { deadlineOf } from '../makes-it.ts';
import { openSteps, subjectOfStep } from '../open-steps.ts';
import { aroundGates } from './around.ts';
import { capacity } from './capacity.ts';
import { evacuationDrift } from './drift.ts';
import { mirrored } from './mirrored.ts';
import { namesGates } from './names.ts';
import { peopleGates } from './people.ts';

/** What of the world outside the journal the checks of an evacuation may know. */
export interface EvacuationOptions {
  /** Hash of the plan file as it lies on disk now. */
  readonly planHash?: string | undefined;
  /** When the cutover was last rehearsed to its end, epoch ms, by what other journals tell. */
  readonly rehearsedAt?: number | undefined;
}

/** Checks of the evacuation as a whole. */
export function evacuationGates(view: View, now: number, options: EvacuationOptions): GateFacts[] {
  return [
    planAccepted(view, options.planHash),
    deadlineAhead(view, now),
    journalRecent(view, now),
    sharedSteps(view),
    capacity(view, now),
    ...aroundGates(view, now),
    ...namesGates(view, now),
    ...evacuationDrift(view, now),
    mirrored(view, now),
    ...peopleGates(view, now, options.rehearsedAt),
  ];
}

function planAccepted({ plan, state }: View, planHash: string | undefined): GateFacts {
  const evacuation = state.evacuation;
  const differences = evacuation === undefined ? [] : planDifferences({ plan, state });
  const changed = evacuation !== undefined && planHash !== undefined && planHash !== evacuation.planHash;
  return {
    check: 'plan-accepted',
    title: 'The plan is the one that this evacuation accepted',
    severity: 'critical',
    verdict: evacuation === undefined ? 'unproven' : changed || differences.length > 0 ? 'fail' : 'pass',
    evidence:
      evacuation === undefined
        ? ['the evacuation has not begun: no plan has been accepted']
        : [
            `accepted plan ${evacuation.planHash}`,
            ...(planHash === undefined
              ? ['the plan file on disk was not compared']
              : changed
                ? [`the plan file is now ${planHash}`]
                : []),
            ...differences,
          ],
    evidenceAt: evacuation?.createdAt,
    remedy:
      evacuation === undefined
        ? 'begin the evacuation: landfall run <the plan file>'
        : 'read the difference, then accept it: landfall run <the plan file> --accept-plan',
    costOfIgnoring: 'what is ready is not what the plan asks for',
  };
}

/** Machines and databases that only one of the two sides knows. */
function planDifferences({ plan, state }: View): string[] {
  const compare = (what: string, planned: readonly string[], known: readonly string[]): string[] => {
    const [inPlan, inJournal] = [new Set(planned), new Set(known)];
    return [
      ...planned.filter(name => !inJournal.has(name)).map(name => `${what} ${name} is new in the plan`),
      ...known.filter(name => !inPlan.has(name)).map(name => `${what} ${name} is gone from the plan`),
    ];
  };
  return [
    ...compare('machine', Object.keys(plan.machines), state.evacuation?.machines ?? []),
    ...compare('database', Object.keys(plan.databases), state.evacuation?.databases ?? []),
  ];
}

function deadlineAhead(view: View, now: number): GateFacts {
  const earliest = deadlineOf(view);
  const left = earliest === undefined ? Number.NaN : earliest - now;
  return {
    check: 'deadline',
    title: 'The earliest credible loss of the source lies ahead',
    severity: 'warning',
    verdict: !Number.isFinite(left) ? 'unproven' : left > 0 ? 'pass' : 'fail',
    evidence: [
      !Number.isFinite(left)
        ? 'the deadline is counted from the start of the evacuation, which has not begun'
        : left > 0
          ? `${formatDuration(left)} are left`
          : `it passed ${formatDuration(-left)} ago: the source may be lost at any minute`,
    ],
    remedy: 'expect the loss of the source now: start no new full pass, keep what is verified',
    costOfIgnoring: 'a pass that is running when the source is lost leaves its replica between two states',
  };
}

const SILENCE_MS = 3600e3;

function journalRecent({ state }: View, now: number): GateFacts {
  const { lastSeq, lastAt, evacuation } = state;
  const age = ageOf(lastAt, now);
  const silent = age.kind === 'future' || age.ms > EVIDENCE_MAX_AGE_MS;
  const stalled = evacuation?.phase === 'running' && age.kind === 'past' && age.ms > SILENCE_MS;
  return {
    check: 'journal',
    title: 'The journal is recent',
    // A long pass writes nothing for hours, so an hour of silence is a question; a day of it is an answer.
    severity: lastSeq > 0 && stalled && !silent ? 'warning' : 'critical',
    verdict: lastSeq === 0 || silent || stalled ? 'unproven' : 'pass',
    evidence:
      lastSeq === 0
        ? ['the journal is empty']
        : [
            `event ${lastSeq} was written ${ago(lastAt, now)}`,
            ...(stalled ? ['the evacuation counts as running: its engine may have stopped'] : []),
          ],
    evidenceAt: lastSeq === 0 ? undefined : lastAt,
    remedy: ['see whether landfall still runs', 'if not, resume: landfall run <the plan file>'],
    costOfIgnoring: 'everything else on this page may be out of date',
  };
}

/** Failed steps that belong to no machine, such as the look at a hypervisor; those of machines have their own gate. */
function sharedSteps({ plan, state }: View): GateFacts {
  const failed = openSteps(state.steps).filter(
    step => step.status === 'failed' && !Object.hasOwn(plan.machines, subjectOfStep(step.id)),
  );
  const steps = failed.flatMap(step => step.error?.next ?? []);
  const ends = failed.map(step => step.endedAt ?? step.startedAt);
  return {
    check: 'shared-steps',
    title: 'No step that several machines share has failed',
    severity: 'warning',
    verdict: failed.length > 0 ? 'fail' : state.lastSeq === 0 ? 'unproven' : 'pass',
    evidence:
      failed.length > 0
        ? failed.flatMap(step => [
            `${step.id} failed: ${step.error?.what ?? 'no reason recorded'}`,
            ...(step.error?.evidence ?? []).slice(0, 1),
          ])
        : [state.lastSeq === 0 ? 'the journal is empty' : 'no failed step is recorded'],
    evidenceAt: ends.length === 0 ? undefined : Math.max(...ends),
    remedy: steps.length > 0 ? [...new Set(steps)] : 'run the evacuation again: landfall run <the plan file>',
    costOfIgnoring: 'the machines behind it do not get further',
  };
}
