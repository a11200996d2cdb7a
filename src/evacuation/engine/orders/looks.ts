import { listed } from '../../../foundation/spelling.ts';
import { counted } from '../../../foundation/units.ts';
import { canMeasure } from '../../../sync/index.ts';
import { holdOf } from '../../held.ts';
import type { CommandOf } from '../command.ts';
import {
  type Decision,
  type Desktop,
  failedSteps,
  isRunning,
  machineState,
  machinesOf,
  refuse,
  retryEvents,
  stepsAbout,
} from './decision.ts';

/** Counts what the next pass would bring, of one machine or of all that have a copy. */
export function measure({ machine }: CommandOf<'measure'>, desk: Desktop): Decision {
  const machines = machinesOf(desk, machine);
  const able = machines.filter(name => canMeasure(desk, name));
  const unable = machines.filter(name => !able.includes(name));
  if (able.length === 0)
    throw refuse(
      `${machine ?? 'no machine'} has ${machine === undefined ? 'a' : 'no'} copy yet against which it could be measured`,
      ['let its first pass end, then measure again', `what runs: landfall status ${desk.plan.name}`],
      'before the first copy everything would be lost',
    );
  if (desk.state.evacuation?.mode?.mode === 'dark')
    throw refuse('the mode is dark: nothing is asked of the source, so nothing can be measured', [
      `what is known: landfall status ${desk.plan.name}`,
    ]);
  const asked = able.filter(name => machineState(desk, name)?.measureRequested === undefined);
  const step = (name: string) => ({ id: measureId(name), phase: 'sync' as const, subject: name });
  const failed = failedSteps(desk, machine).filter(id => able.some(name => id === measureId(name)));
  const holds = able.flatMap(name => holdOf(step(name), desk.state) ?? []);
  const copying = able.filter(name =>
    stepsAbout(desk, name).some(each => isRunning(each) && /\/(?:pass|verify)-\d+$/.test(each.id)),
  );
  const parts = [
    ...(asked.length > 0
      ? [
          `${counted(asked.length, 'machine')} ${asked.length === 1 ? 'is' : 'are'} measured: nothing is copied`,
        ]
      : []),
    ...(able.length > asked.length ? [`${able.length - asked.length} had been asked for already`] : []),
    ...(copying.length > 0 ? [`${listed(copying)} after what copies or compares now`] : []),
    ...(holds[0] === undefined ? [] : [`it waits: ${holds[0].why}`]),
    ...(unable.length > 0
      ? [`${listed(unable)} ${unable.length === 1 ? 'has' : 'have'} no copy yet: all of it would be lost`]
      : []),
  ];
  return {
    events: [
      ...asked.map(name => ({ type: 'exposure.requested' as const, machine: name })),
      ...retryEvents(failed),
    ],
    retry: failed,
    said: `${parts.join('; ')}.`,
  };
}

const measureId = (machine: string): string => `sync/${machine}/measure`;
