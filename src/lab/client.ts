import { mkdirSync, realpathSync } from 'node:fs';
import { z } from 'zod';
import { type Clock, systemClock } from '../foundation/clock.ts';
import {
  findLab,
  livingProcess,
  POLL_MS,
  type Reached,
  reach,
  type StartOptions,
} from './control/find-lab.ts';
import {
  doorsSchema,
  type FaultKind,
  type LabDoor,
  type LabStatus,
  type LabTree,
  statusSchema,
  treesSchema,
  violationsSchema,
} from './control/protocol.ts';
import { readLabFile, requireMadeWith } from './directory/lab-file.ts';
import { type LabPaths, labPaths } from './directory/user-files.ts';
import { startTicks } from './hosts/processes.ts';
import { MACHINE_NAMES } from './machine-names.ts';

/** A lab from outside: finds the process that serves a directory, or starts one, and talks to it. */

export interface OpenLabOptions extends StartOptions {
  readonly clock?: Clock;
}

export interface LabClient {
  readonly directory: string;
  readonly paths: LabPaths;
  readonly pid: number;
  status(): Promise<LabStatus>;
  readonly writer: { resume(): Promise<void>; pause(): Promise<void>; stop(): Promise<void> };
  setLinkRate(bytesPerSecond: number | null): Promise<void>;
  /** Of connections between the sites that begin from now on. */
  setRoundTrip(ms: number): Promise<void>;
  /** `at` is a machine of the plan, or a host id where the fault strikes a host. False where it met nothing. */
  fault(kind: FaultKind, at: string, on: boolean): Promise<boolean>;
  trees(): Promise<LabTree[]>;
  doors(): Promise<LabDoor[]>;
  violations(): Promise<string[]>;
  /** Ends the lab with everything it started; its files stay. */
  shutdown(): Promise<void>;
  /** Leaves the lab running. */
  close(): void;
}

/** Refuses a lab that was made with something else than what is asked for; what is not asked for does not matter. */
function requireWanted(directory: string, { name, seed, scale, machines }: OpenLabOptions): void {
  const present = readLabFile(directory);
  if (present === undefined) return;
  requireMadeWith(directory, present, {
    ...(name === undefined ? {} : { name }),
    ...(seed === undefined ? {} : { seed }),
    ...(scale === undefined ? {} : { scale }),
    ...(machines === undefined ? {} : { machines: MACHINE_NAMES.filter(known => machines.includes(known)) }),
  });
}

/** Finds the living lab of a directory, or starts one that outlives this process, and waits until it is ready. */
export async function openLab(wanted: string, options: OpenLabOptions = {}): Promise<LabClient> {
  const { clock = systemClock } = options;
  mkdirSync(wanted, { recursive: true, mode: 0o700 });
  const directory = realpathSync(wanted);
  requireWanted(directory, options);
  return clientOf(directory, await findLab(directory, options, clock), clock);
}

/** Ends the lab that serves a directory, where there is one. */
export async function shutdownLab(directory: string, clock: Clock = systemClock): Promise<void> {
  const served = livingProcess(directory);
  if (served !== undefined) await clientOf(directory, await reach(served), clock).shutdown();
}

function clientOf(directory: string, { served, line }: Reached, clock: Clock): LabClient {
  const { ask, socket } = line;
  const nothing = z.null().transform(() => undefined);
  const writer = (to: 'pause' | 'resume' | 'stop') => () => ask({ what: 'writer', to }, nothing);
  return {
    directory,
    paths: labPaths(directory),
    pid: served.pid,
    status: () => ask({ what: 'status' }, statusSchema),
    writer: { resume: writer('resume'), pause: writer('pause'), stop: writer('stop') },
    setLinkRate: bytesPerSecond => ask({ what: 'link', bytesPerSecond }, nothing),
    setRoundTrip: roundTripMs => ask({ what: 'distance', roundTripMs }, nothing),
    fault: (kind, at, on) => ask({ what: 'fault', kind, at, on }, z.boolean()),
    trees: () => ask({ what: 'trees' }, treesSchema),
    doors: () => ask({ what: 'doors' }, doorsSchema),
    violations: () => ask({ what: 'violations' }, violationsSchema),
    async shutdown() {
      await ask({ what: 'shutdown' }, nothing);
      while (startTicks(served.pid) === served.startTicks) await clock.sleep(POLL_MS);
      socket.destroy();
    },
    close: () => socket.destroy(),
  };
}
