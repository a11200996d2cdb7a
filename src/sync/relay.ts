import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { LandfallError } from '../foundation/errors.ts';
import type { Tunnels } from '../remote/host.ts';
import type { Step, StepContext, View } from '../step/step.ts';
import { receiverOf } from './names.ts';

/**
 * The way for sites that cannot see each other (`link.path: relay`): a port of the source's own loopback leads through
 * landfall's two control connections to the sshd of the receiver; for blocks, from hypervisor to hypervisor. What travels
 * is the same SSH session as on the direct path, from the one to the other, with the same key and the same pinned host key: this machine sees nothing of it.
 * It lives as long as landfall does; a pass whose relay is gone has lost its link and goes on once there is one again.
 */

export const isRelayed = ({ plan }: Pick<View, 'plan'>): boolean => plan.link.path === 'relay';

/** Below the ports that kernels hand out by themselves, the same one for a machine every time. */
export function relayPort(evacuation: string, machine: string): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([evacuation, machine]))
    .digest();
  return 20_000 + (digest.readUInt32BE(0) % 12_000);
}

/** From where a relayed connection comes, as the receiver's sshd sees it. */
export const RELAY_ADDRESSES = '127.0.0.1,::1';

export interface RelayEnds {
  /** Host at whose loopback it begins, and the port there. */
  readonly from: string;
  readonly port: number;
  /** Host at whose sshd it ends, and its port. */
  readonly to: string;
  readonly sshPort: number;
}

/** From a source to its receiver. */
const filesEnds = ({ plan }: Pick<View, 'plan' | 'state'>, machine: string): RelayEnds => ({
  from: machine,
  port: relayPort(plan.name, machine),
  to: receiverOf(machine),
  sshPort: plan.machines[machine]?.target?.port ?? 22,
});

/** A step whose bytes go through this machine while it runs, where the plan says so. */
export function relayed(step: Step, machine: string, endsOf = filesEnds): Step {
  return {
    ...step,
    run: async (context, signal) => {
      if (!isRelayed(context)) return step.run(context, signal);
      const relay = await openRelay(context, endsOf(context, machine));
      try {
        return await step.run(context, signal);
      } finally {
        await relay.close();
      }
    },
  };
}

/** Opens the relay; connections that are under way when it is closed are cut. */
export async function openRelay(
  context: Pick<StepContext, 'host' | 'sample'>,
  ends: RelayEnds,
): Promise<{ close(): Promise<void> }> {
  const [from, to] = [await tunnelsOf(context, ends.from), await tunnelsOf(context, ends.to)];
  const open = new Set<Duplex>();
  const join = async (near: Duplex): Promise<void> => {
    open.add(near);
    near.once('close', () => open.delete(near));
    // Whatever goes wrong on one side is seen as an end on the other, and told by the ssh that runs through it.
    near.on('error', () => near.destroy());
    try {
      const far = await to.dial('127.0.0.1', ends.sshPort);
      far.on('error', () => far.destroy());
      far.once('close', () => near.destroy());
      near.once('close', () => far.destroy());
      near.pipe(far).pipe(near);
    } catch (error) {
      near.destroy();
      if (error instanceof LandfallError) context.sample({ text: `relay: ${error.facts.what}` });
    }
  };
  const listener = await from.listen(ends.port, stream => void join(stream));
  context.sample({ text: 'its bytes go through this machine (link.path: relay)' });
  return {
    async close() {
      await listener.close();
      for (const stream of open) stream.destroy();
    },
  };
}

async function tunnelsOf(context: Pick<StepContext, 'host'>, id: string): Promise<Tunnels> {
  const { tunnels } = await context.host(id);
  if (tunnels !== undefined) return tunnels;
  throw new LandfallError('ssh.forwarding-refused', {
    what: `${id} is not reached over SSH, so nothing can be relayed through it`,
    where: { host: id },
    next: ['take the direct path: link.path: direct in the plan'],
  });
}
