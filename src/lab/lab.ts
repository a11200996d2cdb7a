import { mkdirSync, realpathSync } from 'node:fs';
import { type Clock, systemClock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { createBlocks } from './blocks/blocks.ts';
import { createCopies } from './boot/copies.ts';
import { type Claim, claimDirectory } from './directory/claim.ts';
import { labFileFor, writeLabFile } from './directory/lab-file.ts';
import { choosePort } from './directory/ports.ts';
import { forgetSocket, socketPath } from './directory/sockets.ts';
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
import type { Door } from './hosts/doors.ts';
import { hypervisorHost, machineHost } from './hosts/permanent-hosts.ts';
import { createPower, type Power } from './hosts/power.ts';
import { killAll, type LabProcess, labProcesses, signalAll } from './hosts/processes.ts';
import { createReceivers } from './hosts/receivers.ts';
import { writeSharedShims } from './hosts/shims.ts';
import { createSources } from './hosts/sources.ts';
import { createVirsh } from './hypervisor/virsh.ts';
import { settleVolume } from './hypervisor/volume-files.ts';
import { MACHINE_NAMES, type MachineName } from './machine-names.ts';
import { type SqlPair, startSqlPair } from './sql-pair.ts';
import { createLink, type Link } from './ssh/link.ts';
import { createToolBox, type ToolBox } from './tools/tool-box.ts';
import { serveTools } from './tools/tool-server.ts';
import {
  type ReplicaTree,
  replicaTrees,
  type SourceTree,
  type StandbyTree,
  sourceTrees,
  standbyTrees,
} from './trees/comparison.ts';
import { makeTrees } from './trees/make-trees.ts';
import { createWorld } from './world/create-world.ts';
import { type HypervisorFacts, hypervisorFacts, type MachineFacts, machineFacts } from './world/layout.ts';
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
  /** About so many rows in the database of a pair of SQL Server doubles; absent or 0: no SQL Server. */
  readonly databaseRows?: number;
  /** Name of the plan; default pocket-rehearsal. */
  readonly planName?: string;
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
  /** The claim on the directory, where the caller has it already. */
  readonly claim?: Claim;
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
  /** Services that listen, SSH apart, and where they can be reached. */
  doors(): readonly Door[];
  /** The files of a running standby beside those of its source. */
  standbyOf(machine: string): StandbyTree[];
  /** What a host has mounted where. */
  mountsOf(host: string): readonly Mount[];
  /** Ends everything the lab started; files stay. */
  close(): Promise<void>;
}

