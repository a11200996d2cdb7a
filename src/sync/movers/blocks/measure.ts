import { LandfallError } from '../../../foundation/errors.ts';
import { get } from '../../../journal/maps.ts';
import { LINK_RETRY } from '../../../step/retry.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { stepId } from '../../names.ts';
import { disksOf } from './actions.ts';
import { sourceHypervisor } from './names.ts';
import { virshOf } from './observe.ts';
import { baseOf } from './plan.ts';
import { askBase } from './settle.ts';

/** `sync/<m>/measure` of a machine that moves by blocks: libvirt has counted what the next pass would bring. */
export function blocksMeasureSteps(view: View, machine: string): Step[] {
  const known = get(view.state.machines, machine);
  return known?.measureRequested === undefined || known.advanced === undefined
    ? []
    : [blocksMeasureStep(view, machine)];
}

export function blocksMeasureStep(view: View, machine: string): Step {
  return {
    id: stepId(machine, 'measure'),
    phase: 'sync',
    subject: machine,
    title: `ask ${sourceHypervisor(view, machine)} what ${machine} has written since the last pass; nothing is copied`,
    needs: [],
    resources: [{ key: `replica:${machine}`, units: 1 }],
    retry: LINK_RETRY,
    repeats: true,
    preview: now => {
      const base = baseOf(now, machine);
      return [
        {
          kind: 'exec',
          host: sourceHypervisor(now, machine),
          argv: virshOf(now, machine)(
            'checkpoint-dumpxml',
            base.checkpoint ?? get(now.state.machines, machine)?.advanced?.checkpoint ?? '',
            '--size',
            '--no-domain',
          ),
          reads: true,
        },
      ];
    },
    async done({ state }) {
      return get(state.machines, machine)?.measureRequested === undefined;
    },
    run: (context, signal) => measure(context, machine, signal),
  };
}

async function measure(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const startedAt = context.clock.now();
  const base = baseOf(context, machine);
  const asked =
    base.checkpoint === undefined
      ? { sound: false as const, why: base.reason }
      : await askBase(context, machine, base.checkpoint, disksOf(context, machine) ?? [], signal);
  if (!asked.sound || base.checkpoint === undefined)
    throw new LandfallError('blocks.refused', {
      what: `what ${machine} has written since the last pass cannot be counted`,
      why: asked.sound ? undefined : asked.why,
      where: { host: sourceHypervisor(context, machine), machine },
      next: [`a pass copies the whole machine then, and says why: landfall sync PLAN ${machine}`],
    });
  const bytes = [...asked.bytes.values()].reduce((sum, each) => sum + each, 0);
  await context.emit({ type: 'dirty.read', machine, checkpoint: base.checkpoint, bytes });
  await context.emit({ type: 'exposure.measured', machine, startedAt, files: 0, bytes, deletions: 0 });
}
