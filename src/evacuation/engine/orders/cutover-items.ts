import { type Checklist, cutoverStepId } from '../../../checklist/index.ts';
import { peopleOwe } from '../../../cutover/index.ts';
import type { EventOf } from '../../../journal/events.ts';
import type { CommandOf } from '../command.ts';
import {
  few,
  type Item,
  listOf,
  nameOf,
  openNeeds,
  refuseEarly,
  requireForward,
  requireItem,
  requireRunning,
} from './cutover-desk.ts';
import { type Decision, type Desktop, nothingToDo, reasonOf, refuse, retryEvents } from './decision.ts';

type Order = CommandOf<'cutover'>;

/** One item that landfall carries out, as soon as its turn comes. */
export function run(command: Order, desk: Desktop): Decision {
  requireForward(desk);
  const list = listOf(desk);
  const item = requireItem(desk, list, command);
  const { confirm } = command;
  const name = nameOf(desk);
  refuseLine(item, name);
  if (item.deed === undefined)
    throw refuse(`${item.id} is done by people`, [
      ...item.commands.map(({ host, line }) => `${host}: ${line}`),
      `then: landfall cutover ${name} tick ${item.id}`,
    ]);
  refuseDone(item, name);
  if (item.status === 'running') return nothingToDo(`${item.id} runs already.`);
  if (item.typed !== undefined && confirm !== item.typed && confirm !== name)
    throw refuse(
      `${item.id} needs the name ${item.typed}, typed`,
      [`landfall cutover ${name} run ${item.id} --confirm ${item.typed}`],
      item.why,
    );
  const failed = failedOf(desk, item);
  const waits = openNeeds(list, item);
  return {
    events: [
      {
        type: 'cutover.ordered',
        act: 'run',
        item: item.id,
        ...(confirm === undefined ? {} : { confirmed: confirm }),
      },
      ...retryEvents(failed),
    ],
    retry: failed,
    said:
      waits.length === 0
        ? `${item.id} begins${failed.length === 0 ? '' : ', once more'}.`
        : `${item.id} begins as soon as ${few(waits.map(({ id }) => id))} ${waits.length === 1 ? 'is' : 'are'} done.`,
  };
}

/** What people have done; in an abort, what they have taken back. */
export function tick(command: Order, desk: Desktop): Decision {
  const { aborted } = requireRunning(desk);
  const list = listOf(desk);
  const item = requireItem(desk, list, command);
  const name = nameOf(desk);
  if (aborted !== undefined) return takenBack(command, list, item, name);
  refuseLine(item, name);
  if (item.deed !== undefined)
    throw refuse(
      `${item.id} is not ticked off: landfall looks for itself whether it is so`,
      [
        `landfall cutover ${name} run ${item.id}${item.typed === undefined ? '' : ` --confirm ${item.typed}`}`,
      ],
      'what was done by hand counts: a run finds it done',
    );
  refuseDone(item, name);
  refuseEarly(list, item);
  return {
    events: [ticked(command, item, 'done')],
    said: `${item.id} is done; ${nextAfter(list, item)}`,
  };
}

/**
 * What landfall has tried and cannot do everywhere: on a machine without systemd people stop what writes. Whoever answers for
 * it gives a reason, and the last copy finds what still writes.
 */
const ANSWERED_FOR: ReadonlySet<Item['deed']> = new Set(['quiet']);

/** An item that is not needed this time, with the reason why. */
export function skip(command: Order, desk: Desktop): Decision {
  const { aborted } = requireRunning(desk);
  const list = listOf(desk);
  const item = requireItem(desk, list, command);
  const name = nameOf(desk);
  if (aborted !== undefined) return takenBack(command, list, item, name);
  refuseLine(item, name);
  refuseDone(item, name);
  if (!item.optional && !(item.status === 'failed' && ANSWERED_FOR.has(item.deed)))
    throw refuse(
      `${item.id} cannot be skipped`,
      [
        item.deed === undefined
          ? `once it is done: landfall cutover ${name} tick ${item.id}`
          : `landfall cutover ${name} run ${item.id}`,
        `or give the cutover up: landfall cutover ${name} abort --reason "..."`,
      ],
      'what comes after it rests on it',
    );
  if (command.reason === undefined)
    throw refuse(`skipping ${item.id} needs a reason`, [
      `landfall cutover ${name} skip ${item.id} --reason "..."`,
    ]);
  if (item.status === 'running')
    throw refuse(`${item.id} runs`, ['let it come to its end; it can be skipped where it fails']);
  refuseEarly(list, item);
  return {
    events: [ticked(command, item, 'skipped')],
    said: `${item.id} is skipped; ${nextAfter(list, item)}`,
  };
}

