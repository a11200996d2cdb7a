import { harmless } from '../../../foundation/text.ts';
import { get } from '../../../journal/maps.ts';
import type { Action } from '../../../step/action.ts';
import type { StepContext, View } from '../../../step/step.ts';
import { askVirsh, nameLines, virshWrite } from '../../../tools/virsh.ts';
import { keyComment, pathDirectory, runtimeDirectory } from '../../names.ts';
import { HYPERVISOR_KEYS } from '../../path/keys.ts';
import {
  checkpointPrefix,
  domainOf,
  frozenMark,
  incomingPath,
  isOwnCheckpoint,
  piecesDirectory,
  sourceHypervisor,
  stagingDirectory,
  targetHypervisor,
} from './names.ts';
import { runningBackup, virshOf } from './observe.ts';
import { blocksKeyId } from './path.ts';
import { DROP_SCRIPT } from './scripts/backup.ts';
import { LEFT_SCRIPT, SWEEP_SCRIPT } from './scripts/leftovers.ts';
import { drop, endBackup } from './settle.ts';

/** What the blocks mover has on both hypervisors for a machine: listed for `doctor`, taken away by `clean`. */

type ExecAction = Action & { readonly kind: 'exec' };

/** What a look needs of a step's hands: no step has to run for it. */
export type Looking = Pick<StepContext, 'host' | 'plan' | 'state'>;

export interface BlocksLeftover {
  readonly host: string;
  readonly kind: 'checkpoint' | 'backup' | 'file' | 'key' | 'incoming';
  /** The checkpoint, the path of the file, or words. */
  readonly name: string;
}

/** Whether blocks have ever been at work for this machine, or may have been. */
export function hasUsedBlocks({ state }: View, machine: string): boolean {
  const known = get(state.machines, machine);
  return (
    known?.path?.between !== undefined ||
    // Files have another path since, and the passes by blocks may be forgotten: its step is not.
    get(state.steps, blocksKeyId(machine)) !== undefined ||
    known?.advanced !== undefined ||
    (known?.checkpoints ?? []).length > 0 ||
    (known?.passes ?? []).some(({ mover }) => mover === 'blocks')
  );
}

/** Only reads. Rejects where a hypervisor cannot be reached. */
export async function blocksLeftovers(
  context: Looking,
  machine: string,
  signal: AbortSignal,
): Promise<BlocksLeftover[]> {
  const source = await context.host(sourceHypervisor(context, machine));
  const target = await context.host(targetHypervisor(context, machine));
  const comment = keyComment(context.plan.name, machine);
  const [names, backup, atSource, atTarget, revoked] = await Promise.all([
    askVirsh(source, virshOf(context, machine)('checkpoint-list', '--name'), { signal }),
    runningBackup(context, machine, signal),
    source.exec(['sh', '-c', LEFT_SCRIPT, 'sh', ...placesAtSource(context, machine)], { signal }),
    target.exec(['sh', '-c', LEFT_SCRIPT, 'sh', ...placesAtTarget(context, machine)], { signal }),
    target.exec(['sh', '-c', HYPERVISOR_KEYS.revoked, 'sh', comment], { codes: [0, 1, 2], signal }),
  ]);
  const checkpoints = names.ok ? nameLines(names.text).filter(isOwn(context)) : [];
  const file = (host: string, path: string): BlocksLeftover => ({
    host,
    kind: path.endsWith('.incoming') ? 'incoming' : 'file',
    name: harmless(path),
  });
  return [
    ...checkpoints.map(name => ({ host: source.id, kind: 'checkpoint' as const, name: harmless(name) })),
    ...(backup?.isOurs === true ? [{ host: source.id, kind: 'backup' as const, name: backup.words }] : []),
    ...nameLines(atSource.stdout.toString('utf8')).map(path => file(source.id, path)),
    ...nameLines(atTarget.stdout.toString('utf8')).map(path => file(target.id, path)),
    ...(revoked.code === 0 ? [] : [{ host: target.id, kind: 'key' as const, name: comment }]),
  ];
}

const isOwn =
  ({ plan }: View) =>
  (name: string): boolean =>
    isOwnCheckpoint(plan.name, name);

const placesAtSource = (view: View, machine: string): string[] => [
  machine,
  runtimeDirectory(view.plan.name),
  piecesDirectory(view, machine),
  pathDirectory(view.plan.name, machine),
  frozenMark(view.plan.name, machine),
];

const placesAtTarget = (view: View, machine: string): string[] => [
  machine,
  runtimeDirectory(view.plan.name),
  stagingDirectory(view, machine),
  stagingDirectory(view, machine),
  stagingDirectory(view, machine).replace(/([^/]+)$/, '.marks-$1'),
  ...(get(view.state.machines, machine)?.replica?.volumes ?? []).map(({ path }) => incomingPath(path)),
];

/** In the order of execution; empty where blocks have never been at work. */
export function cleanBlocksActions(view: View, machine: string): ExecAction[] {
  if (!hasUsedBlocks(view, machine)) return [];
  const { abort, dropAll, sweepSource, revoke, sweepTarget } = cleaning(view, machine);
  return [abort, dropAll, sweepSource, revoke, sweepTarget];
}

/** Performs `cleanBlocksActions`: production first. A backup that is not ours is left alone, and so is everything then. */
export async function cleanBlocks(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  if (!hasUsedBlocks(context, machine)) return;
  const { abort, dropAll, sweepSource, revoke, sweepTarget } = cleaning(context, machine);
  await endBackup(context, machine, { abort }, signal);
  await drop(context, machine, dropAll, signal);
  for (const action of [sweepSource, revoke, sweepTarget]) await context.perform(action, { signal });
}

function cleaning(view: View, machine: string) {
  const source = sourceHypervisor(view, machine);
  const target = targetHypervisor(view, machine);
  const uri = view.plan.hypervisors[source]?.uri ?? 'qemu:///system';
  const domain = domainOf(view, machine);
  const exec = (host: string, argv: readonly string[], note: string): ExecAction => ({
    kind: 'exec',
    host,
    argv,
    note,
  });
  const sh = (script: string, ...words: readonly string[]): string[] => ['sh', '-c', script, 'sh', ...words];
  return {
    abort: exec(source, virshWrite(uri, 'domjobabort', domain), 'only a backup of our own'),
    dropAll: exec(
      source,
      sh(DROP_SCRIPT, uri, domain, checkpointPrefix(view.plan.name), '', 'all', '0'),
      'the checkpoints of this evacuation, and no others',
    ),
    sweepSource: exec(
      source,
      sh(SWEEP_SCRIPT, ...placesAtSource(view, machine)),
      'pieces, jobs, and the private key',
    ),
    revoke: exec(
      target,
      sh(HYPERVISOR_KEYS.revoke, keyComment(view.plan.name, machine)),
      "the key's line in authorized_keys",
    ),
    sweepTarget: exec(
      target,
      sh(SWEEP_SCRIPT, ...placesAtTarget(view, machine)),
      'pieces, jobs, and copies that never became whole',
    ),
  };
}
