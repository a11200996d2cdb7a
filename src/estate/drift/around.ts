import { formatDuration } from '../../foundation/units.ts';
import { CHANGES_KEPT_MS } from '../../journal/fold-inventory.ts';
import { get } from '../../journal/maps.ts';
import type { DriftState } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import { driftId } from './build.ts';
import type { Drift } from './shape.ts';

/** Credentials and names as somebody looked at them last, and what the last looks at hypervisors found changed. */
export function aroundDrift(view: View, now: number): Drift[] {
  return [...credentials(view), ...records(view, now), ...hosts(view, now)];
}

function credentials({ plan, state: { surroundings } }: View): Drift[] {
  if (surroundings === undefined) return [];
  return surroundings.credentials
    .filter(({ usable }) => !usable)
    .map(({ name, trouble }) => ({
      id: driftId('credential', name),
      kind: 'credential',
      subject: plan.name,
      severity: 'critical',
      what: `${name} cannot be used any more`,
      why: 'the cutover stops where it is needed, with the source stopped',
      evidence: [trouble ?? 'it was refused'],
      next: ['put right the password, the key or the account', `then look again: landfall look ${plan.name}`],
      seenAt: surroundings.at,
    }));
}

/** A record is kept by others for its time to live: longer than what is left, and nobody hears of the change in time. */
function records({ plan, state }: View, now: number): Drift[] {
  const { surroundings, evacuation } = state;
  const deadline = evacuation?.deadline.earliest;
  if (surroundings === undefined || deadline === undefined) return [];
  const left = Math.max(0, deadline - now);
  return plan.dns.flatMap((record): Drift[] => {
    const seen = surroundings.records.find(
      each => each.name === record.name && each.recordType === record.type,
    );
    const ttlMs = Math.max(seen?.ttl === undefined ? 0 : seen.ttl * 1000, record.ttl ?? 0);
    if (ttlMs <= left || ttlMs === 0) return [];
    return [
      {
        id: driftId('ttl', record.name, record.type),
        kind: 'ttl',
        subject: plan.name,
        severity: 'warning',
        what: `${record.name} ${record.type} is kept by others for ${formatDuration(ttlMs)}, longer than the ${formatDuration(left)} that are left`,
        why: 'users go on asking for the source after it is gone',
        evidence: [`looked at ${formatDuration(Math.max(0, now - surroundings.at))} ago`],
        next: [
          'shorten its time to live at its provider now; what was handed out before is kept until it runs out',
          `then look again: landfall look ${plan.name}`,
        ],
        seenAt: surroundings.at,
      },
    ];
  });
}

/** What is recorded of machines is told with them. */
const hosts = ({ plan, state }: View, now: number): Drift[] =>
  Object.entries(state.drift ?? {}).flatMap(([subject, recorded]) =>
    get(plan.hypervisors, subject) === undefined
      ? []
      : changedDrift(subject, recorded, get(state.surveys ?? {}, subject)?.at, now).map(drift => ({
          ...drift,
          why: 'machines of the plan stand on it or are to stand on it',
          next: ['see whether somebody changed it on purpose, and whether the plan has to follow'],
        })),
  );

/**
 * What changed since the inventory before: told for a day, because a newer inventory is what counts from then on; and for as
 * long as none has been taken since `inventoryAt` (epoch ms), against which it was found.
 */
export function changedDrift(
  subject: string,
  { found, at, since, earlier = [] }: DriftState,
  inventoryAt: number | undefined,
  now: number,
): Drift[] {
  const isRecent = (seenAt: number): boolean => now - seenAt < CHANGES_KEPT_MS;
  const isOpen = since !== undefined && since === inventoryAt;
  const told = [
    ...(isOpen || isRecent(at) ? [{ found, at }] : []),
    ...earlier.filter(each => isRecent(each.at)).toReversed(),
  ].filter(each => each.found.length > 0);
  const [newest] = told;
  if (newest === undefined) return [];
  return [
    {
      id: driftId('changed', subject),
      kind: 'changed',
      subject,
      severity: 'warning',
      what: `${subject} is not as it was at the inventory before`,
      why: 'whatever was prepared or proved for it rests on what it was',
      evidence: told.flatMap(each => each.found.map(sentence => `${agoOf(each.at, now)}: ${sentence}`)),
      next: [
        'see whether somebody changed it on purpose, and whether the plan has to follow',
        `prove it again where it has been proved: landfall prove <the plan file> ${subject}`,
      ],
      seenAt: newest.at,
    },
  ];
}

const agoOf = (at: number, now: number): string => `seen ${formatDuration(Math.max(0, now - at))} ago`;
