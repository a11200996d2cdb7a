import type { App } from '../app.ts';
import type { View } from '../screen.ts';
import { type Ask, isLastField, type Overlay } from '../ui-state.ts';
import { tell, tellError } from './order.ts';

type Asked = Extract<Overlay, { kind: 'ask' }>;

/**
 * Puts a question over the screen. Nothing is done before it is answered; esc is no. What was typed into the same
 * question before it was left stands in it again.
 */
export function ask(app: App, question: Ask): void {
  const { view } = app.current();
  const kept = view.ui.kept?.[keptUnder(view, question)] ?? {};
  const values = [
    ...question.fields.map((each, index) => kept[index] ?? each.initial ?? ''),
    ...(question.confirm === undefined ? [] : ['']),
  ];
  show(app, { kind: 'ask', ask: question, values, field: 0, scroll: 0 });
}

const show = (app: App, overlay: Overlay | undefined): void => app.store.act({ type: 'overlay', overlay });

/** A question is known by what it is about: the same title in another evacuation is another one. */
const keptUnder = ({ snapshot }: View, { title }: Ask): string => `${snapshot?.name ?? ''}/${title}`;

/** Esc: nothing is done; what was typed is kept for the next time. A name that was typed to confirm is not. */
export function dismiss(app: App, { ask: question, values }: Asked): void {
  const { view } = app.current();
  const typed = Object.fromEntries(
    question.fields.flatMap(({ initial = '' }, index) => {
      const value = values[index] ?? '';
      return value === initial ? [] : [[index, value]];
    }),
  );
  show(app, undefined);
  app.store.act({ type: 'keep', key: keptUnder(view, question), values: typed });
  if (Object.keys(typed).length > 0)
    tell(app, 'nothing was done; what you typed is kept for when you ask for this again', 'plain');
}

/** What is wrong with one answer; undefined where it may be left. */
function fieldFault(question: Ask, values: readonly string[], field: number): string | undefined {
  const known = question.fields[field];
  const value = values[field] ?? '';
  if (known === undefined)
    return question.confirm === undefined || value === question.confirm
      ? undefined
      : `type ${question.confirm} exactly to confirm, or press esc`;
  if (value.trim() !== '') return known.check?.(value.trim());
  return known.optional === true ? undefined : `${known.label} is empty`;
}

/** The first answer that is wrong, and why; undefined where it may be done. */
function faultOf(question: Ask, values: readonly string[]): { field?: number; error: string } | undefined {
  for (const field of values.keys()) {
    const error = fieldFault(question, values, field);
    if (error !== undefined) return { field, error };
  }
  const error = question.check?.(values.slice(0, question.fields.length));
  return error === undefined ? undefined : { error };
}

/** To another field. What is wrong is said when a field is left for the next one; going back is always possible. */
export function turnField(app: App, overlay: Asked, by: 1 | -1): void {
  const { error: _, ...rest } = overlay;
  const { ask: question, values, field } = overlay;
  const isEmpty = (values[field] ?? '').trim() === '';
  const error = by === 1 && !isEmpty ? fieldFault(question, values, field) : undefined;
  if (error !== undefined && field < question.fields.length) show(app, { ...rest, error });
  else show(app, { ...rest, field: (field + by + values.length) % values.length });
}

/** Enter: on to the next field; in the last one, or where there is none, it is done. */
export async function answer(app: App): Promise<void> {
  const { overlay } = app.current().view.ui;
  if (overlay?.kind !== 'ask') return;
  const { ask: question, values, field } = overlay;
  const { error: _, ...rest } = overlay;
  if (!isLastField(overlay)) {
    const error = fieldFault(question, values, field);
    show(app, error === undefined ? { ...rest, field: field + 1 } : { ...rest, error });
    return;
  }
  const fault = faultOf(question, values);
  if (fault !== undefined) {
    show(app, { ...rest, ...fault });
    return;
  }
  app.store.act({ type: 'keep', key: keptUnder(app.current().view, question), values: {} });
  show(app, undefined);
  try {
    await question.submit(values.slice(0, question.fields.length));
  } catch (thrown) {
    tellError(app, thrown);
  }
}
