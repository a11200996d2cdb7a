import { get } from '../../../journal/maps.ts';
import { type Action, fact, type Word } from '../../../step/action.ts';
import type { View } from '../../../step/step.ts';
import type { JobAction } from './actions.ts';
import { type Chunk, type Wave, wayOf } from './chunks.ts';
import { PREPARE_SCRIPT } from './compare/scripts.ts';
import {
  backupJob,
  backupXmlPath,
  checkpointXmlPath,
  chunkJob,
  chunkName,
  domainOf,
  frozenMark,
  incomingPath,
  pieceName,
  piecesDirectory,
  pullDirectory,
  replicaDiskPath,
  sealJob,
  sourceHypervisor,
  stagingDirectory,
  targetHypervisor,
} from './names.ts';
import { DISCARD_SCRIPT } from './scripts/apply.ts';
import {
  CHUNKS_SCRIPT,
  CREATE_SCRIPT,
  CUT_SCRIPT,
  PLACE_SCRIPT,
  PULL_SCRIPT,
  RELEASE_SCRIPT,
  SEAL_SCRIPT,
} from './scripts/pull.ts';
import { shipAction } from './ship-action.ts';
import { pullXml } from './xml.ts';

/** What a full copy in chunks does to the two hypervisors, as data. */

type ExecAction = Action & { readonly kind: 'exec' };
type WriteAction = Action & { readonly kind: 'write' };

export interface PullActions {
  readonly prepare: ExecAction;
  readonly create: ExecAction;
  readonly xml: WriteAction;
  readonly guard: JobAction;
  readonly marks: ExecAction;
  readonly release: ExecAction;
  readonly seal: JobAction;
}

export interface ChunkActions {
  readonly cut: JobAction;
  readonly ship: JobAction;
  readonly place: JobAction;
  /** What of it is left at the source once it is in its place, or all of it once it is known to be damaged. */
  readonly discardSource: ExecAction;
  readonly discardTarget: ExecAction;
}

/** How the backup of a pass in chunks is told, which tells it from one in whole pieces. */
export const pullXmlPath = (evacuation: string, machine: string, pass: number): string =>
  backupXmlPath(evacuation, machine, pass, 'pull');

const sh = (script: string, ...words: readonly Word[]): readonly Word[] => [
  'sh',
  '-c',
  script,
  'sh',
  ...words,
];

export function pullActions(
  view: View,
  machine: string,
  pass: number,
  freeze: 'freeze' | 'as-it-is',
): PullActions {
  const { plan, state } = view;
  const source = sourceHypervisor(view, machine);
  const target = targetHypervisor(view, machine);
  const directory = pullDirectory(view, machine, pass);
  const staging = stagingDirectory(view, machine);
  const seen = get(state.machines, machine)?.observed?.domain.disks.map(disk => disk.target);
  const disks = seen ?? ['vda'];
  const unseen = fact(undefined, `disks of ${machine}`, `inventory/${machine}`);
  const looked = get(state.machines, machine)?.blocks?.disks ?? [];
  const way = wayOf(view, machine);
  const capacity = (disk: string): Word =>
    fact(looked.find(each => each.target === disk)?.capacity, `size of ${disk}`, `inventory/${machine}`);
  const replica = (disk: string): string | undefined => replicaDiskPath(view, machine, disk);
  const incoming = (disk: string): Word => {
    const path = replica(disk);
    const image = path === undefined ? undefined : incomingPath(path);
    return fact(image, `image of ${disk}`, `build/${machine}/replica`);
  };
  return {
    prepare: {
      kind: 'exec',
      host: source,
      argv: sh(PREPARE_SCRIPT, directory, domainOf(view, machine)),
      note: 'a directory in which the qemu of this domain may open its socket',
    },
    create: {
      kind: 'exec',
      host: target,
      argv: sh(CREATE_SCRIPT, ...disks.flatMap(disk => [incoming(disk), capacity(disk)])),
      note: 'beside the replica, which stays as it is until the copy is whole',
    },
    xml: {
      kind: 'write',
      host: source,
      path: pullXmlPath(plan.name, machine, pass),
      mode: 0o600,
      content: seen === undefined ? unseen : pullXml(seen, directory),
    },
    guard: {
      kind: 'job',
      host: source,
      job: backupJob(machine, pass),
      argv: sh(
        PULL_SCRIPT,
        plan.hypervisors[source]?.uri ?? 'qemu:///system',
        domainOf(view, machine),
        freeze,
        frozenMark(plan.name, machine),
        directory,
        pullXmlPath(plan.name, machine, pass),
        checkpointXmlPath(plan.name, machine, pass),
        fact(way.mode === 'pull' ? way.chunk : undefined, 'bytes of a chunk', `inventory/${machine}/blocks`),
        String(Math.ceil(plan.care.space / 1024)),
        ...(seen ?? [unseen]),
      ),
      note: 'one instant of every disk, exported on a socket until its chunks are away; it ends by itself before the scratch is full',
    },
    marks: {
      kind: 'exec',
      host: target,
      argv: sh(CHUNKS_SCRIPT, staging, `${machine}-p${pass}-`),
      reads: true,
      note: 'which chunks are in',
    },
    release: {
      kind: 'exec',
      host: source,
      argv: sh(RELEASE_SCRIPT, directory),
      note: 'the backup ends: every chunk is in',
    },
    seal: {
      kind: 'job',
      host: target,
      job: sealJob(machine, pass),
      argv: sh(
        SEAL_SCRIPT,
        staging,
        ...disks.flatMap(disk => [
          pieceName(machine, pass, disk),
          fact(replica(disk), `replica of ${disk}`, `build/${machine}/replica`),
        ]),
      ),
      note: 'looks through the new images, all chunks in them',
    },
  };
}