/** Opens the lab of a directory, makes it where there is none; `lab.unavailable` where another process has it open. */
export async function createLab(options: LabOptions): Promise<Lab> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(options.directory);
  const claim = options.claim ?? (await claimDirectory(directory));
  if (claim === undefined) {
    throw new LandfallError('lab.unavailable', {
      what: `another process has the lab at ${directory} open`,
      next: ['end it, or use another directory'],
    });
  }
  try {
    return await openClaimed(directory, claim, options);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

interface Opening {
  readonly labId: string;
  readonly name: string;
  readonly port: number;
  readonly sql: SqlPair | undefined;
  readonly seed: number;
  readonly scale: number;
  readonly names: readonly MachineName[];
  readonly machines: readonly MachineFacts[];
  readonly hypervisors: readonly HypervisorFacts[];
  readonly log: (line: string) => void;
}

/** Everything that lies in the directory before a host is up. */
async function prepareDirectory(directory: string, options: LabOptions): Promise<Opening> {
  const { seed = 1, scale = 1, planName: name = 'pocket-rehearsal', log = () => undefined } = options;
  const unknown = options.machines?.find(wanted => !MACHINE_NAMES.some(known => known === wanted));
  if (unknown !== undefined) {
    throw new LandfallError('lab.unavailable', {
      what: `the lab has no machine called "${unknown}"`,
      next: [`there are: ${MACHINE_NAMES.join(', ')}`],
    });
  }
  const names = MACHINE_NAMES.filter(name => options.machines?.includes(name) ?? true);
  const machines = machineFacts(seed, directory, names);
  const hypervisors = hypervisorFacts(seed);
  const rows = options.databaseRows ?? 0;
  const file = labFileFor(
    directory,
    { name, seed, scale, machines: [...names] },
    rows === 0 ? null : { rows, ports: [0, 0] },
  );
  const addresses = [
    ...hypervisors.map(({ address }) => address),
    ...machines.flatMap(({ address, receiverAddress }) => [address, receiverAddress]),
  ];
  const port = await choosePort(file.port, addresses, Math.random);
  writeLabFile(directory, { ...file, port });
  const { clock = systemClock } = options;
  const [sql] = await Promise.all([
    file.database === null ? undefined : startSqlPair({ directory, seed, clock, log, ...file.database }),
    makeTrees(directory, { seed, scale, machines, log }),
  ]);
  if (file.database !== null && sql !== undefined) {
    const ports: [number, number] = [sql.publisher.port, sql.subscriber.port];
    writeLabFile(directory, { ...file, port, database: { ...file.database, ports } });
  }
  return { labId: file.labId, name, port, sql, seed, scale, names, machines, hypervisors, log };
}

async function openClaimed(directory: string, claim: Claim, options: LabOptions): Promise<Lab> {
  const { clock = systemClock, linkBytesPerSecond = null } = options;
  const opening = await prepareDirectory(directory, options);
  const { labId, name, port, sql, seed, scale, names, machines, hypervisors, log } = opening;
  const state = loadState(directory, seed);
  const power: Power = createPower(() => ({ world, link, tools }));
  const world: World = createWorld({
    ...{ directory, labId, seed, port, clock, state, machines, hypervisors, log },
    onChange: power.refresh,
    settled: power.settled,
  });
  const link = createLink(linkBytesPerSecond, () => clock.monotonic());
  const receivers = createReceivers(world, { bootMs: options.bootMs ?? 300, up: power.up, down: power.down });
  const copies = createCopies(world, {
    bootMs: options.bootMs ?? 300,
    inside: power.inside,
    open: power.open,
    down: power.down,
  });
  const sources = createSources(world, { bootMs: options.bootMs ?? 300, up: power.up, down: power.down });
  const blocks = createBlocks(world);
  const faults = createFaults({
    world,
    link,
    servers: power.servers,
    receivers,
    copies,
    sources,
    sql,
    blocks,
  });
  const virsh = createVirsh(world, { receivers, copies, sources, blocks });
  const tools: ToolBox = createToolBox({ world, ...blocks }, virsh, faults.complaints);

  const toolSocket = socketPath(directory, 'tools.sock');
  const toolServer = await serveTools(world, tools, toolSocket);
  const end = async (): Promise<void> => {
    await Promise.all([receivers.end(), copies.end(), sources.end(), blocks.backups.end()]);
    faults.clear();
    await power.off();
    await killAll(labId);
    await new Promise<void>(resolve => toolServer.close(() => resolve()));
    forgetSocket(directory, toolSocket);
    link.setRate(null);
    await sql?.close();
    await claim.release();
  };

  try {
    writeSharedShims(directory, toolSocket);
    const identity = ensureIdentity(directory);
    const permanent = [
      ...hypervisors.map(facts => hypervisorHost(directory, facts)),
      ...machines.map(facts => machineHost(directory, facts)),
    ];
    for (const host of permanent) authorize(host, identity);
    const isUp = (host: SimHost): boolean => host.site === 'target' || !state.isSourceLost;
    for (const host of permanent) if (host.hypervisor !== null && isUp(host)) await power.up(host);
    await sources.resume();
    if (state.isSourceLost) await sql?.losePublisher();
    writeSshFiles(world, permanent);
    writePlan(world, { name, linkBytesPerSecond, sql });
    // A lab that was killed while it held a host frozen left its jobs stopped.
    signalAll(labProcesses(labId), 'SIGCONT');
    copies.forgetAll();
    for (const volume of state.volumes) settleVolume(world, volume);
    await receivers.resume();
    await copies.resume();
    saveState(directory, state);
  } catch (error) {
    await end();
    throw error;
  }

  const writer = createWriter(world, { mailConverges: options.mailConverges ?? true });
  return {
    ...{ directory, labId, port, seed, scale, machines: names, paths: labPaths(directory) },
    ...{ link, writer, faults },
    violations: () => state.violations,
    treeOf: machine => sourceTrees(world, machine),
    replicaOf: machine => replicaTrees(world, machine),
    addressOf(id) {
      const host = world.hosts.get(id);
      if (host === undefined) throw new RangeError(`no host ${id} is up`);
      return { address: host.address, port };
    },
    connections: () => [...power.servers.values()].reduce((sum, server) => sum + server.connections(), 0),
    processesOf: id => labProcesses(labId, id),
    doors: () => power.doors(),
    standbyOf: machine => standbyTrees(world, machine),
    mountsOf: id => world.hosts.get(id)?.mounts ?? [],
    async close() {
      await writer.stop();
      await end();
    },
  };
}
