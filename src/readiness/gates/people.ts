import { counted, formatDuration } from '../../foundation/units.ts';
import type { View } from '../../step/step.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { untilClose } from '../storm.ts';

/** Who decides, who is called, and whether anybody has ever done it. */
export function peopleGates(view: View, now: number, rehearsedAt: number | undefined): GateFacts[] {
  return [contacts(view, now), rehearsed(view, now, rehearsedAt)];
}

function contacts(view: View, now: number): GateFacts {
  const { contacts: named, cutover } = view.plan;
  const reachable = named.filter(({ phone, email }) => phone !== undefined || email !== undefined);
  const isMissing = named.length === 0 || cutover.decides === undefined;
  return {
    check: 'contacts',
    title: 'It is known who decides on the cutover and who is called',
    severity: untilClose(view, now),
    verdict: isMissing ? 'fail' : reachable.length === 0 ? 'unproven' : 'pass',
    evidence: [
      cutover.decides === undefined
        ? 'the plan does not say who decides (cutover.decides)'
        : `${cutover.decides} decides`,
      named.length === 0
        ? 'the plan names nobody to call'
        : `${counted(reachable.length, 'contact')} of ${named.length} with a telephone number or an address`,
    ],
    remedy: [
      ...(cutover.decides === undefined
        ? ['write into the plan under cutover.decides who says that it begins']
        : []),
      'write everybody who is needed into the plan under contacts, with a telephone number',
    ],
    costOfIgnoring: 'everything is ready, and at 2 a.m. nobody knows who may say so',
  };
}

/** A rehearsal that is older says little about people and servers of today. */
const REHEARSAL_MAX_AGE_MS = 30 * 24 * 3600e3;

/** `rehearsedAt`: the end of the newest rehearsal of this cutover that other journals tell of. */
function rehearsed({ plan, state }: View, now: number, rehearsedAt: number | undefined): GateFacts {
  const { cutover } = state;
  const own = cutover?.rehearse === true ? cutover.ended : undefined;
  const at = Math.max(own?.outcome === 'committed' ? own.at : 0, rehearsedAt ?? 0);
  const isOver = cutover?.rehearse === false && cutover.ended?.outcome === 'committed';
  const isRolledBack = at === 0 && own?.outcome === 'rolled-back';
  return {
    check: 'rehearsed',
    title: `The cutover was rehearsed in the last ${formatDuration(REHEARSAL_MAX_AGE_MS)}`,
    severity: 'warning',
    verdict: isOver
      ? 'pass'
      : at > 0 && isRecent(at, now, REHEARSAL_MAX_AGE_MS)
        ? 'pass'
        : isRolledBack
          ? 'fail'
          : 'unproven',
    evidence: [
      isOver
        ? 'the cutover itself is done'
        : at > 0
          ? `the last rehearsal that went to its end was ${ago(at, now)}`
          : isRolledBack
            ? `the last rehearsal was given up and rolled back ${ago(own.at, now)}`
            : 'no rehearsal of the cutover is on record',
    ],
    evidenceAt: isOver ? cutover.ended?.at : at > 0 ? at : own?.at,
    remedy: [
      `rehearse it where nothing can break: landfall rehearse --cutover`,
      `or on staging: landfall cutover ${plan.name} --rehearse`,
    ],
    costOfIgnoring:
      'times and order of the cutover are guesses, and people do it for the first time in the storm',
  };
}