export function chunkActions(
  view: View,
  machine: string,
  pass: number,
  { disk, index, at, size }: Chunk,
  limit: number | undefined,
): ChunkActions {
  const source = sourceHypervisor(view, machine);
  const target = targetHypervisor(view, machine);
  const pieces = piecesDirectory(view, machine);
  const staging = stagingDirectory(view, machine);
  const piece = chunkName(machine, pass, disk, index);
  const replica = replicaDiskPath(view, machine, disk);
  const range = [String(at), String(size)];
  const job = (what: string): string => chunkJob(machine, pass, what, disk, index);
  return {
    cut: {
      kind: 'job',
      host: source,
      job: job('cut'),
      argv: sh(CUT_SCRIPT, pullDirectory(view, machine, pass), `${pieces}/${piece}`, disk, ...range),
    },
    ship: shipAction(view, machine, job('ship'), piece, limit),
    place: {
      kind: 'job',
      host: target,
      job: job('place'),
      argv: sh(
        PLACE_SCRIPT,
        staging,
        piece,
        fact(
          replica === undefined ? undefined : incomingPath(replica),
          `image of ${disk}`,
          `build/${machine}/replica`,
        ),
        ...range,
      ),
    },
    discardSource: { kind: 'exec', host: source, argv: sh(DISCARD_SCRIPT, pieces, piece) },
    discardTarget: { kind: 'exec', host: target, argv: sh(DISCARD_SCRIPT, staging, piece) },
  };
}

/** The chunks of a wave, each once; an example where none is under way. */
export function waveActions(
  view: View,
  machine: string,
  pass: number,
  wave: Wave,
  limit: number | undefined,
): Action[] {
  const chunks = [...new Set([wave.cut, wave.ship, wave.place])].filter(chunk => chunk !== undefined);
  if (chunks.length > 0)
    return chunks.flatMap(chunk => Object.values(chunkActions(view, machine, pass, chunk, limit)));
  const way = wayOf(view, machine);
  const { target: disk, capacity } = get(view.state.machines, machine)?.blocks?.disks[0] ?? {
    target: 'vda',
    capacity: 0,
  };
  const size = Math.min(capacity, way.mode === 'pull' ? way.chunk : capacity);
  const { cut, ship, place, discardSource } = chunkActions(
    view,
    machine,
    pass,
    { disk, index: 0, at: 0, size, data: 0 },
    limit,
  );
  return [{ ...cut, note: 'and so on, for each chunk that holds data' }, ship, place, discardSource];
}
