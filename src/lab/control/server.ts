import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Neglect } from '../faults/neglect.ts';
import type { Refusal } from '../faults/refusing-replica.ts';
import { receiverId } from '../hosts/receivers.ts';
import type { Lab } from '../lab.ts';
import { diskUsage } from '../tools/disk-usage.ts';
import { type Ask, type FaultKind, type LabStatus, type LabTree, requestSchema } from './protocol.ts';

/** The control socket of a lab process. */

export interface Control {
  readonly server: Server;
  /** Clients that are connected now. */
  clients(): number;
  close(): Promise<void>;
}

export function labStatus(lab: Lab): LabStatus {
  const { link } = lab;
  return {
    directory: lab.directory,
    labId: lab.labId,
    pid: process.pid,
    port: lab.port,
    seed: lab.seed,
    scale: lab.scale,
    machines: [...lab.machines],
    writer: lab.writer.status(),
    link: {
      bytesPerSecond: link.rate,
      bytes: link.bytes,
      connections: link.connections,
      dropped: link.dropped,
    },
    faults: lab.faults.active(),
    violations: lab.violations().length,
  };
}

/** A file of the golden image, so that it is there from the seed on and no later pass has a reason to send it. */
const TORN_FILE = 'usr/lib/os-release';

/** Halfway through the first full pass is where a full volume hurts most. */
const halfOf = (lab: Lab, machine: string): number =>
  lab.treeOf(machine).reduce((sum, { sourceDirectory }) => sum + diskUsage(sourceDirectory).bytes, 0) / 2;

type Switch = (lab: Lab, at: string, on: boolean) => unknown;

const neglecting =
  (kind: Neglect): Switch =>
  ({ faults }, at, on) =>
    on ? faults.neglect(at, kind) : faults.amend(at, kind);

const refusing =
  (kind: Refusal): Switch =>
  ({ faults }, at, on) =>
    on ? faults.refuse(at, kind) : faults.refuseNoMore(at);

/** One that every machine has. */
const UNREADABLE_FILE = 'etc/hostname';

/** A switch that answers 0 met nothing that it could strike. */
const SWITCHES: Readonly<Record<FaultKind, Switch>> = {
  'link-drop': ({ faults }, _at, on) => (on ? faults.linkDrop() : faults.linkHeal()),
  'control-drop': ({ faults }, at, on) => on && faults.controlDrop(at),
  'target-full': (lab, at, on) =>
    on ? lab.faults.targetFull(at, halfOf(lab, at)) : lab.faults.targetHeal(at),
  'host-key': ({ faults }, at, on) => (on ? faults.hostKey(at) : faults.hostKeyHeal(at)),
  'kill-rsync': ({ faults }, at, on) => on && faults.killRsync(at),
  freeze: ({ faults }, at, on) => (on ? faults.freeze(at) : faults.thaw(at)),
  tear: ({ faults }, at, on) => on && faults.tear(at, '/', TORN_FILE),
  'agent-silent': ({ faults }, at, on) => (on ? faults.agentSilent(at) : faults.agentHeal(at)),
  'receiver-key': ({ faults }, at, on) =>
    on ? faults.hostKey(receiverId(at)) : faults.hostKeyHeal(receiverId(at)),
  'receiver-down': ({ faults }, at, on) =>
    on ? faults.unreachable(receiverId(at)) : faults.reachable(receiverId(at)),
  'pool-full': ({ faults }, _at, on) => (on ? faults.poolFull() : faults.poolHeal()),
  'fstab-uuid': neglecting('fstab-uuid'),
  'no-virtio': neglecting('no-virtio'),
  'nic-renamed': neglecting('nic-renamed'),
  'no-grub': neglecting('no-grub'),
  'unit-fails': neglecting('unit-fails'),
  'site-lost': ({ faults }, _at, on) => on && faults.siteLost(),
  'standby-does-not-start': ({ faults }, at, on) =>
    on ? faults.standbyBroken(at) : faults.standbyMended(at),
  'shutdown-hangs': ({ faults }, at, on) => (on ? faults.shutdownHangs(at) : faults.shutdownWorks(at)),
  'qemu-killed': ({ faults }, at, on) => on && faults.qemuKilled(at),
  'foreign-checkpoint': ({ faults }, at, on) =>
    on ? faults.foreignCheckpoint(at) : faults.foreignCheckpointGone(at),
  'foreign-job': ({ faults }, at, on) => (on ? faults.foreignJob(at) : faults.foreignJobDone(at)),
  'scratch-full': ({ faults }, at, on) => (on ? faults.scratchFull(at) : faults.scratchHeal(at)),
  'sshd-killed': ({ faults }, at, on) =>
    on ? faults.unreachable(receiverId(at)) : faults.reachable(receiverId(at)),
  'kill-receiver-rsync': ({ faults }, at, on) => on && faults.killRsync(receiverId(at)),
  'inodes-full': refusing('inodes-full'),
  'read-only': refusing('read-only'),
  'disk-detached': refusing('disk-detached'),
  unreadable: ({ faults }, at, on) => (on ? faults.unreadable(at, UNREADABLE_FILE) : faults.readable(at)),
  'source-reboot': ({ faults }, at, on) => on && faults.reboot(at),
  unmounted: ({ faults }, at, on) => (on ? Number(faults.unmount(at)) : faults.mountAgain(at)),
  'disk-added': ({ faults }, at, on) =>
    on ? Number(faults.plugDisk(at) !== undefined) : faults.unplugDisk(at),
  'freeze-hangs': ({ faults }, at, on) => (on ? faults.freezeHangs(at) : faults.freezeWorks(at)),
};

