import { cutoverSteps, isCutoverLive, isInCutover } from '../cutover/index.ts';
import { get } from '../journal/maps.ts';
import type { Step, View } from '../step/step.ts';

/**
 * What there is to do while a cutover is under way: its own steps first, the last copies next, and nothing of machines
 * and databases that are the cutover's now. After a cutover that is complete the copies are production: they are left
 * alone for good.
 */
export function amidCutover(view: View, steps: readonly Step[]): Step[] {
  const { cutover } = view.state;
  if (cutover === undefined) return [...steps];
  const others = steps.filter(step => !isTheCutovers(view, step));
  const isLast = ({ phase, subject }: Step): boolean =>
    phase === 'sync' && get(cutover.machines, subject)?.stopped?.quietAt !== undefined;
  return [...cutoverSteps(view), ...others.filter(isLast), ...others.filter(step => !isLast(step))];
}

function isTheCutovers(view: View, { id, phase, subject }: Step): boolean {
  const { plan, state } = view;
  if (Object.hasOwn(plan.machines, subject)) return isInCutover(view, subject);
  const isLive = isCutoverLive(view);
  if (phase === 'database')
    return isLive && (state.cutover?.dark === true || /\/(?:handover|thaw)$/.test(id));
  // In the dark nobody answers there.
  const site = get(plan.hypervisors, subject)?.site;
  const isSource = site !== undefined && get(plan.sites, site)?.role === 'source';
  return isSource && state.cutover?.dark === true && state.cutover.ended?.outcome !== 'rolled-back';
}
