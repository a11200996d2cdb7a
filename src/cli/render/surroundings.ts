import { harmless } from '../../foundation/text.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import { CLOCKS_AGREE_MS } from '../../readiness/gates/around.ts';
import type { Style } from '../style.ts';

export type Seen = Omit<NonNullable<State['surroundings']>, 'at'>;

/** Whether anything that was looked at is not as it should be. */
export const isTroubled = ({ records, clocks, credentials }: Seen): boolean =>
  records.some(({ trouble }) => trouble !== undefined) ||
  clocks.some(clock => clock.trouble !== undefined || isOff(clock)) ||
  credentials.some(({ usable }) => !usable);

const isOff = ({ offsetMs = 0, withinMs = 0, synchronised }: Seen['clocks'][number]): boolean =>
  synchronised === false || Math.abs(offsetMs) - withinMs > CLOCKS_AGREE_MS;

/** Names, clocks and credentials, one line each, with what the plan says of a record. */
export function surroundingsTable({ dns }: Pick<Plan, 'dns'>, seen: Seen, style: Style): string {
  const line = (isGood: boolean, subject: string, found: string): string => {
    const mark = isGood ? style.good(style.marks.good) : style.bad(style.marks.bad);
    return `  ${mark} ${harmless(subject).padEnd(28)} ${harmless(found)}`;
  };
  return [
    'names',
    ...(seen.records.length === 0 ? ['  the plan names no record that changes at cutover'] : []),
    ...seen.records.map(({ name, recordType, answers, ttl, trouble }) => {
      const planned = dns.find(each => each.name === name && each.type === recordType);
      const kept = ttl === undefined ? '' : `, kept for ${formatDuration(ttl * 1000)} by the resolver`;
      const says = planned === undefined ? '' : `; the plan: ${planned.from}, then ${planned.to}`;
      return line(
        trouble === undefined,
        `${name} ${recordType}`,
        `${trouble ?? `${answers.join(', ')}${kept}`}${says}`,
      );
    }),
    'clocks',
    ...seen.clocks.map(clock =>
      line(clock.trouble === undefined && !isOff(clock), clock.host, clockWords(clock)),
    ),
    'credentials',
    ...seen.credentials.map(({ name, usable, trouble }) =>
      line(usable, name, trouble ?? (usable ? 'can be used' : 'cannot be used')),
    ),
    '',
  ].join('\n');
}

function clockWords({ offsetMs, withinMs, synchronised, trouble }: Seen['clocks'][number]): string {
  if (offsetMs === undefined) return trouble ?? 'its clock was not asked';
  const way = offsetMs === 0 ? '' : offsetMs > 0 ? ' ahead' : ' behind';
  const known = withinMs === undefined ? '' : `, known within ${withinMs} ms`;
  const synced =
    synchronised === undefined ? '' : synchronised ? ', synchronised' : ', not synchronised with anything';
  return `${Math.abs(offsetMs)} ms${way}${known}${synced}`;
}
