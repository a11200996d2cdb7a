import { formatDuration } from '../../foundation/units.ts';
import type { Turn } from '../../plan/cutover-order.ts';
import { hasLogin } from '../../plan/login.ts';
import { virsh } from '../commands.ts';
import { type Draft, draft, type Setting } from '../draft.ts';
import { byHand } from './by-hand.ts';

/** The way out of the source: quiet, copied, drained, off. In the dark there is nobody to ask: only people's part stays. */
export function leave(setting: Setting, before: readonly string[]): Draft[] {
  if (setting.dark) return byHand(setting, 'stopped', before);
  const backwards = [...setting.machines].sort((a, b) => b.wave - a.wave);
  const off = backwards.map(turn => powerOff(setting, turn));
  const stopped = off.length > 0 ? idsOf(off) : setting.databases.map(({ name }) => `drain/${name}`);
  return [
    ...backwards.map(turn => quiet(setting, turn, before)),
    ...backwards.map(turn => lastCopy(setting, turn)),
    ...[...setting.databases].sort((a, b) => b.wave - a.wave).map(turn => drain(setting, turn, before)),
    ...off,
    ...byHand(setting, 'stopped', stopped.length > 0 ? stopped : before),
  ];
}

export const idsOf = (drafts: readonly { readonly id: string }[]): string[] => drafts.map(({ id }) => id);

/** Whatever comes up later goes down earlier. */
const later = (turns: readonly Turn[], wave: number): Turn[] => turns.filter(each => each.wave > wave);

export const machine = (turn: Turn) =>
  ({ subject: turn.name, kind: 'machine', wave: turn.wave, tier: turn.tier }) as const;
export const database = (turn: Turn) =>
  ({ subject: turn.name, kind: 'database', wave: turn.wave, tier: turn.tier }) as const;

function quiet({ plan, machines, people }: Setting, turn: Turn, before: readonly string[]): Draft {
  const shared = {
    ...machine(turn),
    id: `quiet/${turn.name}`,
    section: 'quiet',
    owner: people.machine(turn.name),
    title: `Stop what writes on ${turn.name}`,
    needs: [...before, ...later(machines, turn.wave).map(({ name }) => `quiet/${name}`)],
  } as const;
  if (!hasLogin(plan, turn.name))
    return draft({
      ...shared,
      why: 'landfall has no login there: only people can stop it; what is written from here on is lost with its shutdown',
      expected: ['its services are stopped by its own means, and nobody works on it'],
      rollback: ['what was stopped is started again, by its own means'],
    });
  return draft({
    ...shared,
    deed: 'quiet',
    why: `its users notice from here on; what is written now is in the last copy`,
    expected: ['every unit that wrote is inactive, and their names are on record'],
    rollback: ['the same units are started again'],
    typed: turn.name,
  });
}

const lastCopy = ({ people }: Setting, turn: Turn): Draft =>
  draft({
    ...machine(turn),
    id: `last-copy/${turn.name}`,
    section: 'last-copy',
    deed: 'last-copy',
    owner: people.machine(turn.name),
    title: `Copy ${turn.name} for the last time, and verify`,
    why: 'nothing writes any more: what is verified now is everything',
    expected: ['the verification finds no difference: the loss is zero'],
    needs: [`quiet/${turn.name}`],
  });

const drain = ({ machines, people }: Setting, turn: Turn, before: readonly string[]): Draft =>
  draft({
    ...database(turn),
    id: `drain/${turn.name}`,
    section: 'drain',
    deed: 'drain',
    owner: people.database(turn.name),
    title: `Freeze ${turn.name}, drain it and compare`,
    why: 'every transaction that production has committed is in the copy, or it is not drained',
    expected: ['nothing pending, and both sides equal in every table'],
    rollback: ['production is thawed: logins, jobs and access as they were'],
    needs: [...before, ...later(machines, turn.wave).map(({ name }) => `quiet/${name}`)],
    typed: turn.name,
  });

function powerOff(setting: Setting, turn: Turn): Draft {
  const { plan, machines, databases, people, view } = setting;
  const within = formatDuration(plan.cutover.shutdown_within);
  const hypervisor = plan.machines[turn.name]?.source.hypervisor ?? '';
  const domain =
    (Object.hasOwn(view.state.machines, turn.name) ? view.state.machines[turn.name] : undefined)?.observed
      ?.domain?.name ??
    plan.machines[turn.name]?.source.domain ??
    turn.name;
  return draft({
    ...machine(turn),
    id: `power-off/${turn.name}`,
    section: 'power-off',
    deed: 'power-off',
    owner: people.machine(turn.name),
    title: `Shut ${turn.name} down at the source`,
    why: 'a source that still runs and a standby that has started are two of one server',
    commands: [
      virsh(plan, hypervisor, 'autostart', '--disable', domain),
      virsh(plan, hypervisor, 'shutdown', domain),
      virsh(plan, hypervisor, 'domstate', domain),
    ],
    expected: [`shut off within ${within}; it does not start with its host any more`],
    rollback: ['it is started again, its autostart as it was'],
    needs: [
      ...machines.map(({ name }) => `last-copy/${name}`),
      ...databases.map(({ name }) => `drain/${name}`),
      ...later(machines, turn.wave).map(({ name }) => `power-off/${name}`),
    ],
    plannedMs: plan.cutover.shutdown_within,
  });
}
