import { counted } from '../../foundation/units.ts';
import type { App } from '../app.ts';
import { draftOf } from '../screens/plan.ts';
import type { PlanWishes } from '../services.ts';
import { wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { during, tell } from './order.ts';
import { update } from './plan-changes.ts';
import { quotedAddressFault, split } from './plan-forms.ts';

/** A first plan, from what the hypervisors of both sites show. What was typed stays where the look fails. */
export function askNewPlan(app: App, before: readonly string[] = ['plans/storm.yaml']): void {
  const at = (index: number): { initial: string } => ({ initial: before[index] ?? '' });
  ask(app, {
    title: 'A first plan',
    body: width => [
      ...wrap(
        'landfall looks at the hypervisors of both sites with reading commands only (virsh -r), host keys verified, and proposes a plan: machines, networks, images. You choose; nothing is written before w.',
        width,
      ),
      ...wrap('Name hypervisors as ssh reaches them, several with commas between them.', width, 'muted'),
    ],
    fields: [
      {
        label: 'plan file',
        check: file => (/\.ya?ml$/.test(file) ? undefined : 'the plan file is a YAML file: plans/NAME.yaml'),
        ...at(0),
      },
      {
        label: 'hypervisors that will be lost',
        hint: 'kvm1.miami.example',
        check: hypervisorsFault,
        ...at(1),
      },
      {
        label: 'hypervisors of the target',
        hint: 'kvm1.dallas.example',
        check: hypervisorsFault,
        ...at(2),
      },
      { label: 'earliest loss', hint: 'in 3d4h, or later in the editor', optional: true, ...at(3) },
      { label: 'expected loss', hint: 'in 4d6h, or later in the editor', optional: true, ...at(4) },
      { label: 'ssh_config', hint: 'where it is not ~/.ssh/config', optional: true, ...at(5) },
    ],
    action: 'look at both sites',
    submit: async values => propose(app, values),
  });
}

const hypervisorsFault = (list: string): string | undefined =>
  split(list)
    .map(quotedAddressFault)
    .find(fault => fault !== undefined);

async function propose(app: App, values: readonly string[]): Promise<void> {
  const [file = '', source = '', target = '', earliest = '', expected = '', config = ''] = values.map(value =>
    value.trim(),
  );
  const wishes: PlanWishes = {
    file,
    source: split(source),
    target: split(target),
    ...(earliest === '' ? {} : { earliest }),
    ...(expected === '' ? {} : { expected }),
    ...(config === '' ? {} : { sshConfig: config }),
  };
  const hosts = counted(wishes.source.length + wishes.target.length, 'hypervisor');
  const made = await during(app, `looking at ${hosts}`, async () => {
    const proposed = await app.services.proposePlan(wishes);
    const { openDraft } = await import('../plan-draft.ts');
    return { proposed, draft: openDraft(proposed, app.clock.now()) };
  });
  if (made === undefined) {
    askNewPlan(app, values);
    return;
  }
  await app.store.load('draft', Promise.resolve(made.draft));
  app.store.act({ type: 'go', place: { screen: 'plan' } });
  app.store.act({ type: 'toast', toast: undefined });
  tellTroubles(app, made.proposed.troubles);
}

/** Machines that the plan does not have yet, from a look at its sites; they stand in the list, to be taken. */
export async function findMachines(app: App): Promise<void> {
  const draft = draftOf(app.current().view);
  if (draft === undefined) return;
  const found = await during(app, 'looking at the sites of this plan', () =>
    app.services.findMachines(draft.file, draft.text),
  );
  if (found === undefined) return;
  const { offeredDraft } = await import('../plan-draft.ts');
  await update(app, now => offeredDraft(now, found.offers, app.clock.now()));
  const count = found.offers.length;
  const words = `${counted(count, 'machine')} found that the plan does not have`;
  tell(app, count === 0 ? `${words}: it has all of them` : `${words}; space takes the selected one`, 'good');
  tellTroubles(app, found.troubles);
}

function tellTroubles(app: App, troubles: readonly string[]): void {
  const [first] = troubles;
  if (first === undefined) return;
  const more = troubles.length - 1;
  tell(app, `could not read everything: ${first}${more > 0 ? ` (and ${more} more)` : ''}`, 'warn');
}
