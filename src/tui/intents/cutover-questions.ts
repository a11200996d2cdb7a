import { counted, formatBytes } from '../../foundation/units.ts';
import type { App } from '../app.ts';
import type { ItemCommands } from '../outlook.ts';
import type { View } from '../screen.ts';
import { ageText } from '../screens/cells.ts';
import type { ListedItem } from '../screens/cutover-list.ts';
import { labelled, numbered } from '../screens/parts.ts';
import { type Line, span, wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { order } from './order.ts';

/** What is asked along the way of a cutover: what exactly will happen, a reason, a name that is typed. */

/** The exact commands of every item, as of now: only who looks at them has to load what makes them. */
export async function commandsNow(view: View): Promise<ItemCommands> {
  const { snapshot } = view;
  if (snapshot === undefined) return {};
  const { cutoverCommands } = await import('../../cutover/index.ts');
  return cutoverCommands({ plan: snapshot.plan, state: snapshot.state });
}

export function askBegin(app: App, asDark = false): void {
  const { view } = app.current();
  const { snapshot, outlook, gates } = view;
  if (snapshot === undefined || outlook === undefined) return;
  const { state, plan, name } = snapshot;
  const dark = asDark || state.evacuation?.mode?.mode === 'dark';
  const rehearse = plan.rehearsal || plan.lab || state.evacuation?.lab === true;
  const verdicts = gates?.verdicts();
  const isReady = verdicts?.overall === 'ready';
  const kind = rehearse ? 'a rehearsal of the cutover' : 'the cutover';
  ask(app, {
    title: `Begin ${kind}${dark ? ' without the source' : ''} of ${name}`,
    body: width => [
      ...(dark ? darkLines(view, width) : beginLines(width)),
      ...(verdicts === undefined ? [] : labelled('gates', verdicts.line, width, isReady ? 'good' : 'bad')),
      ...(isReady
        ? []
        : wrap(
            'Gates are open. The name and a reason put them on record as begun over; 7 shows each of them.',
            width,
            'warn',
          )),
    ],
    fields: [{ label: 'reason', optional: isReady }],
    confirm: name,
    action: 'begin it',
    submit: async ([reason = '']) =>
      void (await order(app, {
        kind: 'cutover',
        act: 'begin',
        confirm: name,
        ...(rehearse ? { rehearse } : {}),
        ...(dark ? { dark } : {}),
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      })),
  });
}

const beginLines = (width: number): Line[] => [
  ...wrap(
    'Nothing is stopped by this: it opens the checklist. Every machine is stopped by an item of its own, with a name that is typed.',
    width,
  ),
  ...wrap('Until the point of no return an abort gives everything back, without a full copy.', width),
];

/** The loss is said before, machine by machine: it is the same afterwards. */
function darkLines({ rows, databases }: View, width: number): Line[] {
  return [
    ...wrap(
      'The source is asked nothing any more: the copies start from their last verified pass. What was written later is lost:',
      width,
      'warn',
    ),
    ...rows.flatMap(({ name, exposure }) =>
      exposure.ageMs === undefined
        ? labelled(name, `everything: ${exposure.why ?? 'nothing is safe'}`, width, 'bad')
        : labelled(
            name,
            `${ageText(exposure.ageMs)}${exposure.bytes === undefined ? '' : ` ≈ ${formatBytes(exposure.bytes)}`}`,
            width,
            'warn',
          ),
    ),
    ...databases.flatMap(({ name, exposureMs }) =>
      labelled(
        name,
        exposureMs === undefined ? 'all of it' : ageText(exposureMs),
        width,
        exposureMs === undefined ? 'bad' : 'warn',
      ),
    ),
  ];
}

/** Goes on until people are needed. Where names have to be typed on the way the name of the evacuation stands for all of them. */
export async function askGo(app: App): Promise<void> {
  const { view } = app.current();
  const list = view.outlook?.checklist();
  const name = view.snapshot?.name;
  if (list === undefined || name === undefined) return;
  const line = list.items.findIndex(({ id }) => id === 'no-return');
  const part = list.phase === 'final' ? list.items.slice(line + 1) : list.items.slice(0, line);
  const todo = part.filter(
    ({ deed, status }) => deed !== undefined && deed !== 'gates' && status !== 'done' && status !== 'skipped',
  );
  const typed = todo.filter(each => each.typed !== undefined);
  const go = { kind: 'cutover', act: 'go' } as const;
  if (typed.length === 0) {
    await order(app, go);
    return;
  }
  ask(app, {
    title: 'Go on until people are needed',
    body: width => [
      ...wrap(
        `landfall runs what it can of ${counted(todo.length, 'item')}, in order, and waits wherever people are needed. > holds it again.`,
        width,
      ),
      ...labelled('stops', typed.map(({ subject }) => subject).join(', '), width, 'warn'),
      ...todo.map(({ title }): Line => [span(`  ${title}`)]),
    ],
    fields: [],
    confirm: name,
    action: 'go on',
    submit: async () => void (await order(app, { ...go, confirm: name })),
  });
}

/** The commands as they are now, then enter; or the name, where the item says so. */
export async function askRun(app: App, item: ListedItem): Promise<void> {
  const { view } = app.current();
  const known = await commandsNow(view);
  // Nothing runs by a key that was pressed before its commands could be seen.
  app.keys.forget();
  const commands = (Object.hasOwn(known, item.id) ? known[item.id] : undefined) ?? item.commands;
  const run = { kind: 'cutover', act: 'run', item: item.id } as const;
  ask(app, {
    title: item.title,
    body: width => [
      ...(item.why === undefined ? [] : wrap(item.why, width, 'muted')),
      [],
      ...commands.flatMap(({ host, line }, at) =>
        labelled(at === 0 ? 'commands' : '', `${host}: ${line}`, width),
      ),
      ...numbered('expected', item.expected, width),
      ...numbered('rollback', item.rollback, width),
    ],
    fields: [],
    ...(item.typed === undefined ? {} : { confirm: item.typed }),
    action: 'run it',
    submit: async () =>
      void (await order(app, item.typed === undefined ? run : { ...run, confirm: item.typed })),
  });
}

export function askSkip(app: App, item: ListedItem): void {
  ask(app, {
    title: `Skip ${item.id}`,
    body: width => [
      ...wrap(item.title, width),
      ...wrap('It is left out, with your name and the reason, here and on every report.', width, 'warn'),
    ],
    fields: [{ label: 'reason' }],
    action: 'skip it',
    submit: async ([reason = '']) =>
      void (await order(app, { kind: 'cutover', act: 'skip', item: item.id, reason })),
  });
}

export function askReopen(app: App, item: ListedItem): void {
  ask(app, {
    title: `Open ${item.id} again`,
    body: width => wrap(`It is ${item.status}. Opened again it has to be done, or ticked, once more.`, width),
    fields: [],
    action: 'open it again',
    submit: async () => void (await order(app, { kind: 'cutover', act: 'reopen', item: item.id })),
  });
}

export function askNoReturn(app: App): void {
  const { view } = app.current();
  const name = view.snapshot?.name;
  const list = view.outlook?.checklist();
  if (name === undefined || list === undefined) return;
  const line = list.items.find(({ id }) => id === 'no-return');
  const skipped = list.items.filter(({ status }) => status === 'skipped');
  ask(app, {
    title: line?.title ?? 'The point of no return',
    body: width => [
      ...wrap(line?.why ?? '', width, 'warn'),
      ...skipped.flatMap(({ id, record }, at) =>
        labelled(at === 0 ? 'skipped' : '', `${id}: ${record?.reason ?? 'without a reason'}`, width, 'warn'),
      ),
    ],
    fields: [],
    confirm: name,
    action: 'cross it',
    submit: async () => void (await order(app, { kind: 'cutover', act: 'no-return', confirm: name })),
  });
}

/** What was done is shown as it will be taken back. One reason, no name: an abort must be quick. */
export function askAbort(app: App): void {
  const list = app.current().view.outlook?.checklist();
  if (list === undefined) return;
  const done = list.items
    .filter(
      ({ status, rollback, deed }) =>
        (status === 'done' || status === 'running' || status === 'failed') &&
        deed !== undefined &&
        rollback.length > 0,
    )
    .reverse();
  ask(app, {
    title: 'Abort the cutover',
    body: width => [
      ...wrap(
        done.length === 0
          ? 'Nothing was done yet that has to be taken back.'
          : `${counted(done.length, 'item')} ${done.length === 1 ? 'is' : 'are'} taken back, last first. Copies stay as they are: no full copy is needed again.`,
        width,
      ),
      ...done.flatMap(({ id, rollback }) => labelled(id.slice(0, 11), rollback.join('; '), width)),
    ],
    fields: [{ label: 'reason' }],
    action: 'abort it',
    submit: async ([reason = '']) => void (await order(app, { kind: 'cutover', act: 'abort', reason })),
  });
}
