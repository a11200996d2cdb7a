import { LandfallError } from '../foundation/errors.ts';
import {
  createEvacuationDirectory,
  type EvacuationDirectory,
  listEvacuations,
  openEvacuationDirectory,
} from '../journal/directory.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { changedParts } from '../plan/changes.ts';
import { diffPlans } from '../plan/diff.ts';
import { parsePlan } from '../plan/load.ts';
import { resolveDeadline } from '../plan/resolve.ts';
import type { EvacuateOptions } from './evacuate.ts';
import { refuseAmidCutover } from './plan-amid-cutover.ts';

export interface OpenEvacuation {
  readonly directory: EvacuationDirectory;
  readonly journal: Journal;
}

/**
 * Opens the evacuation of a plan, or creates it: directory, lock, journal, frozen plan. Throws `state.locked` where
 * another landfall holds it and `plan.changed` where the plan is not the one that it was begun with.
 */
export async function openEvacuation(
  options: EvacuateOptions,
  onLockLost: () => void = () => {},
): Promise<OpenEvacuation> {
  const { plan, text } = options.plan;
  const exists = (await listEvacuations(options.root)).includes(plan.name);
  const directory = exists
    ? await openEvacuationDirectory(options.root, plan.name)
    : await createEvacuationDirectory(options.root, plan.name, { planText: text });
  const { user, host, pid, command } = options.owner;
  const journal = await openJournal({
    directory,
    owner: { pid, user, ...(command === undefined ? {} : { command }) },
    by: `${user}@${host}:${pid}`,
    clock: options.clock,
    redactor: options.redactor,
    takeOver: options.takeOver === true,
    onLockLost,
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
  });
  try {
    if (journal.state.evacuation === undefined) await begin(journal, options);
    else await acceptChange(journal, directory, options);
    return { directory, journal };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function begin(journal: Journal, options: EvacuateOptions): Promise<void> {
  const { plan, hash } = options.plan;
  const deadline = resolveDeadline(plan, options.clock.now());
  await journal.append({
    type: 'evacuation.created',
    name: plan.name,
    planHash: hash,
    rehearsal: plan.rehearsal,
    lab: plan.lab,
    landfall: options.landfallVersion,
    deadline: { earliest: deadline.earliestMs, expected: deadline.expectedMs },
    machines: Object.keys(plan.machines),
    databases: Object.keys(plan.databases),
  });
}

async function acceptChange(
  journal: Journal,
  directory: EvacuationDirectory,
  options: EvacuateOptions,
): Promise<void> {
  const { hash, text, file, plan } = options.plan;
  if (journal.state.evacuation?.planHash === hash) return;
  const frozen = await directory.frozenPlan(journal.state.evacuation?.planHash);
  const diff = diffPlans(frozen.text, text);
  if (options.acceptPlan !== true) {
    throw new LandfallError('plan.changed', {
      what: `the plan changed since the evacuation ${plan.name} began`,
      why: 'a run under another plan could build or copy what the first one did not mean',
      where: { file },
      evidence: diff.split('\n').slice(0, 40),
      next: [
        'read the difference; if it is meant: landfall run PLAN --accept-plan',
        `if not, restore the plan; the one in force is ${directory.path}/plan.yaml`,
      ],
    });
  }
  const machines = Object.keys(plan.machines);
  const databases = Object.keys(plan.databases);
  const before = parsePlan(frozen.text, { file, now: options.clock.now(), running: true });
  // A plan that this version cannot read any more may have said anything.
  const changed = before.ok ? { changed: changedParts(before.plan, plan) } : {};
  refuseAmidCutover(journal.state, plan, changed.changed ?? [], file);
  await directory.acceptPlan(text, diff, event =>
    journal.append({ ...event, machines, databases, ...changed }),
  );
}
