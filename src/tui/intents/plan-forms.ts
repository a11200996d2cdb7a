import { listed } from '../../foundation/listing.ts';
import { addressFault } from '../../plan/address.ts';
import type { PlanEdit } from '../../plan/edit.ts';
import type { App } from '../app.ts';
import type { DraftMachine, PlanDraft } from '../plan-draft.ts';
import { draftMachine, draftOf } from '../screens/plan.ts';
import { wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { tell } from './order.ts';
import { changePlan } from './plan-changes.ts';

/** What the editor of plans asks for. */

/** `a, b` as its words. */
export const split = (list: string): string[] => list.split(/[,\s]+/).filter(word => word !== '');

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
  const others = [
    ...draft.machines.filter(each => each.taken && each.name !== name).map(each => each.name),
    ...draft.databases,
  ];
  const free = draft.offers.find(offer => offer.name === name)?.target.note;
  ask(app, {
    title: `${name} in ${draft.file}`,
    body: width => [
      ...(machine.note === '' ? [] : wrap(machine.note, width, 'muted')),
      ...wrap(
        `tiers: ${listed(draft.tiers)}; networks of the target: ${listed(draft.networks.map(each => each.name))}`,
        width,
      ),
      ...wrap(`images: ${listed(images)}`, width),
    ],
    fields: [
      {
        label: 'lands at (a free address)',
        initial: machine.address,
        optional: true,
        check: quotedAddressFault,
        ...(free === undefined ? {} : { hint: free }),
      },
      {
        label: 'answers SSH today at',
        initial: machine.sourceAddress,
        optional: true,
        check: quotedAddressFault,
      },
      { label: 'tier', initial: machine.tier, check: oneOf('tier', draft.tiers) },
      {
        label: 'network',
        initial: machine.network,
        optional: true,
        check: oneOf(
          'network of the target',
          draft.networks.map(each => each.name),
        ),
      },
      { label: 'built from', initial: machine.image, optional: true, check: oneOf('image', images) },
      {
        label: 'comes up after',
        initial: machine.after.join(', '),
        hint: 'names of machines',
        optional: true,
        check: after => split(after).map(oneOf('other machine or database', others)).find(isFault),
      },
    ],
    action: 'change it',
    submit: async values => changePlan(app, editsOf(draft, machine, values)),
  });
}

const trimmed = (values: readonly string[]): string[] => values.map(value => value.trim());

/** What is wrong with an address, with the address; undefined where nothing is. */
export function quotedAddressFault(address: string): string | undefined {
  const fault = addressFault(address);
  return fault === undefined ? undefined : `"${address}": ${fault}`;
}

const oneOf =
  (what: string, all: readonly string[]) =>
  (name: string): string | undefined =>
    all.includes(name) ? undefined : `there is no ${what} "${name}"; there are: ${listed(all) || 'none'}`;

const isFault = (fault: string | undefined): fault is string => fault !== undefined;

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

/** Which network of the target takes the place of which of the source. */
export function askNetworks(app: App): void {
  const draft = draftOf(app.current().view);
  if (draft === undefined) return;
  const { networks, sourceNetworks, file } = draft;
  ask(app, {
    title: `The network map of ${file}`,
    body: width => [
      ...wrap(
        'For each network of the target the one of the source whose machines land there; empty where it replaces none.',
        width,
      ),
      ...wrap(`networks of the source: ${listed(sourceNetworks) || 'none in the plan'}`, width),
    ],
    fields: networks.map(({ name, replaces }) => ({
      label: `${name} replaces`,
      initial: replaces,
      optional: true,
      check: value =>
        sourceNetworks.includes(value) ? undefined : `the source has no network "${value}" in this plan`,
    })),
    action: 'set the map',
    submit: async values =>
      changePlan(
        app,
        networks.flatMap(({ name, replaces }, index): PlanEdit[] => {
          const value = values[index]?.trim() ?? '';
          const path = ['networks', name, 'replaces'];
          if (value === replaces) return [];
          return [value === '' ? { kind: 'remove', path } : { kind: 'set', path, value }];
        }),
      ),
  });
}
