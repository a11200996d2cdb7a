import { listed } from '../../../foundation/spelling.ts';
import { counted } from '../../../foundation/units.ts';
import { dueProof, hasCopy, proofStepId } from '../../../prove/index.ts';
import { holdOf } from '../../held.ts';
import type { CommandOf } from '../command.ts';
import {
  type Decision,
  type Desktop,
  failedSteps,
  isRunning,
  machinesOf,
  nothingToDo,
  refuse,
  retryEvents,
  stepsAbout,
} from './decision.ts';

/**
 * Boots a throw-away overlay of the replica. The order is all that it takes: where the stage was held back, the order
 * is kept and waits for the approval, which begins nothing by itself.
 */
export function prove({ machine, reason }: CommandOf<'prove'>, desk: Desktop): Decision {
  const machines = machinesOf(desk, machine);
  const able = machines.filter(name => hasCopy(desk, name));
  const unable = machines.filter(name => !able.includes(name));
  if (able.length === 0)
    throw refuse(
      machine === undefined
        ? 'no machine has a complete copy yet that could boot'
        : `${machine} has no complete copy yet that could boot`,
      [
        'let its first pass end, then order the proof again',
        `what runs and what stands in the way: landfall status ${desk.plan.name}`,
      ],
    );
  const due = (name: string): boolean => dueProof(desk, name) !== undefined;
  const failed = failedProofs(desk, able);
  const asked = able.filter(name => !due(name));
  const under = able.filter(name => due(name) && !failed.some(step => step.startsWith(`prove/${name}/`)));
  const parts = [
    ...(asked.length > 0
      ? [`${counted(asked.length, 'machine')} ${asked.length === 1 ? 'is' : 'are'} to be proved`]
      : []),
    ...(failed.length > 0
      ? [
          `${counted(failed.length, 'proof')} that had failed to run ${failed.length === 1 ? 'is' : 'are'} tried again`,
        ]
      : []),
    ...(under.length > 0 ? [`the proof of ${listed(under)} is ordered or under way already`] : []),
    ...waits(desk, [...asked, ...under]),
    ...(unable.length > 0
      ? [`${listed(unable)} ${unable.length === 1 ? 'has' : 'have'} no complete copy yet`]
      : []),
  ];
  if (asked.length + failed.length === 0) return nothingToDo(`${parts.join('; ')}.`);
  return {
    events: [
      ...asked.map(name => ({
        type: 'proof.requested' as const,
        machine: name,
        reason: reason ?? `ordered by ${desk.by}`,
      })),
      ...retryEvents(failed),
    ],
    retry: failed,
    // What was built days ago is looked at before it is booted from; not under a copy that runs.
    recheck: asked.filter(name => !stepsAbout(desk, name).some(isRunning)),
    said: `${parts.join('; ')}.`,
  };
}

function failedProofs(desk: Desktop, machines: readonly string[]): string[] {
  return machines.flatMap(name => {
    const number = dueProof(desk, name);
    const open = number === undefined ? undefined : proofStepId(name, number);
    return failedSteps(desk, name).filter(step => step === open);
  });
}

/** Why a proof does not begin at once. */
function waits(desk: Desktop, machines: readonly string[]): string[] {
  const holds = machines.flatMap(
    name => holdOf({ id: `prove/${name}/proof`, phase: 'prove', subject: name }, desk.state) ?? [],
  );
  const held = holds[0];
  const copying = machines.filter(name =>
    stepsAbout(desk, name).some(step => isRunning(step) && step.phase === 'sync'),
  );
  return [
    ...(held === undefined
      ? []
      : [
          held.kind === 'approval'
            ? `the stage is held: landfall approve ${desk.plan.name} prove lets it begin`
            : `it waits: ${held.why}`,
        ]),
    ...(copying.length === 0
      ? []
      : [
          `the proof of ${listed(copying)} waits for the end of the copy that runs, and the next pass for the proof`,
        ]),
  ];
}
