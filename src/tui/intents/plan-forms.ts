import { listed } from '../../foundation/spelling.ts';
import { counted } from '../../foundation/units.ts';
import { addressFault } from '../../plan/address.ts';
import type { PlanEdit } from '../../plan/edit.ts';
import type { App } from '../app.ts';
import type { DraftMachine, PlanDraft } from '../plan-draft.ts';
import { draftMachine, draftOf } from '../screens/plan.ts';
import { changeLines } from '../screens/plan-text.ts';
import type { PlanWishes } from '../services.ts';
import { type Line, wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { during, tell } from './order.ts';
import { changePlan, update } from './plan-changes.ts';

/** What the editor of plans asks for. */

const split = (list: string): string[] => list.split(/[,\s]+/).filter(word => word !== '');

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
      { label: 'plan file', ...at(0) },
      { label: 'hypervisors that will be lost', hint: 'kvm1.miami.example', ...at(1) },
      { label: 'hypervisors of the target', hint: 'kvm1.dallas.example', ...at(2) },
      { label: 'earliest loss', hint: 'in 3d4h, or later in the editor', optional: true, ...at(3) },
      { label: 'expected loss', hint: 'in 4d6h, or later in the editor', optional: true, ...at(4) },
      { label: 'ssh_config', hint: 'where it is not ~/.ssh/config', optional: true, ...at(5) },
    ],
    action: 'look at both sites',
    check: ([file = '', source = '', target = '']) => {
      if (!/\.ya?ml$/.test(file.trim())) return 'the plan file is a YAML file: plans/NAME.yaml';
      for (const address of [...split(source), ...split(target)]) {
        const fault = addressFault(address);
        if (fault !== undefined) return `"${address}": ${fault}`;
      }
      return undefined;
    },
    submit: async values => propose(app, values),
  });
}

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
  const [first] = made.proposed.troubles;
  if (first !== undefined) {
    const more = made.proposed.troubles.length - 1;
    tell(app, `could not read everything: ${first}${more > 0 ? ` (and ${more} more)` : ''}`, 'warn');
  }
}

/** Everything about the selected machine that an engineer decides. */
export function changeSelected(app: App): void {
  const { view } = app.current();
  const draft = draftOf(view);
  const machine = draftMachine(view);
  if (draft === undefined || machine === undefined) return;
  if (!machine.taken) {
    tell(app, `${machine.name} is not in the plan: space takes it`, 'warn');
    return;
  }
  const { name } = machine;
  const images = draft.images.map(image => image.name);
  const free = draft.offers.find(offer => offer.name === name)?.target.note;
  ask(app, {
    title: `${name} in ${draft.file}`,
    body: width => [
      ...(machine.note === '' ? [] : wrap(machine.note, width, 'muted')),
      ...wrap(`tiers: ${listed(draft.tiers)}; networks of the target: ${listed(draft.networks)}`, width),
      ...wrap(`images: ${listed(images)}`, width),
    ],
    fields: [
      {
        label: 'lands at (a free address)',
        initial: machine.address,
        optional: true,
        ...(free === undefined ? {} : { hint: free }),
      },
      { label: 'answers SSH today at', initial: machine.sourceAddress, optional: true },
      { label: 'tier', initial: machine.tier },
      { label: 'network', initial: machine.network, optional: true },
      { label: 'built from', initial: machine.image, optional: true },
      {
        label: 'comes up after',
        initial: machine.after.join(', '),
        hint: 'names of machines',
        optional: true,
      },
    ],
    action: 'change it',
    check: values => faultIn(draft, name, values),
    submit: async values => changePlan(app, editsOf(draft, machine, values)),
  });
}

const trimmed = (values: readonly string[]): string[] => values.map(value => value.trim());

function faultIn(draft: PlanDraft, name: string, values: readonly string[]): string | undefined {
  const [address = '', source = '', tier = '', network = '', image = '', after = ''] = trimmed(values);
  for (const each of [address, source]) {
    const fault = each === '' ? undefined : addressFault(each);
    if (fault !== undefined) return `"${each}": ${fault}`;
  }
  const known: ReadonlyArray<readonly [string, string, readonly string[]]> = [
    ['tier', tier, draft.tiers],
    ['network of the target', network, draft.networks],
    ['image', image, draft.images.map(each => each.name)],
    ...split(after).map((other): readonly [string, string, readonly string[]] => [
      'other machine or database',
      other,
      [
        ...draft.machines.filter(each => each.taken && each.name !== name).map(each => each.name),
        ...draft.databases,
      ],
    ]),
  ];
  const wrong = known.find(([, text, all]) => text !== '' && !all.includes(text));
  return wrong === undefined
    ? undefined
    : `there is no ${wrong[0]} "${wrong[1]}"; there are: ${listed(wrong[2]) || 'none'}`;
}

/** Only what was changed: what stands in the file stays as it is written there. */
function editsOf(draft: PlanDraft, machine: DraftMachine, values: readonly string[]): PlanEdit[] {
  const [address = '', source = '', tier = '', network = '', image = '', after = ''] = trimmed(values);
  const { name } = machine;
  const edits: PlanEdit[] = [];
  if (address !== machine.address && address !== '') edits.push({ kind: 'address', machine: name, address });
  if (source !== machine.sourceAddress && source !== '')
    edits.push({ kind: 'set', path: ['machines', name, 'source', 'address'], value: source });
  if (tier !== machine.tier) edits.push({ kind: 'tier', machine: name, tier });
  if (network !== machine.network && network !== '') edits.push({ kind: 'network', machine: name, network });
  if (image !== machine.image && image !== '') {
    const hypervisor = draft.images.find(each => each.name === image)?.hypervisor ?? '';
    // An image can only be built from where it is.
    edits.push({ kind: 'image', machine: name, image, ...(hypervisor === '' ? {} : { hypervisor }) });
  }
  if (split(after).join() !== machine.after.join())
    edits.push({ kind: 'order', machine: name, after: split(after) });
  return edits;
}

export function askDeadline(app: App): void {
  const draft = draftOf(app.current().view);
  if (draft === undefined) return;
  ask(app, {
    title: 'When the source site is lost',
    body: width => [
      ...wrap(
        'An instant with its zone, such as 2026-11-26T06:00:00-05:00, or a distance from the start, such as in 3d4h. landfall plans for the earliest.',
        width,
      ),
    ],
    fields: [
      { label: 'earliest', initial: draft.deadline.earliest, hint: 'in 3d4h' },
      { label: 'expected', initial: draft.deadline.expected, hint: 'in 4d6h' },
    ],
    action: 'set the deadline',
    submit: async ([earliest = '', expected = '']) =>
      changePlan(app, [{ kind: 'deadline', earliest: earliest.trim(), expected: expected.trim() }]),
  });
}

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
  if (draft?.isChanged !== true || view.ui.overlay?.kind === 'ask') {
    app.terminal.quit();
    return;
  }
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
    submit: () => {
      app.terminal.quit();
      return Promise.resolve();
    },
  });
}
