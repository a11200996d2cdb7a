import type { PlanEdit } from '../../plan/edit.ts';
import type { App, Intent, IntentScope } from '../app.ts';
import { draftMachine, draftOf } from '../screens/plan.ts';
import { wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { during, tell } from './order.ts';
import { changePlan, undoPlan } from './plan-changes.ts';
import { askDeadline, askNetworks } from './plan-forms.ts';
import { askNewPlan, findMachines } from './plan-new.ts';
import { askWrite } from './plan-write.ts';
import { selectedOf } from './selection.ts';

/** The editor of plans: what its keys do. */
export const PLANNING: readonly Intent[] = [
  { id: 'init', run: app => instead(app, undefined, 'make another plan', () => askNewPlan(app)) },
  {
    id: 'edit-plan',
    disabled: scope => (selectedPlan(scope) === undefined ? 'no plan is selected' : undefined),
    run: app => {
      const file = selectedPlan(app.current());
      if (file !== undefined)
        return instead(app, file, `edit ${file}`, () => app.keys.until(openPlan(app, file)));
    },
  },
  { id: 'pick', disabled: noMachine, run: app => app.keys.until(pick(app)) },
  {
    id: 'tier',
    disabled: scope => noMachine(scope) ?? notTaken(scope),
    run: app => app.keys.until(nextTier(app)),
  },
  { id: 'deadline', disabled: noDraft, run: app => askDeadline(app) },
  { id: 'find', disabled: noDraft, run: async app => findMachines(app) },
  {
    id: 'networks',
    disabled: scope =>
      noDraft(scope) ??
      (draftOf(scope.view)?.networks.length === 0 ? 'the plan has no network of the target' : undefined),
    run: app => askNetworks(app),
  },
  {
    id: 'undo',
    disabled: scope =>
      noDraft(scope) ?? ((draftOf(scope.view)?.past.length ?? 0) === 0 ? 'nothing was changed' : undefined),
    run: async app => undoPlan(app),
  },
  {
    id: 'write',
    disabled: scope =>
      noDraft(scope) ?? (draftOf(scope.view)?.isChanged === true ? undefined : 'the file holds this plan'),
    run: app => askWrite(app),
  },
];

function noDraft({ view }: IntentScope): string | undefined {
  return draftOf(view) === undefined ? 'no plan is open' : undefined;
}

function noMachine(scope: IntentScope): string | undefined {
  return noDraft(scope) ?? (draftMachine(scope.view) === undefined ? 'no machine is selected' : undefined);
}

const notTaken = ({ view }: IntentScope): string | undefined =>
  draftMachine(view)?.taken === true ? undefined : 'it is not in the plan; space takes it';

function selectedPlan(scope: Pick<IntentScope, 'view' | 'boxes'>): string | undefined {
  const selected = selectedOf(scope);
  return selected?.startsWith('plan:') === true ? selected.slice('plan:'.length) : undefined;
}

/**
 * Begins with another plan, `file` or a new one. A plan whose changes are not written is asked about first; when it is
 * that very plan, it is gone on with.
 */
function instead(
  app: App,
  file: string | undefined,
  words: string,
  begin: () => void | Promise<void>,
): void | Promise<void> {
  const open = draftOf(app.current().view);
  if (open?.isChanged !== true) return begin();
  if (open.file === file) {
    app.store.act({ type: 'go', place: { screen: 'plan' } });
    // The editor says itself what is left to do.
    app.store.act({ type: 'toast', toast: undefined });
    return;
  }
  ask(app, {
    title: `${open.file} is not written`,
    body: width =>
      wrap(
        `Its changes would be lost. esc keeps them: E on ${open.file} goes back to it, and there w writes.`,
        width,
        'warn',
      ),
    fields: [],
    action: `lose them and ${words}`,
    submit: async () => {
      app.store.forget('draft');
      await begin();
    },
  });
}

/** Reads a plan file into the editor. */
async function openPlan(app: App, file: string): Promise<void> {
  app.store.act({ type: 'go', place: { screen: 'plan' } });
  const draft = await during(app, `reading ${file}`, async () => {
    const text = await app.services.readPlan(file);
    const { openDraft } = await import('../plan-draft.ts');
    return openDraft({ file, text, read: text, offers: [] }, app.clock.now());
  });
  if (draft !== undefined) await app.store.load('draft', Promise.resolve(draft));
  else app.store.act({ type: 'back' });
}

async function pick(app: App): Promise<void> {
  const { view } = app.current();
  const machine = draftMachine(view);
  const draft = draftOf(view);
  if (machine === undefined || draft === undefined) return;
  const offer = draft.offers.find(({ name }) => name === machine.name);
  if (machine.taken) {
    await changePlan(app, [{ kind: 'remove-machine', machine: machine.name }]);
    tell(app, `${machine.name} stays behind; u takes that back`, 'plain');
  } else if (offer !== undefined) await changePlan(app, [{ kind: 'add-machine', machine: offer }]);
}

async function nextTier(app: App): Promise<void> {
  const { view } = app.current();
  const machine = draftMachine(view);
  const tiers = draftOf(view)?.tiers ?? [];
  if (machine === undefined) return;
  const tier = tiers[(tiers.indexOf(machine.tier) + 1) % tiers.length];
  if (tier === undefined) return;
  const edit: PlanEdit = { kind: 'tier', machine: machine.name, tier };
  await changePlan(app, [edit]);
}
