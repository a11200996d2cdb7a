import { get } from '../../../journal/maps.ts';
import type { JobEnd, RemoteJob } from '../../../remote/host.ts';
import type { StepContext } from '../../../step/step.ts';
import type { PassActions } from './actions.ts';
import { follow, found } from './jobs.ts';
import { checkpointName, domainOf, piecesDirectory, sourceHypervisor } from './names.ts';
import { type BackupSaid, hearBackup, NOTHING_SAID, parseProgressLine } from './said.ts';
import { BACKUP_EXIT } from './scripts/backup.ts';
import { backupFailure, isBroken, type Place } from './trouble.ts';

/** The pieces of a pass on the source's hypervisor: one instant of every disk. */

export interface Backup {
  readonly said: BackupSaid;
  readonly ms: number;
  /** What libvirt said, for the log. */
  readonly text: string;
}

export const placeOf = (context: StepContext, machine: string): Place => ({
  machine,
  host: sourceHypervisor(context, machine),
  domain: domainOf(context, machine),
});

/**
 * Begins the backup, or joins the one that was begun, and follows it until its pieces are whole. Answers with `broken`
 * where libvirt finds the bitmap of the base unusable; throws for everything else that went wrong, with the job gone.
 */
export async function backUp(
  context: StepContext,
  machine: string,
  pass: number,
  actions: PassActions,
  signal: AbortSignal,
): Promise<Backup | { readonly broken: string }> {
  const job = (await found(context, actions.backup)) ?? (await begin(context, actions, signal));
  let said = NOTHING_SAID;
  const { end, said: text } = await follow(context, job, signal, line => {
    said = hearBackup(said, line);
    const progress = parseProgressLine(line);
    if (progress === undefined) return;
    const { done, total } = progress;
    context.sample({
      text: `pass ${pass}: reading what has changed`,
      bytes: done,
      ...(total > 0 ? { fraction: Math.min(1, done / total) } : {}),
    });
  });
  told(context, machine, said);
  if (said.begun) await recordCheckpoint(context, machine, pass);
  return ended(context, machine, job, { said, end, text });
}

/** What went otherwise than wished around the instant, said aloud. */
export function told(context: StepContext, machine: string, said: BackupSaid): void {
  if (!said.thawed)
    context.sample({
      text: `${machine} could not be thawed at once: the watchdog on its hypervisor goes on trying`,
    });
  if (said.frozen === false)
    context.sample({
      text: 'the file systems were not frozen: the copy is of one instant, as after a power cut',
    });
}

export interface Ended {
  readonly said: BackupSaid;
  readonly end: JobEnd;
  readonly text: string;
}

/** What became of a backup whose job has ended; throws for everything but a broken bitmap, with the job gone. */
export async function ended(
  context: StepContext,
  machine: string,
  job: RemoteJob,
  { said, end, text }: Ended,
): Promise<Backup | { readonly broken: string }> {
  if (end.code === 0) return { said, ms: Math.max(0, end.endedAtMs - end.startedAtMs), text };
  await job.remove();
  if (end.code === BACKUP_EXIT.refused && isBroken(text)) return { broken: text };
  throw backupFailure(placeOf(context, machine), piecesDirectory(context, machine), end.code, text);
}

async function begin(context: StepContext, actions: PassActions, signal: AbortSignal) {
  await context.perform(actions.makeScratch, { signal });
  for (const xml of actions.xml) await context.perform(xml);
  return context.perform(actions.backup);
}

/** Sizes as the hypervisor has them now: a later look compares with these. */
export async function recordCheckpoint(context: StepContext, machine: string, pass: number): Promise<void> {
  const checkpoint = checkpointName(context.plan.name, pass);
  const known = get(context.state.machines, machine);
  if (known?.checkpoints?.some(each => each.checkpoint === checkpoint) === true) return;
  const disks = (known?.blocks?.disks ?? []).map(({ target, capacity }) => ({ disk: target, capacity }));
  await context.emit({ type: 'checkpoint.made', machine, pass, checkpoint, disks });
}
