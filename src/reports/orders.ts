import { own } from '../readiness/copy.ts';
import type { View } from '../step/step.ts';
import { cutoverReport, cutoverWords, isLive } from './cutover-phase.ts';
import { nameOf } from './say.ts';
import type { NextReport } from './shape.ts';
import { stagesOf } from './stages.ts';

/** What engineers have ordered to wait, and the command that lets it go on: nothing else comes before it. */
export function ordersOf(view: View, now: number): NextReport[] {
  return [
    ...liveCutover(view, now),
    ...pausedEvacuation(view),
    ...heldStages(view, now),
    ...pausedMachines(view),
  ];
}

const evacuationName = ({ plan, state }: View): string => state.evacuation?.name ?? plan.name;

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);

function entry(
  facts: Pick<NextReport, 'what' | 'subjects' | 'severity' | 'costOfIgnoring'>,
  steps: readonly string[],
): NextReport {
  return { ...facts, evidence: [], remedy: steps.join('; '), steps };
}

/** While a cutover is under way, nothing comes before its next step. */
function liveCutover(view: View, now: number): NextReport[] {
  const report = cutoverReport(view.state.cutover);
  if (report === undefined || !isLive(report)) return [];
  const name = evacuationName(view);
  return [
    entry(
      {
        what: cutoverWords(report, now),
        subjects: [name],
        severity: 'critical',
        costOfIgnoring:
          report.phase === 'aborting'
            ? 'users wait until everything is taken back'
            : 'users wait: whatever was stopped stays stopped until it goes on or is aborted',
      },
      [`see whose turn it is: landfall cutover ${name}`],
    ),
  ];
}

function pausedEvacuation(view: View): NextReport[] {
  const paused = view.state.evacuation?.paused;
  if (paused === undefined) return [];
  const name = evacuationName(view);
  return [
    entry(
      {
        what: `${nameOf(paused.by)} paused everything${because(paused.reason)}`,
        subjects: [name],
        severity: 'critical',
        costOfIgnoring: 'no copy is made, and what would be lost grows with every minute',
      },
      [`let it go on: landfall resume ${name}`],
    ),
  ];
}

function heldStages(view: View, now: number): NextReport[] {
  const held = view.state.evacuation?.held ?? [];
  if (held.length === 0) return [];
  const name = evacuationName(view);
  return stagesOf(view, now)
    .filter(
      ({ phase, state, of }) =>
        held.includes(phase) && of > 0 && state !== 'done' && state !== 'to-come' && state !== 'idle',
    )
    .map(({ phase }) =>
      entry(
        {
          what: `the stage ${phase} waits for approval`,
          subjects: [name],
          severity: 'critical',
          costOfIgnoring: 'no machine gets further than the stage before it',
        },
        [`approve ${phase}: landfall approve ${name} ${phase}`],
      ),
    );
}

/** Machines that the same engineer paused for the same reason are one entry. */
function pausedMachines(view: View): NextReport[] {
  const paused = Object.keys(view.plan.machines).flatMap(machine => {
    const order = own(view.state.machines, machine)?.paused;
    return order === undefined
      ? []
      : [{ machine, what: `${nameOf(order.by)} paused it${because(order.reason)}` }];
  });
  return [...Map.groupBy(paused, each => each.what)].map(([what, group]) =>
    entry(
      {
        what,
        subjects: group.map(each => each.machine),
        severity: 'warning',
        costOfIgnoring: 'no copy is made any more, and what would be lost grows with every minute',
      },
      group.map(each => `let it go on: landfall resume ${evacuationName(view)} ${each.machine}`),
    ),
  );
}
