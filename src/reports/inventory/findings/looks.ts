import { freshness } from '../../../estate/freshness.ts';
import { counted } from '../../../foundation/units.ts';
import { own } from '../../../readiness/copy.ts';
import type { View } from '../../../step/step.ts';
import type { BareFinding } from '../finding.ts';
import { serversOf } from '../servers-of.ts';

/** Where nobody could look, has not looked yet, or looked too long ago: what is not known is not fine. */
export function lookFindings(view: View, now: number): BareFinding[] {
  return [...failedLooks(view), ...notLooked(view), ...staleLooks(view, now)];
}

function failedLooks({ state }: View): BareFinding[] {
  return Object.values(state.steps)
    .filter(({ phase, status }) => phase === 'inventory' && status === 'failed')
    .map(({ id, error, endedAt, startedAt }): BareFinding => {
      const subject = id.split('/')[1] ?? id;
      return {
        id: `look-failed:${id}`,
        kind: 'look',
        severity: 'critical',
        subject,
        what: error?.what ?? `${id} failed without a reason`,
        why: error?.why ?? 'what nobody could look at cannot be planned for',
        evidence: error?.evidence ?? [],
        next: error?.next ?? [],
        seenAt: endedAt ?? startedAt,
      };
    });
}

function notLooked(view: View): BareFinding[] {
  const { plan, state } = view;
  const failed = new Set(
    Object.values(state.steps)
      .filter(({ phase, status }) => phase === 'inventory' && status === 'failed')
      .map(({ id }) => id.split('/')[1] ?? id),
  );
  const absent = [
    ...Object.keys(plan.hypervisors).filter(name => own(state.hypervisors, name) === undefined),
    ...Object.keys(plan.machines).filter(name => own(state.machines, name)?.observed === undefined),
    ...serversOf(plan)
      .map(({ key }) => key)
      .filter(key => own(state.servers ?? {}, key) === undefined),
  ].filter(name => !failed.has(name));
  if (absent.length === 0) return [];
  return [
    {
      id: 'not-looked-at',
      kind: 'look',
      severity: 'warning',
      subject: plan.name,
      what: `${counted(absent.length, 'host')} of the plan ${absent.length === 1 ? 'was' : 'were'} not looked at yet`,
      why: 'what nobody has looked at is not known',
      evidence: absent,
      next: ['landfall inventory PLAN'],
    },
  ];
}

/** One finding for all of them: a shift that comes back after a night must not read a hundred of the same. */
function staleLooks({ plan, state }: View, now: number): BareFinding[] {
  const looks = [
    ...Object.keys(plan.hypervisors).map(name => ({ name, at: own(state.hypervisors, name)?.observedAt })),
    ...Object.keys(plan.machines).map(name => ({ name, at: own(state.machines, name)?.observed?.at })),
    ...serversOf(plan).map(({ key }) => ({ name: key, at: own(state.servers ?? {}, key)?.at })),
  ];
  const old = looks.flatMap(({ name, at }) =>
    at !== undefined && freshness('inventory', at, now).stale ? [{ name, at }] : [],
  );
  const oldest = Math.min(...old.map(({ at }) => at));
  if (old.length === 0) return [];
  return [
    {
      id: 'stale',
      kind: 'look',
      severity: 'warning',
      subject: plan.name,
      what: `what is known of ${counted(old.length, 'host')} is stale`,
      why: 'people change servers while a storm comes: what was true then need not be true now',
      evidence: old.map(({ name, at }) => `${name}: ${freshness('inventory', at, now).words}`),
      next: ['landfall inventory PLAN --again'],
      seenAt: oldest,
    },
  ];
}
