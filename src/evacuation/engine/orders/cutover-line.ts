import { isTakingBack } from '../../../checklist/index.ts';
import { counted } from '../../../foundation/units.ts';
import type { CommandOf } from '../command.ts';
import {
  failedSteps,
  few,
  listOf,
  nameOf,
  openNeeds,
  requireForward,
  requireRunning,
} from './cutover-desk.ts';
import { type Decision, type Desktop, nothingToDo, refuse, retryEvents } from './decision.ts';

/** From here on the copies are production. Only when all before it lies behind, and with the typed name. */
export function noReturn({ confirm, reason }: CommandOf<'cutover'>, desk: Desktop): Decision {
  const cutover = requireForward(desk);
  const name = nameOf(desk);
  if (cutover.noReturn !== undefined)
    return nothingToDo(`the point of no return was passed by ${cutover.noReturn.by} already.`);
  const list = listOf(desk);
  const line = list.items.find(({ id }) => id === 'no-return');
  const open = line === undefined ? [] : openNeeds(list, line);
  if (open.length > 0)
    throw refuse(
      `${counted(open.length, 'item')} before the point of no return ${open.length === 1 ? 'is' : 'are'} open`,
      [
        `do them, or skip what is not needed with a reason: ${few(open.map(({ id }) => id))}`,
        `or give the cutover up: landfall cutover ${name} abort --reason "..."`,
      ],
      'behind it nothing can be taken back',
    );
  if (confirm !== name)
    throw refuse(
      confirm === undefined
        ? 'the point of no return needs the name of the evacuation, typed'
        : `"${confirm.slice(0, 80)}" is not the name of this evacuation`,
      [`landfall cutover ${name} no-return --confirm ${name}`],
      'until here an abort gives everything back; from here on only a failback does',
    );
  return {
    events: [
      { type: 'cutover.no-return', confirmed: confirm },
      {
        type: 'cutover.item',
        item: 'no-return',
        outcome: 'done',
        how: 'ticked',
        evidence: [],
        confirmed: confirm,
        ...(reason === undefined ? {} : { reason }),
      },
    ],
    said: `the point of no return is passed: the copies are production${
      list.noReturnBefore === undefined ? '' : `; next: ${list.noReturnBefore}`
    }.`,
  };
}

/** Gives up before the line: everything goes back as it was, last first. Given again, what failed of it is tried again. */
export function abort({ reason, confirm }: CommandOf<'cutover'>, desk: Desktop): Decision {
  const cutover = requireRunning(desk);
  const name = nameOf(desk);
  if (cutover.noReturn !== undefined)
    throw refuse(
      `the point of no return was passed by ${cutover.noReturn.by}: there is no abort any more`,
      [
        `go on: landfall cutover ${name}`,
        `then lead everything home as an evacuation of its own: landfall failback ${name}`,
      ],
      'users may have written to the copies; the sources would not have it',
    );
  const failed = desk.steps
    .map(({ id }) => id)
    .filter(id => desk.state.steps[id]?.status === 'failed' && isTakingBack(id));
  if (cutover.aborted !== undefined)
    return failed.length === 0
      ? nothingToDo(`it is being taken back already, by the word of ${cutover.aborted.by}.`)
      : {
          events: retryEvents(failed),
          retry: failed,
          said: `${few(failed)} ${failed.length === 1 ? 'is' : 'are'} tried again.`,
        };
  if (reason === undefined)
    throw refuse('an abort needs a reason', [`landfall cutover ${name} abort --reason "..."`]);
  const recovered = desk.state.evacuation?.recovered;
  if (recovered !== undefined && recovered.at >= cutover.startedAt && confirm !== name)
    throw refuse(
      `this cutover was taken up again from ${recovered.from}, and nothing after ${new Date(recovered.lastAt).toISOString()} is known here: an abort of it needs the name of the evacuation, typed`,
      [
        'ask who was at the other machine whether the point of no return was passed',
        `only where it was not: landfall cutover ${name} abort --confirm ${name} --reason "..."`,
        'where it was: pass it here as well, and go on',
      ],
      'behind that line users may have written to the copies, and an abort throws away what they wrote',
    );
  const done = listOf(desk).items.filter(
    ({ status, deed, rollback }) => status === 'done' && deed !== undefined && rollback.length > 0,
  );
  const given = failedSteps(desk);
  return {
    // What had failed on the way forward stands in nobody's way any more.
    events: [{ type: 'cutover.aborted', reason }, ...retryEvents(given)],
    retry: given,
    interrupt: `the cutover was aborted by ${desk.by}`,
    said:
      done.length === 0
        ? 'the cutover is given up; nothing had been done that needs taking back.'
        : `the cutover is given up; taken back, last first: ${few(done.map(({ id }) => id).toReversed())}.`,
  };
}
