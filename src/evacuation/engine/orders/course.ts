import { didYouMean, listed } from '../../../foundation/spelling.ts';
import { counted } from '../../../foundation/units.ts';
import { PHASES } from '../../../step/step.ts';
import type { CommandOf } from '../command.ts';
import { takeUp } from '../take-up.ts';
import { type Decision, type Desktop, isRunning, nothingToDo, reasonOf, refuse } from './decision.ts';

/** The course of the evacuation as a whole: approvals, notes, its end. */

export function approve({ phase }: CommandOf<'approve'>, { state, steps }: Desktop): Decision {
  const held = state.evacuation?.held ?? [];
  const order = PHASES.filter(each => held.includes(each));
  const first = order[0];
  if (!held.includes(phase)) {
    const known: readonly string[] = PHASES;
    if (!known.includes(phase))
      throw refuse(`there is no stage called ${phase}`, [didYouMean(phase, PHASES) ?? listed(PHASES)]);
    return nothingToDo(
      first === undefined
        ? `${phase} does not wait for approval, nor does any other stage.`
        : `${phase} does not wait for approval; ${listed(order)} ${order.length === 1 ? 'does' : 'do'}.`,
    );
  }
  if (first !== undefined && first !== phase)
    throw refuse(
      `${first} comes before ${phase} and waits for approval, too`,
      [`approve in this order: ${order.join(', ')}`],
      'a stage builds on what the one before it has done',
    );
  const waiting = steps.filter(
    step => step.phase === phase && state.steps[step.id]?.status !== 'done',
  ).length;
  const [, next] = order;
  return {
    events: [{ type: 'stage.approved', phase }],
    said: `${phase} may begin: ${counted(waiting, 'step')} of it ${waiting === 1 ? 'is' : 'are'} to do${next === undefined ? '' : `; ${next} waits for an approval of its own`}.`,
  };
}

export function note({ text }: CommandOf<'note'>, { state }: Desktop): Decision {
  const count = (state.evacuation?.notes.length ?? 0) + 1;
  return { events: [{ type: 'note.added', text }], said: `noted; ${counted(count, 'note')} in the journal.` };
}

export function stop({ confirm, reason }: CommandOf<'stop'>, { plan, state }: Desktop): Decision {
  if (confirm !== plan.name)
    throw refuse(
      `"${confirm.slice(0, 80)}" is not the name of this evacuation`,
      [`type its name to end the engine: ${plan.name}`],
      'nothing was stopped',
    );
  const copies = Object.values(state.steps).filter(each => each.phase === 'sync' && isRunning(each)).length;
  const again = takeUp({ name: plan.name, lab: state.evacuation?.lab === true });
  return {
    events: [{ type: 'stop.requested', ...reasonOf(reason) }],
    stop: true,
    said:
      copies === 0
        ? `the engine ends; no copy was running, and ${again} goes on from here.`
        : `the engine ends; ${counted(copies, 'copy', 'copies')} may go on on the hosts, where ${again} finds ${copies === 1 ? 'it' : 'them'} again.`,
  };
}
