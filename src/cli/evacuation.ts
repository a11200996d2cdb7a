import { type Evacuated, type EvacuateOptions, evacuate } from '../evacuation/evacuate.ts';
import { outlookOf } from '../evacuation/planner.ts';
import type { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { createRedactor } from '../foundation/redact.ts';
import { listEvacuations } from '../journal/directory.ts';
import { readState } from '../journal/read-state.ts';
import { EMPTY_STATE } from '../journal/state.ts';
import { type LoadedPlan, readPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import { reportOf } from '../reports/model.ts';
import { passTable, statusTable } from '../reports/text.ts';
import type { Phase } from '../step/step.ts';
import { formatFailure } from './failure.ts';
import type { Io } from './io.ts';
import { planFile } from './paths.ts';
import { formatPreview, previewOf } from './preview.ts';
import { chooseWatcher } from './render/choose.ts';
import { createStyle } from './style.ts';
import { VERSION } from './version.ts';

export type ShowOptions = Pick<
  EvacuateOptions,
  'plan' | 'root' | 'phases' | 'acceptPlan' | 'takeOver' | 'anotherPass' | 'sshConfig' | 'onEvent'
> & { readonly json: boolean };

/** Runs an evacuation in this process while a watcher shows it. */
export async function evacuateAndShow(io: Io, options: ShowOptions): Promise<Evacuated> {
  const { json, onEvent, ...rest } = options;
  const style = createStyle(io.colour, io.unicode);
  const troubles: LandfallError[] = [];
  const watcher = chooseWatcher(io, style, options.plan.plan, json);
  try {
    return await evacuate({
      ...rest,
      agentSocket: io.env['SSH_AUTH_SOCK'],
      landfallVersion: VERSION,
      owner: io.process,
      clock: io.clock,
      random: io.random,
      redactor: createRedactor(),
      signal: io.signal,
      onEvent: (event, state) => {
        watcher.event(event, state);
        onEvent?.(event, state);
      },
      onSample: sample => watcher.sample(sample),
      onTrouble: error => troubles.push(error),
    });
  } finally {
    await watcher.end();
    for (const trouble of troubles) io.err(formatFailure(trouble, style));
  }
}

/** Prints what a run would do; facts come from the evacuation's journal where there is one. */
export async function dryRun(
  io: Io,
  { plan }: LoadedPlan,
  root: string,
  json: boolean,
  phases: readonly Phase[] = ['inventory', 'build', 'sync'],
): Promise<void> {
  const recorded = (await listEvacuations(root)).includes(plan.name)
    ? (await readState(root, plan.name)).state
    : EMPTY_STATE;
  const view = { plan, state: recorded };
  const steps = outlookOf(view, phases);
  if (json) {
    io.out(
      `${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, steps: previewOf(steps, view) })}\n`,
    );
    return;
  }
  const style = createStyle(io.colour, io.unicode);
  const known = Object.values(recorded.machines).filter(m => m.observed !== undefined).length;
  const total = Object.keys(plan.machines).length;
  io.out(formatPreview(steps, view, style));
  io.out(
    `\n${steps.length} steps. Nothing was executed and no host was contacted. ` +
      `Facts are recorded for ${known} of ${total} machines${known < total ? '; ‹…› marks what inventory has yet to find' : ''}.\n`,
  );
}

/** The table and the verdict after a run. */
export function printVerdict(
  io: Io,
  plan: Plan,
  { state, directory }: Evacuated,
  options: { readonly json: boolean; readonly passes: boolean },
): void {
  const report = reportOf({ plan, state }, io.clock.now());
  if (options.json) {
    io.out(`${JSON.stringify({ v: 1, type: 'report', report })}\n`);
    return;
  }
  const text = { width: io.columns, unicode: io.unicode };
  if (options.passes) io.out(`\n${passTable(report, text)}\n`);
  io.out(`\n${statusTable(report, text)}\n`);
  io.out(`journal, logs and inventories: ${directory}\n`);
  io.out(`next: landfall report ${plan.name}\n`);
}

/** What the run means for a script: failures first, then readiness. */
export function exitOf(io: Io, plan: Plan, { state, outcome }: Evacuated): ExitCode {
  if (outcome.cancelled) return EXIT.interrupted;
  if (outcome.failed.length > 0) {
    const hurt = new Set(
      Object.values(state.machines)
        .filter(m => m.failure !== undefined)
        .map(m => m.name),
    );
    return hurt.size < Object.keys(plan.machines).length && outcome.done.length > 0
      ? EXIT.partial
      : EXIT.failed;
  }
  return reportOf({ plan, state }, io.clock.now()).verdict.overall === 'ready' ? EXIT.ok : EXIT.notReady;
}

/** A plan to run: its deadline may have gone by only where its evacuation runs already. */
export async function readPlanToRun(io: Io, argument: string | undefined, root: string): Promise<LoadedPlan> {
  const file = await planFile(io, argument);
  const loaded = await readPlan(file, io.clock.now(), { running: true });
  return (await listEvacuations(root)).includes(loaded.plan.name) ? loaded : readPlan(file, io.clock.now());
}
