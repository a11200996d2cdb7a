import { cutoverOrder } from '../plan/cutover-order.ts';
import type { View } from '../step/step.ts';
import { type Draft, peopleOf, type Setting } from './draft.ts';
import { activate } from './sections/activate.ts';
import { arrive, noReturn } from './sections/arrive.ts';
import { final } from './sections/final.ts';
import { idsOf, leave } from './sections/leave.ts';

/**
 * Every item of the cutover in the order of execution, from the plan alone: each stands behind all that it needs, so
 * that the list can be worked through from paper, top to bottom.
 */
export function draftsOf(view: View, dark: boolean): Draft[] {
  const { plan, state } = view;
  const turns = cutoverOrder(plan);
  const setting: Setting = {
    view,
    plan,
    evacuation: state.evacuation?.name ?? plan.name,
    dark,
    machines: turns.filter(({ kind }) => kind === 'machine'),
    databases: turns.filter(({ kind }) => kind === 'database'),
    people: peopleOf(plan),
  };
  const first = activate(setting);
  const out = leave(setting, idsOf(first));
  const stopped = out.filter(({ section }) => section === 'power-off');
  const arrived = arrive(setting, idsOf(stopped.length > 0 ? stopped : [...first, ...out]));
  const before = [...first, ...out, ...arrived];
  return [...before, noReturn(setting, before), ...final(setting)];
}
