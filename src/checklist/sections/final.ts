import type { Turn } from '../../plan/cutover-order.ts';
import { type Draft, distinct, draft, type Setting } from '../draft.ts';
import { recordKeys } from './activate.ts';
import { byHand } from './by-hand.ts';
import { database, idsOf, machine } from './leave.ts';

/** Behind the line: databases open, users are led over, the copies become the machines, the way home is kept. */
export function final(setting: Setting): Draft[] {
  const line = ['no-return'];
  const opened = setting.databases.map(turn => open(setting, turn));
  const afterOpen = opened.length > 0 ? idsOf(opened) : line;
  const records = dns(setting, afterOpen);
  const hands = byHand(setting, 'final', afterOpen);
  const led = [...records, ...hands];
  const told = tell(setting, led.length > 0 ? idsOf(led) : afterOpen);
  const switched = [...led, ...told];
  const beforeCommit = switched.length > 0 ? idsOf(switched) : afterOpen;
  const committed = setting.machines.map(turn => commit(setting, turn, beforeCommit));
  return [
    ...opened,
    ...switched,
    ...committed,
    ...after(setting, committed.length > 0 ? idsOf(committed) : beforeCommit),
  ];
}

const open = ({ people, databases, dark }: Setting, turn: Turn): Draft =>
  draft({
    ...database(turn),
    id: `open/${turn.name}`,
    section: 'open',
    deed: 'open',
    owner: people.database(turn.name),
    title: `Open the copy of ${turn.name} to writers`,
    why: dark
      ? 'what has arrived becomes the production; what has not is lost'
      : 'the copy is severed from production and becomes it',
    expected: ['writers can log in, counters and constraints are right'],
    needs: [
      'no-return',
      ...databases.filter(each => each.wave < turn.wave).map(({ name }) => `open/${name}`),
    ],
  });

function dns({ plan, people }: Setting, needs: readonly string[]): Draft[] {
  const keys = recordKeys(plan);
  return plan.dns.map((record, at) => {
    const { name, type, from, to, change, provider } = record;
    const key = keys[at] ?? name;
    return draft({
      id: `switch/dns/${key}`,
      section: 'switch',
      subject: key,
      kind: 'record',
      owner: record.owner ?? people.decides,
      title: `Change ${name} (${type}) from ${from} to ${to}`,
      why: 'this is what leads users to the copies',
      commands: [
        ...(change === undefined ? [] : [{ host: provider ?? 'by hand', line: change }]),
        { host: 'here', line: `dig +short ${name} ${type}` },
      ],
      expected: [`${to}, from a resolver that users ask`],
      needs,
      optional: true,
    });
  });
}

const tell = ({ plan, evacuation, people }: Setting, needs: readonly string[]): Draft[] =>
  plan.cutover.tell.map((whom, at) =>
    draft({
      id: `tell/${at + 1}`,
      section: 'switch',
      subject: evacuation,
      kind: 'evacuation',
      owner: people.decides,
      title: `Tell ${whom}`,
      expected: ['they know what changed, and whom to call'],
      needs,
      optional: true,
    }),
  );

const commit = ({ people }: Setting, turn: Turn, needs: readonly string[]): Draft =>
  draft({
    ...machine(turn),
    id: `commit/${turn.name}`,
    section: 'commit',
    deed: 'commit',
    owner: people.machine(turn.name),
    title: `Make the copy of ${turn.name} the machine`,
    why: 'its layers are merged into the replica while it runs, and it starts with its host from then on',
    expected: ['its disks are the replica itself, nothing lies over them, autostart is on'],
    needs,
  });

function after(
  { plan, evacuation, people, machines, databases }: Setting,
  needs: readonly string[],
): Draft[] {
  const whole = { section: 'after', subject: evacuation, kind: 'evacuation' } as const;
  const owned = [
    ...machines.map(({ name }) => ({ name, owner: people.machine(name) })),
    ...databases.map(({ name }) => ({ name, owner: people.database(name) })),
  ];
  const departments = [...Map.groupBy(owned, ({ owner }) => owner ?? evacuation)];
  const keys = distinct(departments.map(([owner]) => owner));
  const checks = departments.map(([owner, parts], at) =>
    draft({
      ...whole,
      id: `after/validation/${keys[at] ?? owner}`,
      owner,
      title: `Work with ${parts.map(({ name }) => name).join(', ')} as on any other day`,
      why: 'a service counts as moved when its users say so',
      expected: ['data and functions are right, and somebody of the department has said so'],
      needs,
      optional: true,
    }),
  );
  const backups = draft({
    ...whole,
    id: 'after/backups',
    owner: people.decides,
    title: 'Back the machines and databases up where they are now',
    why: 'the backups of the source site do not see them any more',
    expected: ['the first backup at the target has ended, and one file of it was read back'],
    needs,
    optional: true,
  });
  const failback = draft({
    ...whole,
    id: 'failback',
    deed: 'failback',
    owner: people.decides,
    title: 'Keep the way home: the plan of the failback',
    why: `${Object.values(plan.sites).find(({ role }) => role === 'source')?.location ?? 'the source site'} will be wanted back one day`,
    commands: [{ host: 'here', line: `landfall failback ${evacuation}` }],
    expected: ['the plan of the way back lies in the directory of the evacuation'],
    needs,
    optional: true,
  });
  const ended = [...checks, backups, failback];
  return [
    ...ended,
    draft({
      ...whole,
      id: 'close',
      deed: 'close',
      owner: people.decides,
      title: 'Close the cutover',
      why: 'what was lost, and when it ended, goes on record',
      expected: ['the cutover is complete'],
      needs: idsOf(ended),
    }),
  ];
}
