import { targetOf } from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { Action } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import { askVirsh } from '../../tools/virsh.ts';
import type { Deed } from '../deed.ts';
import { besideSourceActions, refuseBesideSource } from './beside-source.ts';
import { look, observedOf, SHUT_OFF, wordsOf } from './hands.ts';
import { findStandby, standbyActions } from './standby.ts';

const PAUSE_MS = 5_000;

/**
 * A standby that nobody logs in to, seen from its hypervisor: it runs, on its layers, and its guest agent answers. Whether its
 * services do what they should is for people to try; the evidence says so.
 */
export function checkOutsideDeed(machine: string): Deed {
  return {
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    done: async ({ state }) => state.cutover?.items[`check/${machine}`]?.outcome === 'done',
    run: (context, signal) => run(context, machine, signal),
  };
}

function pingOf(view: View, machine: string) {
  const { site, name } = standbyActions(view, machine);
  return look(
    site.hypervisor,
    [...site.write('qemu-agent-command'), name, '{"execute":"guest-ping"}', '--timeout', '5'],
    `again and again, for ${formatDuration(view.plan.proof.boot_within)} at most: it may still be booting`,
  );
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const limitMs = context.plan.proof.boot_within;
  const source =
    context.state.cutover?.dark === true ? [] : [await refuseBesideSource(context, machine, signal)];
  const host = await context.host(targetOf(context.plan, machine).hypervisor);
  const began = context.clock.monotonic();
  for (;;) {
    const standby = await findStandby(context, host, machine, signal);
    if (standby === undefined || standby.state === SHUT_OFF) throw isOff(context, machine);
    const answer = await askVirsh(host, wordsOf(pingOf(context, machine).argv), { signal });
    const waited = context.clock.monotonic() - began;
    if (answer.ok)
      return [
        `it runs, and its guest agent answers after ${formatDuration(waited)}`,
        'what its services do was not seen: nobody logs in to it from here; whoever uses it has to try',
        ...source,
      ];
    if (waited >= limitMs) throw silent(context, machine, answer.result.stderr.toString('utf8'));
    context.sample({ text: `waiting for the guest agent of ${machine}`, fraction: waited / limitMs });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

function isOff(context: StepContext, machine: string): LandfallError {
  const { site, name } = standbyActions(context, machine);
  return new LandfallError('cutover.standby-failed', {
    what: `the standby of ${machine} does not run on ${site.hypervisor}`,
    where: { host: site.hypervisor, machine, command: `virsh domstate ${String(name)}` },
    next: [
      `see why: tail -n 30 /var/log/libvirt/qemu/${String(name)}.log`,
      `order bring-up/${machine} again, or abort: the source is as it was`,
    ],
  });
}

function silent(context: StepContext, machine: string, stderr: string): LandfallError {
  const { hypervisor } = targetOf(context.plan, machine);
  const { name } = observedOf(context, machine).domain;
  return new LandfallError('cutover.standby-failed', {
    what: `the standby of ${machine} runs, and its guest agent has not answered within ${formatDuration(context.plan.proof.boot_within)}`,
    why: 'nobody logs in to it, so that its agent is all that could say from inside that it is up',
    where: { host: hypervisor, machine, command: `virsh qemu-agent-command ${name}` },
    evidence: tailLines(stderr, 2),
    next: [
      `look at its screen, on ${hypervisor}: virsh screenshot ${name}`,
      `where it works although no agent answers: landfall cutover PLAN skip check/${machine} --reason "seen to work"`,
      'or abort: the source is as it was',
    ],
  });
}

const preview = (view: View, machine: string): Action[] => {
  const { site, name } = standbyActions(view, machine);
  return [
    ...(view.state.cutover?.dark === true ? [] : besideSourceActions(view, machine)),
    look(site.hypervisor, [...site.read('dumpxml'), name]),
    look(site.hypervisor, [...site.read('domstate'), name]),
    pingOf(view, machine),
  ];
};