function treesOf(lab: Lab, machine: string): LabTree[] {
  const running = lab.standbyOf(machine);
  return lab.replicaOf(machine).map(({ mountpoint, sourceDirectory, replicaDirectory }) => {
    const standby = running.find(found => found.mountpoint === mountpoint);
    return {
      ...{ machine, mountpoint, sourceDirectory },
      ...(replicaDirectory === undefined ? {} : { replicaDirectory }),
      ...(standby === undefined ? {} : { standbyDirectory: standby.standbyDirectory }),
    };
  });
}

async function perform(lab: Lab, ask: Ask, shutdown: () => void): Promise<unknown> {
  switch (ask.what) {
    case 'status':
      return labStatus(lab);
    case 'writer':
      await lab.writer[ask.to]();
      return null;
    case 'link':
      lab.link.setRate(ask.bytesPerSecond);
      return null;
    case 'distance':
      lab.link.roundTripMs = ask.roundTripMs;
      return null;
    case 'fault':
      return (await SWITCHES[ask.kind](lab, ask.at, ask.on)) !== 0;
    case 'trees':
      return lab.machines.flatMap(machine => treesOf(lab, machine));
    case 'doors':
      return lab.doors();
    case 'violations':
      return lab
        .violations()
        .map(({ at, host, command, why }) => `${new Date(at).toISOString()} ${host}: ${command} (${why})`);
    case 'shutdown':
      setImmediate(shutdown);
      return null;
  }
}

export async function serveControl(lab: Lab, path: string, shutdown: () => void): Promise<Control> {
  const sockets = new Set<Socket>();
  const reply = (socket: Socket, message: object): void => {
    socket.write(`${JSON.stringify(message)}\n`);
  };
  const handle = async (socket: Socket, line: string): Promise<void> => {
    let id = 0;
    try {
      const request = requestSchema.parse(JSON.parse(line));
      id = request.id;
      reply(socket, { id, ok: true, value: await perform(lab, request.ask, shutdown) });
    } catch (error) {
      reply(socket, { id, ok: false, why: error instanceof Error ? error.message : String(error) });
    }
  };
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const lines = createInterface({ input: socket });
    // readline tells the errors of its input again.
    lines.on('error', () => socket.destroy());
    lines.on('line', line => {
      handle(socket, line).catch(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    server,
    clients: () => sockets.size,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroySoon();
      }),
  };
}
