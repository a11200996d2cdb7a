import type { Turn } from '../../plan/cutover-order.ts';
import { hasLogin } from '../../plan/login.ts';
import { virsh } from '../commands.ts';
import { type Draft, draft, type Setting } from '../draft.ts';
import { byHand } from './by-hand.ts';
import { idsOf, machine } from './leave.ts';

/** The copies come up, are looked at, and the line is drawn. */
export function arrive(setting: Setting, before: readonly string[]): Draft[] {
  const { machines } = setting;
  const up = machines.map(turn => bringUp(setting, turn, before));
  const checks = machines.map(turn => check(setting, turn));
  const hands = byHand(setting, 'started', up.length > 0 ? idsOf(up) : before);
  const looks = machines.map(turn => look(setting, turn));
  return [...up, ...checks, ...hands, ...looks];
}

/** Everything that stands before the line needs to be done: the typed name is the last word on it. */
export const noReturn = ({ evacuation, people, dark }: Setting, before: readonly Draft[]): Draft =>
  draft({
    id: 'no-return',
    section: 'checks',
    subject: evacuation,
    kind: 'evacuation',
    owner: people.decides,
    title: 'Point of no return: the copies are production from here on',
    why: 'until here an abort gives everything back; from here on only a failback does',
    expected: [`the name of the evacuation, typed: ${evacuation}`],
    rollback: dark
      ? ['before it: abort, and the standbys are off again']
      : ['before it: abort, and the sources serve again without a full copy'],
    needs: idsOf(before),
    typed: evacuation,
  });

function bringUp(setting: Setting, turn: Turn, before: readonly string[]): Draft {
  const { plan, machines, people, dark, view } = setting;
  const hypervisor = plan.machines[turn.name]?.target.hypervisor ?? '';
  const domain = (Object.hasOwn(view.state.machines, turn.name) ? view.state.machines[turn.name] : undefined)
    ?.standby?.domain;
  return draft({
    ...machine(turn),
    id: `bring-up/${turn.name}`,
    section: 'bring-up',
    deed: 'bring-up',
    owner: people.machine(turn.name),
    title: `Start the standby of ${turn.name}`,
    why: dark
      ? 'it starts from its last verified pass; what was written later is lost'
      : 'on layers over the replica, which stays as it is until the commit',
    commands: domain === undefined ? [] : [virsh(plan, hypervisor, 'domstate', domain)],
    expected: ['the standby runs; the replica is untouched below it'],
    rollback: ['the standby is off, its layers are gone, the replica is as it was'],
    needs: [
      ...before,
      ...machines.filter(each => each.wave < turn.wave).map(({ name }) => `bring-up/${name}`),
    ],
  });
}

const check = ({ plan, people }: Setting, turn: Turn): Draft =>
  draft({
    ...machine(turn),
    id: `check/${turn.name}`,
    section: 'checks',
    deed: 'check',
    owner: people.machine(turn.name),
    title: `Ask the standby of ${turn.name} what it is and what runs on it`,
    ...(hasLogin(plan, turn.name)
      ? {
          why: 'identity, storage, units, sockets and the checks of the plan, from inside',
          expected: ['every check holds'],
        }
      : {
          why: 'nobody logs in to it: that it runs and that its guest agent answers is all that landfall can see',
          expected: ['it runs, and its guest agent answers'],
        }),
    needs: [`bring-up/${turn.name}`],
    optional: true,
  });

const look = ({ people }: Setting, turn: Turn): Draft =>
  draft({
    ...machine(turn),
    id: `look/${turn.name}`,
    section: 'checks',
    owner: people.machine(turn.name),
    title: `Look at ${turn.name} with your own eyes`,
    why: 'whoever works with it sees what no check asks for',
    expected: ['its owner says that it works'],
    needs: [`check/${turn.name}`],
    optional: true,
  });
