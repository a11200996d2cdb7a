import { LandfallError } from '../foundation/errors.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';

/** What a cutover that is under way has been working with: other values would make it ask and start something else. */
const FIXED = /\/(?:source|target|servers)$/;

/**
 * Refuses a plan that takes away or moves what a cutover under way has stopped, started or frozen: it would vanish from the
 * list, and an abort would leave it as it is. `changed` as `changedParts` tells; throws `plan.changed`.
 */
export function refuseAmidCutover(
  { cutover, evacuation }: Pick<State, 'cutover' | 'evacuation'>,
  plan: Pick<Plan, 'name' | 'machines' | 'databases'>,
  changed: readonly string[],
  file: string,
): void {
  if (cutover === undefined || cutover.ended !== undefined) return;
  const gone = [
    ...(evacuation?.machines ?? []).filter(name => !Object.hasOwn(plan.machines, name)),
    ...(evacuation?.databases ?? []).filter(name => !Object.hasOwn(plan.databases, name)),
  ];
  const moved = changed.filter(part => FIXED.test(part));
  if (gone.length + moved.length === 0) return;
  throw new LandfallError('plan.changed', {
    what: `a cutover of ${plan.name} is under way, and the plan ${gone.length > 0 ? 'takes away' : 'moves'} what it works with`,
    why: 'what has been stopped or started under the plan before would be left as it is, and nobody would say so',
    where: { file },
    evidence: [
      ...gone.map(name => `not in the plan any more: ${name}`),
      ...moved.map(part => `changed: ${part}`),
    ],
    next: [
      'change it back; units, checks, addresses after the cutover and people may be changed',
      cutover.noReturn === undefined
        ? `or give the cutover up first: landfall cutover ${plan.name} abort --reason "..."`
        : 'or let the cutover come to its end first',
    ],
  });
}
