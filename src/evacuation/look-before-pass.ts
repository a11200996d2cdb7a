import { lookStep } from '../inventory/index.ts';
import { get } from '../journal/maps.ts';
import type { Step, View } from '../step/step.ts';

/**
 * The steps, a look at the machine before each pass but the first, whose inventory is fresh. None before a pass that has
 * begun, and none once a cutover has stopped the machine: then every second counts, and nobody plugs anything in.
 */
export function afterLook(view: View, steps: readonly Step[]): Step[] {
  const { evacuation, cutover } = view.state;
  // In the dark nothing is asked of the source.
  if (evacuation?.mode?.mode === 'dark' || cutover?.dark === true) return [...steps];
  return steps.flatMap(step => {
    const pass = Number(/^sync\/[^/]+\/pass-(\d+)$/.exec(step.id)?.[1] ?? 0);
    const machine = get(view.state.machines, step.subject);
    const isStopped = get(cutover?.machines ?? {}, step.subject)?.stopped !== undefined;
    const hasBegun = machine?.passes.some(each => each.pass === pass) === true;
    if (pass < 2 || isStopped || hasBegun) return [step];
    const look = lookStep(view.plan, step.subject, pass);
    return [look, { ...step, needs: [...step.needs, look.id] }];
  });
}
