import type { PlanEdit } from '../../plan/edit.ts';
import type { App } from '../app.ts';
import type { PlanDraft } from '../plan-draft.ts';
import { draftOf } from '../screens/plan.ts';

/** Changes of the open plan. The parser behind them is loaded with the first one, not with the screens. */

export const changePlan = (app: App, edits: readonly PlanEdit[]): Promise<void> =>
  app.keys.until(changeDraft(app, ({ editDraft }, draft) => editDraft(draft, edits, app.clock.now())));

export const undoPlan = (app: App): Promise<void> =>
  app.keys.until(changeDraft(app, ({ undoDraft }, draft) => undoDraft(draft, app.clock.now())));

type Drafts = typeof import('../plan-draft.ts');

async function changeDraft(app: App, change: (drafts: Drafts, draft: PlanDraft) => PlanDraft): Promise<void> {
  const drafts = await import('../plan-draft.ts');
  await update(app, draft => change(drafts, draft));
}

/** The newest draft is asked for only here: keys may come faster than what they begin. Throws what the edit throws. */
export async function update(app: App, change: (draft: PlanDraft) => PlanDraft): Promise<void> {
  const draft = draftOf(app.store.view());
  if (draft === undefined) return;
  const next = change(draft);
  // What was said about the plan before may no longer be so.
  app.store.act({ type: 'toast', toast: undefined });
  await app.store.load('draft', Promise.resolve(next));
}
