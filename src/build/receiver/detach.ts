import type { Plan } from '../../plan/schema.ts';
import { mayBeInReceiver } from '../../step/receiver.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step } from '../../step/step.ts';
import { stepId } from '../names.ts';
import { targetHypervisor, targetOf } from '../site.ts';
import { takeOut, takeOutActions } from './exchange.ts';
import { endLeftCopy, leftCopyActions } from './left-copy.ts';

/**
 * The replica out of the receiver, because blocks move the machine from now on: what comes next is written into its volumes
 * themselves. What they hold stays as it is. Listed only while disks of ours may be in the receiver.
 */
export function detachStep(plan: Plan, machine: string): Step {
  const site = targetOf(plan, machine);
  return {
    id: stepId(machine, 'detach'),
    phase: 'build',
    subject: machine,
    title: `take the replica disks of ${machine} out of its receiver: blocks move it now`,
    needs: [stepId(machine, 'access')],
    resources: [
      { key: `host:${site.hypervisor}`, units: 1 },
      // A pass of files that still runs has them mounted; a proof has overlays of them in their places.
      { key: `replica:${machine}`, units: 1 },
    ],
    repeats: true,
    retry: LINK_RETRY,
    preview: view => [
      { kind: 'exec', host: site.hypervisor, argv: ['cat', '/etc/machine-id'], reads: true },
      ...leftCopyActions(view, site),
      ...takeOutActions(view, machine),
    ],
    // The run looks at the world itself, and what it found is what keeps the step from being listed again.
    done: async context => !mayBeInReceiver(context, machine),
    async run(context, signal) {
      const host = await targetHypervisor(context, site, signal);
      await endLeftCopy(context, site, host, signal);
      await takeOut(context, machine, signal);
    },
  };
}
