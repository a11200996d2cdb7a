import { get } from '../../../journal/maps.ts';
import { hasLogin } from '../../../plan/login.ts';
import { type Action, fact } from '../../../step/action.ts';
import type { View } from '../../../step/step.ts';
import { virshWrite } from '../../../tools/virsh.ts';
import type { PassPlan } from '../../plan-passes.ts';
import { type Wave, wayOf } from './chunks.ts';
import {
  applyJob,
  backupJob,
  backupXmlPath,
  checkpointName,
  checkpointPrefix,
  checkpointXmlPath,
  domainOf,
  frozenMark,
  pieceName,
  piecesDirectory,
  pullName,
  replicaDiskPath,
  shipJob,
  sourceHypervisor,
  stagingDirectory,
  targetHypervisor,
} from './names.ts';
import { lookActions, virshOf } from './observe.ts';
import { baseOf } from './plan.ts';
import { type PullActions, pullActions, waveActions } from './pull-actions.ts';
import { APPLY_SCRIPT, DISCARD_SCRIPT, TOUCHED_SCRIPT } from './scripts/apply.ts';
import { BACKUP_SCRIPT, DROP_SCRIPT, PIECES_SCRIPT } from './scripts/backup.ts';
import { shipAction } from './ship-action.ts';
import { checkpointXml, pushXml } from './xml.ts';

/** What one pass by blocks does to the two hypervisors, as data: for the preview and for the run alike. */

type ExecAction = Action & { readonly kind: 'exec' };
export type JobAction = Action & { readonly kind: 'job' };
type WriteAction = Action & { readonly kind: 'write' };

export interface PieceActions {
  readonly disk: string;
  readonly piece: string;
  readonly ship: JobAction;
}

export interface PassActions {
  readonly reads: readonly Action[];
  readonly xml: readonly [WriteAction, WriteAction];
  readonly makeScratch: ExecAction;
  /** Ends a backup of ours that an attempt before has left running. */
  readonly abort: ExecAction;
  /** Takes away the checkpoint of this very pass, where it was made and its pieces never became whole. */
  readonly dropOwn: ExecAction;
  readonly backup: JobAction;
  readonly pieces: readonly PieceActions[];
  readonly look: ExecAction;
  readonly touched: ExecAction;
  /** Where everything that writes on the source was stopped: what it has in memory goes to its disks. */
  readonly flush: ExecAction | undefined;
  readonly apply: JobAction;
  /** libvirt learns that other files have taken the names of the volumes. */
  readonly refresh: readonly ExecAction[];
  /** Where the copy goes in chunks. */
  readonly pull: (PullActions & { readonly wave: readonly Action[] }) | undefined;
  readonly dropOlder: ExecAction;
  readonly discardSource: ExecAction;
  readonly discardTarget: ExecAction;
}

/** The disks that travel: those that the inventory saw; undefined before it looked. */
export const disksOf = ({ state }: View, machine: string): string[] | undefined =>
  get(state.machines, machine)?.observed?.domain.disks.map(({ target }) => target);

/** How a full copy goes, and what of it is under way: it changes while the pass runs. */
export interface Route {
  /** Undefined as long as nothing has decided: then it is what the room of now asks for. */
  mode: 'push' | 'pull' | undefined;
  wave: Wave;
}

