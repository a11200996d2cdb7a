import { type Checklist, checklistOf } from '../../../checklist/index.ts';
import type { CutoverState } from '../../../journal/state.ts';
import type { CommandOf } from '../command.ts';
import { few, nameOf, requireForward } from './cutover-desk.ts';
import { type Decision, type Desktop, nothingToDo, refuse, retryEvents } from './decision.ts';

/** Everything that landfall can run, until something waits for people; items that need a typed name go along with it. */
export function go({ confirm }: CommandOf<'cutover'>, desk: Desktop): Decision {
  const cutover = requireForward(desk);
  const name = nameOf(desk);
  if (confirm !== undefined && confirm !== name)
    throw refuse(
      `"${confirm.slice(0, 80)}" is not the name of this evacuation`,
      [`landfall cutover ${name} go --confirm ${name}`],
      'typed with go, it stands for the names of all that is stopped',
    );
  const going: NonNullable<CutoverState['going']> = {
    by: desk.by,
    at: desk.now,
    ...(confirm === undefined ? {} : { confirmed: confirm }),
  };
  const after = checklistOf({ ...desk, state: { ...desk.state, cutover: { ...cutover, going } } }, desk.now);
  const failed = failedIn(desk, after);
  const same = cutover.going !== undefined && cutover.going.confirmed === confirm && failed.length === 0;
  if (same) return nothingToDo(`everything goes already: ${waitingFor(after)}.`);
  return {
    events: [
      { type: 'cutover.ordered', act: 'go', ...(confirm === undefined ? {} : { confirmed: confirm }) },
      ...retryEvents(failed),
    ],
    retry: failed,
    said: `landfall runs what it can${failed.length === 0 ? '' : `, ${few(failed)} once more`}: ${waitingFor(after)}.`,
  };
}

export function hold(_command: CommandOf<'cutover'>, desk: Desktop): Decision {
  const { going, ordered } = requireForward(desk);
  if (going === undefined && Object.keys(ordered).length === 0)
    return nothingToDo('nothing goes by itself: every item waits for an order of its own.');
  const running = checklistOf(desk, desk.now).items.filter(({ status }) => status === 'running');
  return {
    events: [{ type: 'cutover.ordered', act: 'hold' }],
    said: `nothing more begins by itself${running.length === 0 ? '' : `; ${few(running.map(({ id }) => id))} ${running.length === 1 ? 'comes' : 'come'} to an end`}.`,
  };
}

/** Steps of this cutover that have failed and are to be tried once more. */
export function failedIn({ state }: Desktop, list: Checklist): string[] {
  const subjects = new Set(
    list.items.filter(({ status }) => status === 'failed').map(({ subject }) => subject),
  );
  return Object.values(state.steps)
    .filter(({ status, id }) => status === 'failed' && subjects.has(id.split('/')[1] ?? ''))
    .map(({ id }) => id);
}

/** What runs next, and what the list waits for. */
export function waitingFor({ items, turn }: Checklist): string {
  const due = items.filter(
    ({ needs, status }) => status === 'ordered' && needs.every(need => done(items, need)),
  );
  const people = items.filter(({ id, status }) => status === 'open' && turn.includes(id));
  return [
    ...(due.length === 0 ? [] : [`next ${few(due.map(({ id }) => id))}`]),
    people.length === 0
      ? due.length === 0
        ? 'nothing is due yet'
        : 'nothing waits for people yet'
      : `${few(people.map(({ id }) => id))} ${people.length === 1 ? 'waits' : 'wait'} for people`,
  ].join('; ');
}

const done = (items: Checklist['items'], id: string): boolean =>
  items.some(each => each.id === id && (each.status === 'done' || each.status === 'skipped'));
