import { formatDuration } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { View } from '../../step/step.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { untilClose } from '../storm.ts';

/** Whether users will find the target: the records that move, as they are answered now, and for how long they are kept. */
export function namesGates(view: View, now: number): GateFacts[] {
  return [answers(view, now), timeToLive(view, now)];
}

type Planned = Plan['dns'][number];
type Seen = NonNullable<State['surroundings']>['records'][number];

/** What was looked at last, or undefined where that is too old to count. */
function recent({ surroundings }: State, now: number): State['surroundings'] {
  return surroundings !== undefined && isRecent(surroundings.at, now) ? surroundings : undefined;
}

const seenOf = (surroundings: State['surroundings'], { name, type }: Planned): Seen | undefined =>
  surroundings?.records.find(each => each.name === name && each.recordType === type);

/** As names compare: without the dot at the end, and case apart. */
const bare = (text: string): string => text.replace(/\.$/, '').toLowerCase();
const says = ({ answers: given }: Seen, value: string): boolean =>
  given.some(each => bare(each) === bare(value));

const NO_RECORDS = 'the plan names no record that changes at cutover';
const NAME_THEM =
  'name the records that users follow in the plan under dns, or say that there are none by waiving this';

type Standing = 'as-planned' | 'switched' | 'early' | 'other' | 'unanswered' | 'not-asked';

function standingOf(record: Planned, seen: Seen | undefined, { cutover }: State): Standing {
  if (seen === undefined) return 'not-asked';
  if (seen.answers.length === 0) return 'unanswered';
  if (says(seen, record.to)) {
    const isCrossed = cutover?.noReturn !== undefined && cutover.ended?.outcome !== 'rolled-back';
    return isCrossed ? 'switched' : says(seen, record.from) ? 'other' : 'early';
  }
  return says(seen, record.from) ? 'as-planned' : 'other';
}

function answers(view: View, now: number): GateFacts {
  const { plan, state } = view;
  const surroundings = recent(state, now);
  const found = plan.dns.map(record => {
    const seen = seenOf(surroundings, record);
    return { record, seen, standing: standingOf(record, seen, state) };
  });
  const has = (...wanted: readonly Standing[]): boolean =>
    found.some(({ standing }) => wanted.includes(standing));
  const isUnknown = plan.dns.length === 0 || has('not-asked', 'unanswered');
  return {
    check: 'dns-answers',
    title: 'The records that move are answered as the plan says',
    // Users who are sent to a standby before it is the machine reach nothing.
    severity: has('early') ? 'critical' : 'warning',
    verdict: has('early', 'other') ? 'fail' : isUnknown ? 'unproven' : 'pass',
    evidence:
      plan.dns.length === 0
        ? [NO_RECORDS]
        : [
            ...(state.surroundings === undefined
              ? ['nobody has asked yet']
              : [`asked ${ago(state.surroundings.at, now)}`]),
            ...found.map(({ record, seen, standing }) => answerLine(record, seen, standing)),
          ],
    evidenceAt: state.surroundings?.at,
    checkByHand: digFor(plan.dns[0]),
    remedy:
      plan.dns.length === 0
        ? NAME_THEM
        : has('early')
          ? 'set these records back to the source until the point of no return has been passed'
          : [
              `look again: landfall look ${plan.name}`,
              'where the answer stays, correct the record at its provider, or the plan under dns',
            ],
    costOfIgnoring: 'the record that is changed at cutover is not the one that users follow',
  };
}

function answerLine({ name, type, from, to }: Planned, seen: Seen | undefined, standing: Standing): string {
  const record = `${name} ${type}`;
  const given = seen?.answers.join(', ') ?? '';
  switch (standing) {
    case 'as-planned':
      return `${record} is ${from}; it will be ${to}`;
    case 'switched':
      return `${record} is ${to}: it was switched`;
    case 'early':
      return `${record} is ${given} already, before the cutover`;
    case 'other':
      return `${record} is ${given}; the plan expects ${from}`;
    case 'unanswered':
      return `${record} was not answered: ${seen?.trouble ?? 'it has no answer'}`;
    case 'not-asked':
      return `${record} was not asked for in the last 24 h`;
  }
}

function digFor(record: Planned | undefined): string | undefined {
  return record === undefined
    ? undefined
    : formatArgv(['dig', '+noall', '+answer', record.name, record.type]);
}

/** A record that is kept longer sends users to the source for longer than they will wait. */
export const LONGEST_TTL_MS = 5 * 60e3;

type Kept = { readonly is: 'short' | 'long' | 'unknown'; readonly words: string };

/**
 * How long a record is kept. An answer may come from a cache that counts down: a long time in it is proof, a short one is
 * not, unless the plan says the same of the record itself.
 */
function keptFor({ name, type, ttl }: Planned, seen: Seen | undefined): Kept {
  const record = `${name} ${type}`;
  const answered = seen?.ttl === undefined ? undefined : seen.ttl * 1000;
  const said = answered === undefined ? '' : `; answered with ${formatDuration(answered)}`;
  if (answered !== undefined && answered > LONGEST_TTL_MS)
    return { is: 'long', words: `${record} is kept for ${formatDuration(answered)}` };
  if (ttl === undefined)
    return { is: 'unknown', words: `${record}: the plan does not say its TTL${said}, perhaps from a cache` };
  if (ttl <= LONGEST_TTL_MS)
    return { is: 'short', words: `${record}: ${formatDuration(ttl)} by the plan${said}` };
  return answered === undefined
    ? { is: 'long', words: `${record}: ${formatDuration(ttl)} by the plan` }
    : {
        is: 'unknown',
        words: `${record}: ${formatDuration(ttl)} by the plan${said}: lowered, or the rest of a longer time in a cache`,
      };
}

function timeToLive(view: View, now: number): GateFacts {
  const { plan, state } = view;
  const surroundings = recent(state, now);
  const kept = plan.dns.map(record => keptFor(record, seenOf(surroundings, record)));
  const isLong = kept.some(({ is }) => is === 'long');
  const isUnknown = kept.length === 0 || kept.some(({ is }) => is === 'unknown');
  return {
    check: 'dns-ttl',
    title: `No record that moves is kept for longer than ${formatDuration(LONGEST_TTL_MS)}`,
    severity: untilClose(view, now),
    verdict: isLong ? 'fail' : isUnknown ? 'unproven' : 'pass',
    evidence: kept.length === 0 ? [NO_RECORDS] : kept.map(({ words }) => words),
    evidenceAt: surroundings?.at,
    checkByHand: digFor(plan.dns[0]),
    remedy:
      kept.length === 0
        ? NAME_THEM
        : [
            `lower the TTL to ${formatDuration(LONGEST_TTL_MS)} at the provider, at least its present length before the cutover`,
            'ask the servers of the zone itself: dig +norecurse; then write what they say into the plan (dns.ttl)',
          ],
    costOfIgnoring:
      'users are sent to the dead site until the record has run out, however fast the cutover was',
  };
}
