import { own } from '../readiness/copy.ts';
import type { View } from '../step/step.ts';
import { cutoverStepId } from './step-ids.ts';
import type { ChecklistItem, ItemProgress, Outage, Section } from './types.ts';

type Item = ChecklistItem & ItemProgress;

/** What users notice of each machine and database: from its first stop until it was seen to work. */
export function outagesOf({ plan, state }: View, items: readonly Item[]): Outage[] {
  const subjects = Map.groupBy(
    items.filter(({ kind }) => kind === 'machine' || kind === 'database'),
    ({ subject, kind }) => `${kind}/${subject}`,
  );
  return [...subjects.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const rto = own(plan.tiers, first.tier ?? '')?.rto;
    // Where nobody logs in, people stop what writes: an item without a deed.
    const stop = group.find(({ deed, section }) => section === 'quiet' || deed === 'drain');
    const back = group.find(({ deed }) => deed === (first.kind === 'machine' ? 'check' : 'open'));
    const isGivenBack = stop?.status === 'undone';
    const lostAt =
      stop === undefined
        ? undefined
        : isGivenBack
          ? begunAt(state, stop)
          : (stoppedAt(state, first) ?? stop.startedAt);
    const backAt = isGivenBack ? stop.record?.at : back?.status === 'done' ? back.record?.at : undefined;
    return [
      {
        subject: first.subject,
        ...(rto === undefined ? {} : { rtoMs: rto }),
        ...(lostAt === undefined ? {} : { lostAt }),
        ...(backAt === undefined ? {} : { backAt }),
      },
    ];
  });
}

/** An abort takes the record of what was stopped away: then there is no outage any more, but there was one. */
const begunAt = (state: View['state'], item: Item): number | undefined => {
  const startedAt = own(state.steps, cutoverStepId(item) ?? '')?.startedAt;
  return startedAt === undefined || startedAt < (state.cutover?.startedAt ?? 0) ? undefined : startedAt;
};

const stoppedAt = (state: View['state'], { kind, subject }: Item): number | undefined =>
  kind === 'machine' ? own(state.cutover?.machines ?? {}, subject)?.stopped?.at : undefined;

const OUTAGE: ReadonlySet<Section> = new Set([
  'quiet',
  'last-copy',
  'drain',
  'power-off',
  'bring-up',
  'checks',
]);

/** Where users notice nothing yet, or where only people decide, no time is reckoned: it is theirs to take. */
const DECIDED: ReadonlySet<string> = new Set(['gates', 'activate/decision', 'no-return', 'close']);

/** What the whole is expected to take, and what users will notice of it; absent where a part is not known. */
export function expectations(items: readonly Item[]): {
  readonly expectedMs?: number;
  readonly expectedOutageMs?: number;
} {
  const whole = longest(items);
  const outage = longest(
    items.filter(
      ({ section, deed, id }) => OUTAGE.has(section) && (deed !== undefined || id.startsWith('by-hand/')),
    ),
  );
  return {
    ...(whole === undefined ? {} : { expectedMs: whole }),
    ...(outage === undefined ? {} : { expectedOutageMs: outage }),
  };
}

/** The sum of allowances along the longest way; undefined where one on it is not known. Items stand behind their needs. */
function longest(items: readonly Item[]): number | undefined {
  const ways = new Map<string, { readonly ms: number; readonly isKnown: boolean }>();
  let best = { ms: 0, isKnown: true };
  for (const { id, needs, allowanceMs } of items) {
    let before = { ms: 0, isKnown: true };
    for (const need of needs) before = longer(before, ways.get(need) ?? before);
    const isKnown = before.isKnown && (allowanceMs !== undefined || DECIDED.has(id));
    const way = { ms: before.ms + (allowanceMs ?? 0), isKnown };
    ways.set(id, way);
    best = longer(best, way);
  }
  return best.isKnown && best.ms > 0 ? best.ms : undefined;
}

type Way = { readonly ms: number; readonly isKnown: boolean };

/** Of two ways the longer; one with an unknown part may be longer than it looks, so that it taints what it meets. */
const longer = (a: Way, b: Way): Way => ({
  ms: Math.max(a.ms, b.ms),
  isKnown: a.isKnown && b.isKnown,
});
