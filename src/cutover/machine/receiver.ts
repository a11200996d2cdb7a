import {
  buildSteps,
  evacuationOf,
  receiverDomain,
  receiverHost,
  takeOut,
  targetOf,
} from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import type { Host } from '../../remote/host.ts';
import type { Action } from '../../step/action.ts';
import { moverOf } from '../../step/mover.ts';
import { isLinkFault } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { askDomain, changed, type ExecAction, exec, look, SHUT_OFF } from './hands.ts';

/** How long a receiver may take to shut down; then its plug is pulled: nothing of ours is in it any more. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

function actionsOf(view: View, machine: string) {
  const site = targetOf(view.plan, machine);
  const domain = receiverDomain(evacuationOf(view), machine);
  const on = (note: string, ...verb: string[]): ExecAction =>
    exec(site.hypervisor, site.write(...verb), note);
  return {
    site,
    info: site.read('dominfo', domain),
    shutdown: on(
      'its memory is for the standby; its own disk stays, so that an abort is quick',
      'shutdown',
      domain,
    ),
    destroy: on('only where it does not go down by itself', 'destroy', domain),
  };
}

export function receiverOffActions(view: View, machine: string): Action[] {
  const { site, info, shutdown, destroy } = actionsOf(view, machine);
  return [look(site.hypervisor, info), shutdown, destroy];
}

/** Whether the receiver of the machine runs. */
export async function isReceiverOn(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await askDomain(host, actionsOf(context, machine).info, signal);
  return found.isThere && found.state !== SHUT_OFF;
}

/** Nothing of ours is in the receiver any more, and it is off. Fine where it is off already. */
export async function receiverOff(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await isReceiverOn(context, host, machine, signal))) return;
  await takeOut(context, machine, signal);
  const { shutdown, destroy } = actionsOf(context, machine);
  context.sample({ text: `shutting the receiver of ${machine} down` });
  await changed(context, shutdown, ['not-running'], signal);
  const began = context.clock.monotonic();
  while (await isReceiverOn(context, host, machine, signal)) {
    if (context.clock.monotonic() - began >= PATIENCE_MS) {
      await changed(context, destroy, ['not-running', 'domain-absent'], signal);
      return;
    }
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

/** Gigabytes that a pass has brought may not be on disk yet. */
const FLUSH_TIMEOUT_MS = 600_000;

const flush = (machine: string): ExecAction =>
  exec(receiverHost(machine), ['sync'], 'what has arrived is on disk before its plug is pulled');

/** The steps of the build that start a receiver and let landfall into it. */
const startingSteps = (view: View, machine: string): Step[] =>
  buildSteps(view, machine).filter(({ id }) =>
    [`build/${machine}/receiver`, `build/${machine}/access`].includes(id),
  );

export function freshReceiverActions(view: View, machine: string): Action[] {
  const { site, info, destroy } = actionsOf(view, machine);
  const restart: Action[] = [
    look(site.hypervisor, info),
    flush(machine),
    { ...destroy, note: 'what a lost source was sending hangs in it for hours, with the replica open' },
  ];
  return [
    ...(moverOf(view, machine) === 'files' ? restart : []),
    ...startingSteps(view, machine).flatMap(step => step.preview(view)),
  ];
}

/**
 * The receiver started anew, with its own disk alone: nothing that a source which is gone was sending holds the replica
 * open any more. One that is off is started; one into which nothing is sent, because blocks travel, is only started.
 */
export async function freshReceiver(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  if (moverOf(context, machine) === 'files' && (await isReceiverOn(context, host, machine, signal))) {
    context.sample({ text: `starting the receiver of ${machine} anew` });
    try {
      await context.perform(flush(machine), { timeoutMs: FLUSH_TIMEOUT_MS, signal });
    } catch (error) {
      // One that cannot be reached cannot be asked to flush; what was verified long ago is on disk.
      if (!(error instanceof LandfallError) || !isLinkFault(error)) throw error;
    }
    const { destroy } = actionsOf(context, machine);
    await changed(context, destroy, ['not-running', 'domain-absent'], signal);
  }
  for (const step of startingSteps(context, machine))
    if (!(await step.done(context, signal))) await step.run(context, signal);
}
