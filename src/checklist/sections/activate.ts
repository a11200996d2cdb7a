import { formatDuration } from '../../foundation/units.ts';
import type { Plan } from '../../plan/schema.ts';
import { type Draft, distinct, draft, type Setting } from '../draft.ts';
import { byHand } from './by-hand.ts';

/** Resolvers may keep an answer for as long as its TTL: five minutes are what users will put up with. */
const SHORT_TTL_MS = 300_000;

/** Who decides, who has to know, and what has to be so before the first source is stopped. */
export function activate(setting: Setting): Draft[] {
  const { plan, people, evacuation, dark } = setting;
  const whole = { section: 'activate', subject: evacuation, kind: 'evacuation' } as const;
  const decision = draft({
    ...whole,
    id: 'activate/decision',
    owner: people.decides,
    title: dark ? 'Decide to go on without the source site' : 'Decide that the cutover begins',
    why:
      plan.cutover.when.length === 0 ? 'users notice from the first stop on' : plan.cutover.when.join('; '),
    expected: ['the decision, its time and who made it are on record'],
    needs: ['gates'],
  });
  const behind = [decision.id];
  const rest = [
    draft({
      ...whole,
      id: 'activate/people',
      owner: people.decides,
      title: 'Call everybody who is needed',
      why: 'nobody is to be looked for in the middle of it',
      commands: plan.contacts.map(({ name, role, phone, email }) => ({
        host: 'telephone',
        line: [name, role, phone, email].filter(part => part !== undefined).join(', '),
      })),
      expected: ['owners and both sites answer, and know how to reach each other'],
      needs: behind,
      optional: true,
    }),
    ...(dark ? [keptDown(setting, behind)] : longLived(plan, setting, behind)),
    ...byHand(setting, 'before', behind),
  ];
  return [gates(setting), decision, ...rest];
}

const gates = ({ evacuation, people }: Setting): Draft =>
  draft({
    id: 'gates',
    section: 'activate',
    subject: evacuation,
    kind: 'evacuation',
    deed: 'gates',
    owner: people.decides,
    title: 'Look at the gates and begin',
    why: 'what is not proven now will not be looked for later',
    commands: [{ host: 'here', line: `landfall status ${evacuation}` }],
    expected: ['no gate blocks, or the name was typed over it with a reason'],
    typed: evacuation,
  });

const keptDown = ({ evacuation, people }: Setting, needs: readonly string[]): Draft =>
  draft({
    id: 'activate/sources',
    section: 'activate',
    subject: evacuation,
    kind: 'evacuation',
    owner: people.decides,
    title: 'Make sure that no source can come back by itself',
    why: 'nobody can ask the sources any more: two of one server would write to two places',
    expected: ['power or network of the source site is off, and somebody keeps it off'],
    needs,
  });

function longLived(plan: Plan, { people }: Setting, needs: readonly string[]): Draft[] {
  const keys = recordKeys(plan);
  return plan.dns.flatMap((record, at) => {
    if (record.ttl !== undefined && record.ttl <= SHORT_TTL_MS) return [];
    const key = keys[at] ?? record.name;
    return [
      draft({
        id: `activate/ttl/${key}`,
        section: 'activate',
        subject: key,
        kind: 'record',
        owner: record.owner ?? people.decides,
        title: `The TTL of ${record.name} (${record.type}) is short`,
        why:
          record.ttl === undefined
            ? 'the plan does not say how long resolvers keep it'
            : `resolvers may keep the old answer for ${formatDuration(record.ttl)}`,
        commands: [{ host: 'here', line: `dig +noall +answer ${record.name} ${record.type}` }],
        expected: [`at most ${SHORT_TTL_MS / 1000} seconds, lowered at least one old TTL ago`],
        needs,
        optional: true,
      }),
    ];
  });
}

/** A word for each record of the plan, in its order: its name, and what tells it from others of that name. */
export function recordKeys({ dns }: Plan): string[] {
  const several = new Set(dns.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at));
  return distinct(dns.map(({ name, type }) => (several.has(name) ? `${name}/${type}` : name)));
}
