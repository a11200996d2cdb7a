import type { App } from '../app.ts';
import type { Ask } from '../ui-state.ts';
import { tellError } from './order.ts';

/** Puts a question over the screen. Nothing is done before it is answered; esc is no. */
export function ask(app: App, question: Ask): void {
  const values = [
    ...question.fields.map(each => each.initial ?? ''),
    ...(question.confirm === undefined ? [] : ['']),
  ];
  app.store.act({ type: 'overlay', overlay: { kind: 'ask', ask: question, values, field: 0, scroll: 0 } });
}

/** What is wrong with the answers; undefined where it may be done. */
export function faultOf(question: Ask, values: readonly string[]): string | undefined {
  const missing = question.fields.find(
    (each, index) => each.optional !== true && (values[index] ?? '').trim() === '',
  );
  const fields = values.slice(0, question.fields.length);
  const fault = question.check?.(fields) ?? (missing === undefined ? undefined : `${missing.label} is empty`);
  if (fault !== undefined) return fault;
  if (question.confirm !== undefined && values[question.fields.length] !== question.confirm) {
    return `type ${question.confirm} exactly to confirm, or press esc`;
  }
  return undefined;
}

/** Enter: on to the next empty field, or done. */
export async function answer(app: App): Promise<void> {
  const { overlay } = app.current().view.ui;
  if (overlay?.kind !== 'ask') return;
  const { ask: question, values, field } = overlay;
  const fault = faultOf(question, values);
  if (fault !== undefined) {
    // Enter in a field that is filled goes on to the next one first; a fault is told once all are.
    const next = field < values.length - 1 && (values[field] ?? '') !== '' ? field + 1 : field;
    const told = next === field ? { error: fault } : {};
    const { error, ...rest } = overlay;
    app.store.act({ type: 'overlay', overlay: { ...rest, field: next, ...told } });
    return;
  }
  app.store.act({ type: 'overlay', overlay: undefined });
  try {
    await question.submit(values.slice(0, question.fields.length));
  } catch (thrown) {
    tellError(app, thrown);
  }
}
