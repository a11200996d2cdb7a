import { LandfallError } from '../../foundation/errors.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Action } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { lookAtProductUuid, PRODUCT_UUID_FILE } from '../../tools/look.ts';
import { evacuationOf, receiverDomain, receiverHost, stepId } from '../names.ts';
import { unmountActions, unmountReplica } from '../replica/mounting.ts';
import { observeDevices } from '../replica/observe.ts';
import { notObserved } from '../replica/replica.ts';
import { type Target, targetHypervisor, targetOf } from '../site.ts';
import { endLeftCopy, leftCopyActions } from './left-copy.ts';
import { hasExactly, plug, plugActions, pluggedDisks, replicaVolumes } from './plug.ts';
import { refuseUnfitReceiver, toolsLooks } from './receiver-tools.ts';

/** Plugs the replica's disks into the receiver, now that it is up and has proved which domain it is. */
export function attachStep(plan: Plan, machine: string): Step {
  const site = targetOf(plan, machine);
  return {
    id: stepId(machine, 'attach'),
    phase: 'build',
    subject: machine,
    title: `plug the replica disks of ${machine} into its receiver`,
    needs: [stepId(machine, 'access')],
    resources: [
      { key: `host:${site.hypervisor}`, units: 1 },
      // While a copy runs or a proof has the disks, they are where they are.
      { key: `replica:${machine}`, units: 1 },
    ],
    retry: LINK_RETRY,
    preview: view => preview(view, site),
    async done(context, signal) {
      const volumes = replicaVolumes(context, machine);
      const known = context.state.machines[machine];
      if (volumes === undefined || known?.receiver?.devices === undefined) return false;
      const host = await context.host(site.hypervisor);
      const found = await pluggedDisks(host, site, domainOf(context, machine), signal);
      return hasExactly(found, volumes, known);
    },
    run: (context, signal) => run(context, site, signal),
  };
}

async function run(context: StepContext, site: Target, signal: AbortSignal): Promise<void> {
  const { machine } = site;
  const volumes = replicaVolumes(context, machine);
  if (volumes === undefined) throw notObserved(machine);
  const host = await targetHypervisor(context, site, signal);
  const receiver = await context.host(receiverHost(machine));
  if ((await lookAtProductUuid(receiver, signal)) !== context.state.machines[machine]?.receiver?.uuid) {
    throw otherReceiver(site, domainOf(context, machine));
  }
  await refuseUnfitReceiver(context, machine, receiver, signal);
  const found = await pluggedDisks(host, site, domainOf(context, machine), signal);
  if (!hasExactly(found, volumes, context.state.machines[machine])) {
    // An interrupted proof leaves its copy running or its overlay mounted: both go before the replica comes back.
    await endLeftCopy(context, site, host, signal);
    await unmountReplica(context, machine, signal);
    await plug(context, machine, volumes, signal);
  }
  await observeDevices(context, machine, signal);
}

const domainOf = (view: View, machine: string): string => receiverDomain(evacuationOf(view), machine);

function preview(view: View, site: Target): Action[] {
  const { machine } = site;
  const host = receiverHost(machine);
  return [
    { kind: 'exec', host: site.hypervisor, argv: ['cat', '/etc/machine-id'], reads: true },
    { kind: 'exec', host, argv: ['cat', PRODUCT_UUID_FILE], reads: true },
    ...toolsLooks(view, machine),
    {
      kind: 'exec',
      host: site.hypervisor,
      argv: site.read('dumpxml', domainOf(view, machine)),
      reads: true,
      note: 'which of our disks are in it',
    },
    ...leftCopyActions(view, site),
    ...unmountActions(view, machine).map(action => ({
      ...action,
      note: 'only where an interrupted proof has left its overlay',
    })),
    ...plugActions(view, machine, replicaVolumes(view, machine)),
  ];
}

function otherReceiver(site: Target, domain: string): LandfallError {
  return new LandfallError('identity.mismatch', {
    what: `${receiverHost(site.machine)} does not prove that it is the domain ${domain}`,
    why: 'disks are plugged only into the domain that answers at the address of the plan',
    where: { host: receiverHost(site.machine), command: `cat ${PRODUCT_UUID_FILE}` },
    next: [
      `look at machines.${site.machine}.target.address in the plan: it must reach the receiver`,
      'the login must be root: the UUID is readable for nobody else',
    ],
  });
}
