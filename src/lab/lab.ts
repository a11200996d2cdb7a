import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import type { Server } from 'node:net';
import { type Clock, systemClock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { type LabFile, readLabFile, writeLabFile } from './directory/lab-file.ts';
import { findPort, forgetSocket, portIsFree, socketPath } from './directory/sockets.ts';
import { loadState, saveState } from './directory/state-file.ts';
import {
  authorize,
  ensureIdentity,
  type LabPaths,
  labPaths,
  writePlan,
  writeSshFiles,
} from './directory/user-files.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { hypervisorHost, machineHost } from './hosts/permanent-hosts.ts';
import { prepareAnswers } from './hosts/prepared-answers.ts';
import { type LabProcess, labProcesses, signalAll } from './hosts/processes.ts';
import { createReceivers } from './hosts/receivers.ts';
import { writeMap, writeSharedShims, writeShims } from './hosts/shims.ts';
import { createVirsh } from './hypervisor/virsh.ts';
import { createLink, type Link } from './ssh/link.ts';
import { createHostServer, type HostServer } from './ssh/server.ts';
import { createToolBox, type ToolBox } from './tools/tool-box.ts';
import { serveTools } from './tools/tool-server.ts';
import { type ReplicaTree, replicaTrees, type SourceTree, sourceTrees } from './trees/comparison.ts';
import { makeGolden, makeMachine } from './trees/make-trees.ts';
import { hypervisorFacts, MACHINE_NAMES, machineFacts } from './world/layout.ts';
import type { Mount, SimHost, Violation, World } from './world/world.ts';
import { createWriter, type Writer } from './writer/writer.ts';

/** The pocket lab: two sites of simulated hosts behind real SSH servers on loopback (DESIGN 7). */

export interface LabOptions {
  readonly directory: string;
  /** The same seed gives the same trees and the same writer; default 1. */
  readonly seed?: number;
  /** 1 is about 20 000 files and 300 MB; tests use less; default 1. */
  readonly scale?: number;
  /** Limit of the line between the sites in bytes per second; null (the default) is no limit. */
  readonly linkBytesPerSecond?: number | null;
  /** How long a receiver takes until its agent answers; default 300 ms. */
  readonly bootMs?: number;
  /** Some of db1, app1, app2, mail1, files1, web1; default all. */
  readonly machines?: readonly string[];
  /** Whether passes over mail1 get smaller; default true. */
  readonly mailConverges?: boolean;
  /** Name of the plan; default pocket-rehearsal. */
  readonly planName?: string;
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
}

export interface Lab {
  readonly directory: string;
  readonly labId: string;
  readonly port: number;
  readonly seed: number;
  readonly scale: number;
  readonly machines: readonly string[];
  readonly paths: LabPaths;
  readonly link: Link;
  readonly writer: Writer;
  readonly faults: Faults;
  violations(): readonly Violation[];
  treeOf(machine: string): SourceTree[];
  replicaOf(machine: string): ReplicaTree[];
  /** Address and port of a host by its id (`web1`, `web1.receiver`, `dal-kvm1`). */
  addressOf(host: string): { readonly address: string; readonly port: number };
  /** SSH connections that are open now, on all hosts. */
  connections(): number;
  /** Processes that a host runs now, detached jobs too. */
  processesOf(host: string): LabProcess[];
  /** What a host has mounted where. */
  mountsOf(host: string): readonly Mount[];
  /** Ends everything the lab started; files stay. */
  close(): Promise<void>;
}

function labFile(directory: string, wanted: Omit<LabFile, 'labId' | 'port' | 'process' | 'format'>): LabFile {
  const present = readLabFile(directory);
  if (present === undefined) {
    return { format: 1, labId: randomBytes(8).toString('hex'), port: 0, process: null, ...wanted };
  }
  const same =
    present.seed === wanted.seed &&
    present.scale === wanted.scale &&
    present.machines.join() === wanted.machines.join();
  if (!same) {
    throw new LandfallError('lab.unavailable', {
      what: `the lab at ${directory} was made with another seed, scale or set of machines`,
      evidence: [
        `there: seed ${present.seed}, scale ${present.scale}, ${present.machines.join(' ')}`,
        `asked: seed ${wanted.seed}, scale ${wanted.scale}, ${wanted.machines.join(' ')}`,
      ],
      next: ['open it with what it was made with', 'or use another directory'],
    });
  }
  return present;
}

async function choosePort(file: LabFile, addresses: readonly string[]): Promise<number> {
  if (file.port !== 0 && (await portIsFree(addresses, file.port))) return file.port;
  const found = file.port === 0 ? await findPort(addresses, Math.random) : undefined;
  if (found !== undefined) return found;
  throw new LandfallError('lab.unavailable', {
    what:
      file.port === 0
        ? 'no free port was found on the loopback addresses 127.77.x.y'
        : `port ${file.port} of the lab is taken by another program`,
    next: ['end the other lab, or use another directory', 'look with: ss -ltnp'],
  });
}

export async function createLab(options: LabOptions): Promise<Lab> {
  const { seed = 1, scale = 1, clock = systemClock, log = () => undefined } = options;
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(options.directory);
  const names = MACHINE_NAMES.filter(name => options.machines?.includes(name) ?? true);
  const machines = machineFacts(seed, directory, names);
  const hypervisors = hypervisorFacts(seed);
  const addresses = [...hypervisors, ...machines].map(({ address }) => address);
  const file = labFile(directory, { seed, scale, machines: names });
  const port = await choosePort(file, [...addresses, ...machines.map(machine => machine.receiverAddress)]);
  writeLabFile(directory, { ...file, port });

  await makeGolden(directory, seed, scale);
  for (const machine of machines) {
    const { made, xattrsSkipped } = await makeMachine(directory, seed, scale, machine);
    if (made && xattrsSkipped > 0)
      log(`${machine.name}: ${xattrsSkipped} extended attributes left out: not possible here`);
  }

  const state = loadState(directory, seed);
  const hosts = new Map<string, SimHost>();
  const servers = new Map<string, HostServer>();
  const refreshing = new Set<Promise<void>>();
  const world: World = {
    directory,
    labId: file.labId,
    seed,
    port,
    clock,
    state,
    hosts,
    machines,
    hypervisors,
    log,
    changed(hostId) {
      saveState(directory, state);
      const host = hostId === undefined ? undefined : hosts.get(hostId);
      if (host === undefined) return;
      writeMap(host, directory);
      const refresh = prepareAnswers(host, tools)
        .catch((error: unknown) => log(`${host.id}: answers: ${String(error)}`))
        .finally(() => refreshing.delete(refresh));
      refreshing.add(refresh);
    },
    violation(host, command, why) {
      state.violations.push({ at: clock.now(), host, command, why });
      saveState(directory, state);
      log(`VIOLATION on ${host}: ${command}: ${why}`);
    },
  };

  const link = createLink(options.linkBytesPerSecond ?? null, () => clock.monotonic());
  const up = async (host: SimHost): Promise<void> => {
    hosts.set(host.id, host);
    writeShims(host, directory);
    await prepareAnswers(host, tools);
    const server = createHostServer(world, host, link, tools);
    servers.set(host.id, server);
    await server.listen();
  };
  const down = async (hostId: string): Promise<void> => {
    hosts.delete(hostId);
    await servers.get(hostId)?.close();
    servers.delete(hostId);
  };
  const receivers = createReceivers(world, { bootMs: options.bootMs ?? 300, up, down });
  const faults = createFaults({ world, link, servers, receivers });
  const tools: ToolBox = createToolBox(world, createVirsh(world, receivers), faults.complaints);

  const toolSocket = socketPath(directory, 'tools.sock');
  const toolServer: Server = await serveTools(world, tools, toolSocket);
  const end = async (): Promise<void> => {
    receivers.end();
    faults.clear();
    await Promise.all([...servers.values()].map(server => server.close()));
    await new Promise<void>(resolve => toolServer.close(() => resolve()));
    forgetSocket(directory, toolSocket);
    await Promise.all(refreshing);
    signalAll(labProcesses(file.labId), 'SIGKILL');
    link.setRate(null);
    saveState(directory, state);
  };

  try {
    writeSharedShims(directory, toolSocket);
    const identity = ensureIdentity(directory);
    const permanent = [
      ...hypervisors.map(facts => hypervisorHost(directory, facts)),
      ...machines.map(facts => machineHost(directory, facts)),
    ];
    for (const host of permanent) {
      authorize(host, identity);
      await up(host);
    }
    writeSshFiles(world);
    writePlan(world, {
      name: options.planName ?? 'pocket-rehearsal',
      linkBytesPerSecond: options.linkBytesPerSecond ?? null,
    });
    // A lab that was killed while it held a host frozen left its jobs stopped.
    signalAll(labProcesses(file.labId), 'SIGCONT');
    await receivers.resume();
    saveState(directory, state);
  } catch (error) {
    await end();
    throw error;
  }

  const writer = createWriter(world, { mailConverges: options.mailConverges ?? true });

  return {
    directory,
    labId: file.labId,
    port,
    seed,
    scale,
    machines: names,
    paths: labPaths(directory),
    link,
    writer,
    faults,
    violations: () => state.violations,
    treeOf: machine => sourceTrees(world, machine),
    replicaOf: machine => replicaTrees(world, machine),
    addressOf(id) {
      const host = hosts.get(id);
      if (host === undefined) throw new RangeError(`no host ${id} is up`);
      return { address: host.address, port };
    },
    connections: () => [...servers.values()].reduce((sum, server) => sum + server.connections(), 0),
    processesOf: id => labProcesses(file.labId, id),
    mountsOf: id => hosts.get(id)?.mounts ?? [],
    async close() {
      await writer.stop();
      await end();
    },
  };
}
