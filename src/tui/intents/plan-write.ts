import { counted } from '../../foundation/units.ts';
import type { App } from '../app.ts';
import type { PlanDraft } from '../plan-draft.ts';
import { draftOf } from '../screens/plan.ts';
import { changeLines } from '../screens/plan-text.ts';
import { type Line, wrap } from '../text/line.ts';
import { ask, dismiss } from './asking.ts';
import { tell } from './order.ts';
import { update } from './plan-changes.ts';

/** The end of an edit: the file is written, or what was changed is left behind knowingly. */

export function askWrite(app: App): void {
  const draft = draftOf(app.current().view);
  if (draft === undefined) return;
  const { file, problems, read, text } = draft;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  ask(app, {
    title: read === undefined ? `Write a new plan: ${file}` : `Write the changes to ${file}`,
    body: width => [
      ...(errors === 0
        ? wrap('The plan is sound.', width, 'good')
        : wrap(
            `${counted(errors, 'place')} still to fill in or mend: it can be written, and cannot begin before that.`,
            width,
            'warn',
          )),
      ...wrap('Comments, order and formatting of the file stay.', width, 'muted'),
      [],
      ...(read === undefined
        ? wrap(`${text.split('\n').length - 1} lines, all of them new`, width)
        : changeLines(draft)),
    ],
    fields: [],
    action: `write ${file}`,
    submit: async () => write(app, draft),
  });
}

async function write(app: App, draft: PlanDraft): Promise<void> {
  const { savedDraft } = await import('../plan-draft.ts');
  await app.services.savePlan(draft.file, draft.text, draft.read);
  await update(app, now => savedDraft(now, draft.text, app.clock.now()));
  tell(app, `written: ${draft.file}`, 'good');
  void app.store.load('plans', app.services.plans());
}

/** Leaves the screens; a plan with changes that are not written asks first, and a second time it is meant. */
export function leave(app: App): void {
  const { view } = app.current();
  const draft = draftOf(view);
  const { overlay } = view.ui;
  if (draft?.isChanged !== true || (overlay?.kind === 'ask' && overlay.ask.leaves === true)) {
    app.terminal.quit();
    return;
  }
  if (overlay?.kind === 'ask') dismiss(app, overlay);
  const body = (width: number): Line[] =>
    wrap(
      `The changes of ${draft.file} are not written and would be lost. esc goes back; there, w writes.`,
      width,
      'warn',
    );
  ask(app, {
    title: `${draft.file} is not written`,
    body,
    fields: [],
    action: 'leave without writing',
    leaves: true,
    submit: () => {
      app.terminal.quit();
      return Promise.resolve();
    },
  });
}