/** Deeds that look again at what is there, and add only what is missing. */
const ASKED_AGAIN: ReadonlySet<Item['deed']> = new Set(['quiet', 'last-copy', 'check', 'failback']);

/** A tick that was a mistake, a check that is to be made again. Nothing that was done to a server. */
export function reopen(command: Order, desk: Desktop): Decision {
  requireForward(desk);
  const list = listOf(desk);
  const item = requireItem(desk, list, command);
  const name = nameOf(desk);
  refuseLine(item, name);
  if (item.status !== 'done' && item.status !== 'skipped') return nothingToDo(`${item.id} is open already.`);
  if (item.deed !== undefined && !ASKED_AGAIN.has(item.deed) && item.status === 'done')
    throw refuse(
      `${item.id} was carried out and cannot be opened again`,
      [`give the cutover up: landfall cutover ${name} abort --reason "..."`],
      'what it changed stays changed',
    );
  const built = list.items.filter(
    each => each.needs.includes(item.id) && ['done', 'skipped', 'running'].includes(each.status),
  );
  if (built.length > 0)
    throw refuse(`${few(built.map(({ id }) => id))} came after ${item.id} already`, [
      built.every(({ deed }) => deed === undefined)
        ? `open it first: landfall cutover ${name} reopen ${built[0]?.id}`
        : `say what was wrong: landfall note ${name} "..."`,
    ]);
  return { events: [ticked(command, item, 'reopened')], said: `${item.id} is open again.` };
}

const ticked = (
  { reason, confirm }: Order,
  { id }: Item,
  outcome: EventOf<'cutover.item'>['outcome'],
): EventOf<'cutover.item'> => ({
  type: 'cutover.item',
  item: id,
  outcome,
  how: 'ticked',
  evidence: [],
  ...reasonOf(reason),
  ...(confirm === undefined ? {} : { confirmed: confirm }),
});

function takenBack(command: Order, { items }: Checklist, item: Item, name: string): Decision {
  if (item.status === 'undone') return nothingToDo(`${item.id} is taken back already.`);
  const owed = peopleOwe(items);
  if (!owed.includes(item))
    throw refuse(
      `the cutover is being taken back: ${item.id} is not waited for`,
      owed.length === 0
        ? [`see how far it is: landfall cutover ${name}`]
        : owed.map(({ id, rollback }) => `${rollback.join('; ')}, then: landfall cutover ${name} tick ${id}`),
    );
  return { events: [ticked(command, item, 'undone')], said: `${item.id} is taken back.` };
}

function refuseLine({ id }: Item, name: string): void {
  if (id === 'no-return')
    throw refuse('the point of no return is passed by an order of its own', [
      `landfall cutover ${name} no-return --confirm ${name}`,
    ]);
  if (id === 'gates')
    throw refuse('the gates were looked at when the cutover began', [`landfall status ${name}`]);
}

function refuseDone({ id, status, record }: Item, name: string): void {
  if (status !== 'done' && status !== 'skipped') return;
  throw refuse(`${id} is ${status} already${record === undefined ? '' : `, by ${record.by}`}`, [
    `where that was a mistake: landfall cutover ${name} reopen ${id}`,
  ]);
}

/** The step of an item that failed, and the steps of its subject that it needs. */
function failedOf({ state }: Desktop, item: Item): string[] {
  const own = cutoverStepId(item);
  const copies = item.deed === 'last-copy' ? `sync/${item.subject}/` : undefined;
  return Object.values(state.steps)
    .filter(({ status }) => status === 'failed')
    .map(({ id }) => id)
    .filter(id => id === own || (copies !== undefined && id.startsWith(copies)));
}

/** What comes next in the list once this one lies behind. */
function nextAfter({ items }: Checklist, { id: settled }: Item): string {
  const next = items.find(
    ({ id, status, needs }) =>
      id !== settled &&
      ['open', 'waiting', 'failed', 'ordered'].includes(status) &&
      needs.every(need => need === settled || isSettled(items, need)),
  );
  return next === undefined ? 'nothing else is due yet.' : `next: ${next.id} (${next.title}).`;
}

const isSettled = (items: Checklist['items'], id: string): boolean =>
  items.some(each => each.id === id && (each.status === 'done' || each.status === 'skipped'));