/** `limit` in bytes per second. */
export function passActions(
  view: View,
  machine: string,
  { pass, kind }: Pick<PassPlan, 'pass' | 'kind'>,
  limit: number | undefined,
  route: Route = { mode: undefined, wave: {} },
): PassActions {
  const { name } = view.plan;
  const source = sourceHypervisor(view, machine);
  const target = targetHypervisor(view, machine);
  const uri = (hypervisor: string): string => view.plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';
  const domain = domainOf(view, machine);
  const directory = piecesDirectory(view, machine);
  const staging = stagingDirectory(view, machine);
  const disks = disksOf(view, machine);
  const pieces = (disks ?? ['vda']).map(disk => ({ disk, piece: pieceName(machine, pass, disk) }));
  const names = pieces.map(({ piece }) => piece);
  const backupXml = backupXmlPath(name, machine, pass, kind);
  const checkpointFile = checkpointXmlPath(name, machine, pass);
  const unseen = fact(undefined, `disks of ${machine}`, `inventory/${machine}`);
  const base = baseOf(view, machine);
  const since = kind === 'delta' ? (base.checkpoint ?? checkpointName(name, pass - 1)) : undefined;
  const files = pieces.map(({ disk, piece }) => ({ disk, piece: `${directory}/${piece}` }));
  const exec = (host: string, argv: ExecAction['argv'], note: string): ExecAction => ({
    kind: 'exec',
    host,
    argv,
    note,
  });
  const sh = (script: string, ...words: ExecAction['argv']): ExecAction['argv'] => [
    'sh',
    '-c',
    script,
    'sh',
    ...words,
  ];
  const drop = (keep: string, which: 'only' | 'below'): ExecAction['argv'] =>
    sh(DROP_SCRIPT, uri(source), domain, checkpointPrefix(name), keep, which, String(pass));
  const pools = new Set(
    get(view.state.machines, machine)?.replica?.volumes.map(({ pool }) => pool) ?? [
      view.plan.machines[machine]?.target.pool ?? 'default',
    ],
  );

  const freeze = wantsFreeze(view, machine) ? 'freeze' : 'as-it-is';
  const isPull = kind === 'full' && (route.mode ?? wayOf(view, machine).mode) === 'pull';
  const pull = isPull
    ? {
        ...pullActions(view, machine, pass, freeze),
        wave: waveActions(view, machine, pass, route.wave, limit),
      }
    : undefined;

  return {
    reads: [
      ...lookActions(view, machine),
      {
        kind: 'exec',
        host: source,
        argv: virshOf(view, machine)(
          'checkpoint-dumpxml',
          since ?? checkpointName(name, pass),
          '--size',
          '--no-domain',
        ),
        reads: true,
        note: 'what was written since the last pass',
      },
    ],
    pull,
    xml: [
      pull?.xml ?? {
        kind: 'write',
        host: source,
        path: backupXml,
        mode: 0o600,
        content: disks === undefined ? unseen : pushXml(files, since),
      },
      {
        kind: 'write',
        host: source,
        path: checkpointFile,
        mode: 0o600,
        content: disks === undefined ? unseen : checkpointXml(checkpointName(name, pass), files),
      },
    ],
    makeScratch: exec(source, ['mkdir', '-p', '-m', '0711', '--', directory], 'where QEMU writes the pieces'),
    abort: exec(
      source,
      virshWrite(uri(source), 'domjobabort', domain),
      'only a backup of our own that was left running',
    ),
    dropOwn: exec(
      source,
      drop('', 'only'),
      `only where pass ${pass} was broken off before its pieces were whole: what it tracked goes back to the checkpoint before`,
    ),
    backup: pull?.guard ?? {
      kind: 'job',
      host: source,
      job: backupJob(machine, pass),
      argv: sh(
        BACKUP_SCRIPT,
        uri(source),
        domain,
        freeze,
        frozenMark(name, machine),
        directory,
        backupXml,
        checkpointFile,
        String(Math.ceil(view.plan.care.space / 1024)),
        ...(disks === undefined ? [unseen] : names),
      ),
      note: 'one instant of every disk; file systems stand still for its beginning, and a watchdog thaws them',
    },
    pieces: pieces.map(({ disk, piece }) => ({
      disk,
      piece,
      ship: shipAction(view, machine, shipJob(machine, pass, disk), piece, limit),
    })),
    look: { ...exec(target, sh(PIECES_SCRIPT, staging, ...names), 'what has arrived'), reads: true },
    touched: {
      ...exec(
        target,
        sh(
          TOUCHED_SCRIPT,
          staging,
          ...pieces.map(({ disk }) =>
            fact(replicaDiskPath(view, machine, disk), `replica of ${disk}`, `build/${machine}/replica`),
          ),
        ),
        'whether somebody has written to the replica since the last pass',
      ),
      reads: true,
    },
    flush: isFlushed(view, machine)
      ? exec(machine, ['sync'], 'what its programs have written is on its disks before they are copied')
      : undefined,
    apply: {
      kind: 'job',
      host: target,
      job: applyJob(machine, pass),
      argv: sh(
        APPLY_SCRIPT,
        kind,
        staging,
        ...pieces.flatMap(({ disk, piece }) => [
          piece,
          fact(replicaDiskPath(view, machine, disk), `replica of ${disk}`, `build/${machine}/replica`),
        ]),
      ),
      note:
        kind === 'full'
          ? 'the copy takes the place of the replica when every disk of it is whole'
          : 'what has changed is merged into the replica',
    },
    refresh: [...pools].map(pool =>
      exec(target, virshWrite(uri(target), 'pool-refresh', pool), 'the volumes are other files now'),
    ),
    dropOlder: exec(
      source,
      drop(checkpointName(name, pass), 'below'),
      'the older checkpoints of this evacuation, and no others',
    ),
    discardSource: exec(
      source,
      sh(DISCARD_SCRIPT, directory, ...names, pullName(machine, pass)),
      'pieces that have arrived',
    ),
    discardTarget: exec(target, sh(DISCARD_SCRIPT, staging, ...names), 'pieces that are in the replica'),
  };
}

/** Whether file systems shall stand still: where the plan allows it and an agent was seen. */
const wantsFreeze = ({ plan, state }: View, machine: string): boolean =>
  plan.machines[machine]?.freeze !== false && get(state.machines, machine)?.blocks?.agent === true;

/** A source that was made quiet for the last copy, and that can be told to write down what it has in memory. */
export const isFlushed = ({ plan, state }: View, machine: string): boolean =>
  hasLogin(plan, machine) && get(state.cutover?.machines ?? {}, machine)?.stopped?.quietAt !== undefined;

/** All of it, in the order of execution. */
export function listed(actions: PassActions): Action[] {
  return [
    ...actions.reads,
    actions.look,
    actions.touched,
    actions.abort,
    actions.dropOwn,
    ...(actions.flush === undefined ? [] : [actions.flush]),
    ...actions.xml,
    actions.makeScratch,
    ...(actions.pull === undefined ? [] : [actions.pull.prepare, actions.pull.create]),
    actions.backup,
    ...(actions.pull === undefined
      ? actions.pieces.map(({ ship }) => ship)
      : [actions.pull.marks, ...actions.pull.wave, actions.pull.release, actions.pull.seal]),
    actions.apply,
    ...actions.refresh,
    actions.dropOlder,
    actions.discardSource,
    actions.discardTarget,
  ];
}
