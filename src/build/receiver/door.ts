import { LandfallError } from '../../foundation/errors.ts';
import type { MachineState } from '../../journal/state.ts';
import { fingerprint, parsePublicKey } from '../../remote/host-keys.ts';
import { isLinkFault } from '../../step/retry.ts';
import type { StepContext } from '../../step/step.ts';
import { lookAtProductUuid } from '../../tools/look.ts';
import { evacuationOf, receiverDomain, receiverHost, receiverVolume } from '../names.ts';
import type { Target } from '../site.ts';

/** The receiver's door: whose key hangs there, and whether it opens to us. */

/** sshd may come up after the agent. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 2_000;

/** A receiver that holds a copy keeps the key it had: another one is nothing that landfall gets used to silently. */
export function refuseOtherKey(
  context: StepContext,
  site: Target,
  machine: MachineState | undefined,
  told: string,
): void {
  const recorded = machine?.receiver?.hostKey;
  const holdsCopy = (machine?.passes.length ?? 0) > 0 || machine?.olderPasses !== undefined;
  if (recorded === undefined || recorded === told || !holdsCopy) return;
  const domain = receiverDomain(evacuationOf(context), site.machine);
  throw new LandfallError('ssh.host-key-changed', {
    what: `the receiver of ${site.machine} has another SSH host key than when landfall built it`,
    why: 'somebody has rebuilt or replaced it while it holds a copy of the machine: landfall does not trust it again by itself',
    where: { host: receiverHost(site.machine), machine: site.machine },
    evidence: [`recorded: ${shown(recorded)}`, `told now by its guest agent: ${shown(told)}`],
    next: [
      `look at it: virsh console ${domain}; who made a new key, and why?`,
      `if nobody can tell, build it anew (the replica keeps its data): ${removal(context, site)}; then run the same command again`,
    ],
  });
}

function shown(key: string): string {
  const parsed = parsePublicKey(key);
  return parsed === undefined ? 'unreadable' : `${parsed.type} ${fingerprint(parsed)}`;
}

function removal(context: StepContext, site: Target): string {
  const evacuation = evacuationOf(context);
  const domain = receiverDomain(evacuation, site.machine);
  const volume = receiverVolume(evacuation, site.machine);
  return `virsh destroy ${domain}; virsh undefine ${domain}; virsh vol-delete ${volume} --pool ${site.image.pool}`;
}

/** Logs in with the pinned key, and waits for it a while; what keeps us out is told with what else is known. */
export async function openDoor(
  context: StepContext,
  site: Target,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const started = context.clock.monotonic();
  for (;;) {
    try {
      await lookAtProductUuid(await context.host(receiverHost(site.machine)), signal);
      return;
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      if (error.code === 'ssh.host-key-changed') throw somebodyElse(site, addresses, error);
      if (!isLinkFault(error)) throw error;
      if (context.clock.monotonic() - started >= PATIENCE_MS) throw unreachable(site, addresses, error);
      context.sample({ text: `waiting until the receiver of ${site.machine} answers by SSH` });
      await context.clock.sleep(PAUSE_MS, signal);
    }
  }
}

const place = ({ target }: Target): string => `${target.address} port ${target.port}`;

function unreachable(site: Target, addresses: readonly string[], cause: LandfallError): LandfallError {
  const { machine, target } = site;
  return new LandfallError('build.network', {
    what: `the receiver of ${machine} runs, but nobody answers by SSH at ${place(site)}`,
    why: 'its guest agent answers through the hypervisor, so it has booted: what lies between here and there stops SSH',
    where: { host: receiverHost(machine), machine },
    evidence: [
      `guest agent of ${site.hypervisor}: answers`,
      `addresses of the receiver: ${addresses.join(', ') || 'none'}`,
      `SSH: ${cause.facts.what}`,
      ...(cause.facts.evidence ?? []),
    ],
    next: [
      `is there a route from here? ip route get ${target.address}; ping ${target.address}`,
      `does a firewall stop it, here, at ${site.hypervisor} or in the image? port ${target.port} must be open`,
      `is sshd up in the receiver? virsh console of its domain, then: systemctl status ssh sshd`,
      'then run the same command again',
    ],
    cause,
  });
}

function somebodyElse(site: Target, addresses: readonly string[], cause: LandfallError): LandfallError {
  return new LandfallError('ssh.host-key-changed', {
    what: `at ${place(site)} answers another host than the receiver of ${site.machine}`,
    why: 'its host key is not the one that the guest agent of the receiver tells; nothing was sent there',
    where: { host: receiverHost(site.machine), machine: site.machine },
    evidence: [
      ...(cause.facts.evidence ?? []),
      `addresses of the receiver: ${addresses.join(', ') || 'none'}`,
    ],
    next: [
      `see who has this address: ip neigh show ${site.target.address}; arping ${site.target.address}`,
      `correct machines.${site.machine}.target.address, or take the address from the other host`,
    ],
    cause,
  });
}
