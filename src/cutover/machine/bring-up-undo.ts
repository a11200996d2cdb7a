import { standbyStep, takeOut, takeOutActions, targetHypervisor, targetOf } from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import type { Action } from '../../step/action.ts';
import { hasReceiver } from '../../step/receiver.ts';
import { isLinkFault } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import type { Deed } from '../deed.ts';
import { changed, doneTo, look } from './hands.ts';
import { findOverlays, overlaysOf, removeOverlays } from './overlays.ts';
import { isReceiverOn } from './receiver.ts';
import { findStandby, isOnLayers, standbyActions } from './standby.ts';

type Undo = NonNullable<Deed['undo']>;

/**
 * The standby off, its layers gone, held again as the build defined it: the replica is what the last pass left. Its
 * receiver is put back afterwards (put-back.ts), so that production need not wait for it.
 */
export const bringUpUndo = (machine: string, dark: boolean): Undo => ({
  preview: view => preview(view, machine),
  done: (context, signal) => isTakenBack(context, machine, dark, signal),
  run: (context, signal) => run(context, machine, dark, signal),
});

async function isTakenBack(
  context: StepContext,
  machine: string,
  dark: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { overlaid, started } = doneTo(context, machine);
  if (overlaid !== undefined || started !== undefined) return false;
  const host = await context.host(targetOf(context.plan, machine).hypervisor);
  const standby = await findStandby(context, host, machine, signal);
  if (standby?.isOn === true) return false;
  if ((await findOverlays(context, host, machine, signal)).length > 0) return false;
  // Without its source the definition cannot always be renewed; on layers that are gone it cannot start either.
  return dark || standby === undefined || (await standbyStep(context.plan, machine).done(context, signal));
}

async function run(
  context: StepContext,
  machine: string,
  dark: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  refuseFinal(context, machine);
  const { site, destroy, name } = standbyActions(context, machine);
  const host = await targetHypervisor(context, site, signal);
  const standby = await findStandby(context, host, machine, signal);
  if (standby?.isOn === true) {
    if (!isOnLayers(context, machine, standby)) throw notOnLayers(machine, site.hypervisor, String(name));
    context.sample({ text: `ending the standby of ${machine}` });
    await changed(context, destroy, ['not-running', 'domain-absent'], signal);
  }
  if (doneTo(context, machine).started !== undefined)
    await context.emit({ type: 'cutover.taken-back', machine, part: 'started' });
  // Cut off between, the layers may be in the receiver; nothing is pulled away from under it.
  const layers = await findOverlays(context, host, machine, signal);
  if (
    layers.length > 0 &&
    hasReceiver(context, machine) &&
    (await isReceiverOn(context, host, machine, signal))
  )
    await takeOut(context, machine, signal);
  await removeOverlays(context, host, machine, signal);
  const held = standby === undefined ? 'none was defined' : await holdAgain(context, machine, dark, signal);
  if (doneTo(context, machine).overlaid !== undefined)
    await context.emit({ type: 'cutover.taken-back', machine, part: 'overlaid' });
  return [
    `the standby of ${machine} is off; ${held}`,
    'its layers are gone: the replica is as its last pass left it',
  ];
}

async function holdAgain(
  context: StepContext,
  machine: string,
  dark: boolean,
  signal: AbortSignal,
): Promise<string> {
  const step = standbyStep(context.plan, machine);
  try {
    if (!(await step.done(context, signal))) await step.run(context, signal);
    return 'it is held again';
  } catch (error) {
    // UEFI variables are copied from the source's hypervisor.
    if (!dark || !(error instanceof LandfallError) || !isLinkFault(error)) throw error;
    return 'it still names the layers that are gone, so it cannot start: landfall run PLAN defines it anew';
  }
}

function refuseFinal(view: View, machine: string): void {
  const { cutover } = view.state;
  if (cutover?.noReturn === undefined && doneTo(view, machine).committedAt === undefined) return;
  throw new LandfallError('command.refused', {
    what: `the cutover is past its point of no return: the standby of ${machine} is the machine`,
    why: 'what it has written since would be lost with its layers',
    where: { machine },
    next: ['the way back is a failback: landfall failback PLAN'],
  });
}

const notOnLayers = (machine: string, hypervisor: string, domain: string): LandfallError =>
  new LandfallError('build.foreign-object', {
    what: `the standby ${domain} runs on ${hypervisor}, but not on the layers that landfall laid for it`,
    why: 'landfall ends only what it has started: somebody else may be working with it',
    where: { host: hypervisor, machine },
    next: [
      `look at it: virsh domblklist ${domain}`,
      `where nobody needs it: virsh destroy ${domain}`,
      'then let the abort go on',
    ],
  });

function preview(view: View, machine: string): Action[] {
  const { site, name, destroy } = standbyActions(view, machine);
  return [
    look(site.hypervisor, ['cat', '/etc/machine-id']),
    look(site.hypervisor, [...site.read('dumpxml'), name]),
    destroy,
    ...(hasReceiver(view, machine) ? takeOutActions(view, machine) : []).map(action => ({
      ...action,
      note: 'only where an attempt that was cut off has left its layers in the receiver',
    })),
    ...overlaysOf(view, machine).flatMap(({ volume, remove }) => [
      look(site.hypervisor, site.read('vol-dumpxml', '--pool', volume.pool, volume.volume)),
      remove,
    ]),
    ...standbyStep(view.plan, machine).preview(view),
  ];
}
