import { get } from '../../../journal/maps.ts';
import type { StepContext } from '../../../step/step.ts';
import { parseCheckpoint } from '../../../tools/domain-backup.ts';
import { askVirsh, nameLines } from '../../../tools/virsh.ts';
import { discard } from '../../follow.ts';
import { runtimeDirectory } from '../../names.ts';
import type { PassActions } from './actions.ts';
import { placeOf } from './backup.ts';
import { isOwnCheckpoint, sourceHypervisor, targetHypervisor } from './names.ts';
import { runningBackup, virshOf } from './observe.ts';
import { parseRemoved } from './said.ts';
import { STRAYS_SCRIPT } from './scripts/pull.ts';
import { foreign } from './trouble.ts';

/** What an attempt before has left on both hypervisors is taken away, and what is left of the base is asked for. */

const ABORT_LOOKS = 50;

/** Ends a backup of ours that nobody follows; throws where it is somebody else's. */
export async function endBackup(
  context: StepContext,
  machine: string,
  actions: Pick<PassActions, 'abort'>,
  signal: AbortSignal,
): Promise<void> {
  const job = await runningBackup(context, machine, signal);
  if (job === undefined) return;
  if (!job.isOurs) throw foreign(placeOf(context, machine), job.words);
  // It may end by itself between the question and this.
  await context.perform(actions.abort, { codes: [0, 1], signal });
  for (let look = 0; look < ABORT_LOOKS; look += 1) {
    if ((await runningBackup(context, machine, signal)) === undefined) return;
    await context.clock.sleep(200, signal);
  }
  throw foreign(placeOf(context, machine), 'a backup of landfall that does not end');
}

/**
 * Takes away all of a pass whose pieces never became whole: its checkpoint goes back into the one before (libvirt merges
 * what it tracked), so that nothing that was written is forgotten.
 */
export async function startAfresh(
  context: StepContext,
  machine: string,
  pass: number,
  actions: PassActions,
  signal: AbortSignal,
): Promise<void> {
  const jobs = [actions.backup, ...actions.pieces.map(({ ship }) => ship), actions.apply];
  await Promise.all(jobs.map(job => discard(context, job)));
  await discardChunkJobs(context, machine, pass);
  await endBackup(context, machine, actions, signal);
  await drop(context, machine, actions.dropOwn, signal);
  await discardPieces(context, actions, signal);
}

/** Ends the jobs of single chunks, on both hypervisors: how many there are, and of which, only the hosts know. */
export async function discardChunkJobs(context: StepContext, machine: string, pass: number): Promise<void> {
  const run = runtimeDirectory(context.plan.name);
  for (const id of [sourceHypervisor(context, machine), targetHypervisor(context, machine)]) {
    const host = await context.host(id);
    const { stdout } = await host.exec(['sh', '-c', STRAYS_SCRIPT, 'sh', run, `${machine}-p${pass}-`]);
    const strays = nameLines(stdout.toString('utf8')).filter(name => CHUNK_JOB.test(name));
    for (const job of strays) await discard(context, { kind: 'job', host: id, job, argv: ['true'] });
  }
}

const CHUNK_JOB = /^[A-Za-z0-9._-]+-p\d+-(?:seal|(?:cut|ship|place)-[A-Za-z0-9._-]+-c\d+)$/;

export async function discardPieces(
  context: StepContext,
  { discardSource, discardTarget }: Pick<PassActions, 'discardSource' | 'discardTarget'>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([discardSource, discardTarget].map(action => context.perform(action, { signal })));
}

/** Removes own checkpoints and records which are gone; throws where libvirt keeps one. */
export async function drop(
  context: StepContext,
  machine: string,
  action: PassActions['dropOwn'],
  signal: AbortSignal,
): Promise<void> {
  const host = await context.host(sourceHypervisor(context, machine));
  const names = await askVirsh(host, virshOf(context, machine)('checkpoint-list', '--name'), { signal });
  const own = (name: string): boolean => isOwnCheckpoint(context.plan.name, name);
  const there = names.ok ? names.text.split(/\s+/).filter(own) : [];
  const gone =
    there.length === 0
      ? []
      : parseRemoved((await context.perform(action, { signal })).stdout.toString('utf8'));
  if (!names.ok) return;
  for (const { checkpoint } of get(context.state.machines, machine)?.checkpoints ?? []) {
    if (there.includes(checkpoint) && !gone.includes(checkpoint)) continue;
    await context.emit({ type: 'checkpoint.removed', machine, checkpoint });
  }
}

/** What the base of a delta says: bytes written since, by disk; or why it is worth nothing. */
export type BaseState =
  | { readonly sound: true; readonly bytes: ReadonlyMap<string, number> }
  | { readonly sound: false; readonly why: string };

export async function askBase(
  context: StepContext,
  machine: string,
  checkpoint: string,
  disks: readonly string[],
  signal: AbortSignal,
): Promise<BaseState> {
  const host = await context.host(sourceHypervisor(context, machine));
  const argv = virshOf(context, machine)('checkpoint-dumpxml', checkpoint, '--size', '--no-domain');
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok) return { sound: false, why: `the checkpoint ${checkpoint} is not there any more` };
  const parsed = parseCheckpoint(answer.text);
  const bytes = new Map<string, number>();
  for (const disk of disks) {
    const found = parsed?.disks.find(each => each.disk === disk);
    if (found === undefined)
      return { sound: false, why: `the checkpoint ${checkpoint} does not cover ${disk}` };
    // libvirt leaves the size out where the bitmap is missing or marked as in use by a QEMU that was killed.
    if (found.bytes === undefined)
      return {
        sound: false,
        why: `the bitmap of ${checkpoint} on ${disk} is broken: QEMU ended without writing it`,
      };
    bytes.set(disk, found.bytes);
  }
  return { sound: true, bytes };
}
