import { LandfallError } from '../../../foundation/errors.ts';
import { harmless } from '../../../foundation/text.ts';
import type { EventOf } from '../../../journal/events.ts';
import type { Argv, Host } from '../../../remote/host.ts';
import type { Action } from '../../../step/action.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import {
  isRunningJob,
  type LiveDisk,
  parseBackup,
  parseJobStats,
  parseLiveDomain,
} from '../../../tools/domain-backup.ts';
import { bytesOfChain, imageInfoArgv, parseImageInfo } from '../../../tools/qemu-img.ts';
import { askVirsh, nameLines, refusalOf, virshRead } from '../../../tools/virsh.ts';
import { LINK_RETRY } from '../../retry.ts';
import { type BlocksFacts, diskRefusal, tooOld } from './eligible.ts';
import { domainOf, isOwnCheckpoint, piecesDirectory, sourceHypervisor } from './names.ts';
import { FREE_SCRIPT } from './scripts/observe.ts';

/** A look at what the source's hypervisor can do for the blocks mover. It changes nothing. */

type Disk = BlocksFacts['disks'][number];

export const blocksLookId = (machine: string): string => `inventory/${machine}/blocks`;

/** States of a domain with a QEMU that can track. */
const ON: ReadonlySet<string> = new Set(['running', 'paused', 'idle', 'pmsuspended']);

/** Facts younger than this are not asked for again by the step. */
const FRESH_MS = 3600e3;

/** `inventory/<m>/blocks`: for the choice of a mover, and before the first pass by blocks. */
export function observeBlocksStep(view: View, machine: string): Step {
  return {
    id: blocksLookId(machine),
    phase: 'inventory',
    subject: machine,
    title: `ask ${sourceHypervisor(view, machine)} whether it can track what ${machine} writes`,
    needs: [`inventory/${machine}`],
    resources: [],
    retry: LINK_RETRY,
    preview: now => lookActions(now, machine),
    async done(context) {
      const at = context.state.machines[machine]?.blocks?.at;
      return at !== undefined && context.clock.now() - at < FRESH_MS;
    },
    async run(context, signal) {
      await context.emit(await lookAtBlocks(context, machine, signal));
    },
  };
}

export const virshOf = (view: View, machine: string) => {
  const uri = view.plan.hypervisors[sourceHypervisor(view, machine)]?.uri ?? 'qemu:///system';
  return (verb: string, ...words: string[]): Argv => virshRead(uri, verb, domainOf(view, machine), ...words);
};

/** What the look asks, for a preview. */
export function lookActions(view: View, machine: string): Action[] {
  const host = sourceHypervisor(view, machine);
  const uri = view.plan.hypervisors[host]?.uri ?? 'qemu:///system';
  const virsh = virshOf(view, machine);
  const reads = (argv: Action & { kind: 'exec' }): Action => argv;
  const read = (argv: readonly string[]): Action => reads({ kind: 'exec', host, argv, reads: true });
  const disks = view.state.machines[machine]?.observed?.domain.disks.map(disk => disk.source);
  return [
    read(virshRead(uri, 'version')),
    read(virsh('domstate')),
    read(virsh('dumpxml')),
    read(virsh('checkpoint-list', '--name')),
    read(virsh('domjobinfo', '--rawstats')),
    read(virsh('backup-dumpxml')),
    ...(disks ?? []).map(path => read(imageInfoArgv(path))),
    read(['sh', '-c', FREE_SCRIPT, 'sh', piecesDirectory(view, machine)]),
  ];
}

/** Rejects only where the host itself cannot be reached; everything else is a refusal in the facts. */
export async function lookAtBlocks(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<EventOf<'blocks.observed'>> {
  const host = await context.host(sourceHypervisor(context, machine));
  const uri = context.plan.hypervisors[host.id]?.uri ?? 'qemu:///system';
  const virsh = virshOf(context, machine);
  const refusals: string[] = [];
  const ask = async (argv: Argv): Promise<string | undefined> => {
    const answer = await askVirsh(host, argv, { signal });
    return answer.ok ? answer.text : undefined;
  };

  // Together: each is a question to a host that may be far away.
  const [versions, status, xml, names, backup, free] = await Promise.all([
    ask(virshRead(uri, 'version')),
    ask(virsh('domstate')),
    ask(virsh('dumpxml')),
    askVirsh(host, virsh('checkpoint-list', '--name'), { signal }),
    runningBackup(context, machine, signal),
    freeBytes(context, machine, signal),
  ]);
  const libvirt = /^Using library:\s*libvirt\s+([\d.]+)/m.exec(versions ?? '')?.[1] ?? 'unknown';
  const qemu = /^Running hypervisor:\s*QEMU\s+([\d.]+)/m.exec(versions ?? '')?.[1] ?? 'unknown';
  const old = libvirt === 'unknown' ? `libvirt on ${host.id} does not answer` : tooOld(libvirt);
  if (old !== undefined) refusals.push(old);
  const state = status?.trim();
  if (state === undefined || !ON.has(state))
    refusals.push(
      `the domain ${domainOf(context, machine)} is ${harmless(state ?? 'not there')}: only a running one can be tracked`,
    );
  const live = xml === undefined ? undefined : parseLiveDomain(xml);
  const disks = await Promise.all((live?.disks ?? []).map(disk => lookAtDisk(host, disk, signal)));
  if (live !== undefined && disks.length === 0) refusals.push('the domain has no disk');
  // A name can be given to another domain, and virsh takes one of digits for an id.
  const known = context.state.machines[machine]?.observed?.domain.uuid.toLowerCase();
  if (live?.uuid !== undefined && known !== undefined && live.uuid !== known)
    refusals.push(
      `the domain ${domainOf(context, machine)} is another than the inventory saw: its UUID is ${live.uuid}, not ${known}`,
    );
  const checkpoints = names.ok ? nameLines(names.text).map(harmless) : [];
  if (!names.ok && old === undefined && refusalOf(names.result.stderr.toString()) !== 'domain-absent')
    refusals.push('libvirt does not tell of checkpoints: this hypervisor has none');
  const own = (name: string): boolean => isOwnCheckpoint(context.plan.name, name);
  const copied = live?.disks.find(({ mirror }) => mirror !== undefined);
  const job =
    copied !== undefined
      ? `block ${copied.mirror} of ${copied.target}`
      : backup === undefined || backup.isOurs
        ? undefined
        : backup.words;
  return {
    type: 'blocks.observed',
    machine,
    libvirt,
    qemu,
    disks,
    foreignCheckpoints: checkpoints.filter(name => !own(name)),
    ownCheckpoints: checkpoints.filter(own),
    ...(job === undefined ? {} : { job }),
    agent: live?.agent ?? false,
    ...(free === undefined ? {} : { scratch: { path: piecesDirectory(context, machine), free } }),
    refusals,
  };
}

/** The job that runs on the domain now, and whether it is a backup into our own directory. */
export async function runningBackup(
  context: Pick<StepContext, 'host' | 'plan' | 'state'>,
  machine: string,
  signal: AbortSignal,
): Promise<{ readonly isOurs: boolean; readonly words: string } | undefined> {
  const host = await context.host(sourceHypervisor(context, machine));
  const virsh = virshOf(context, machine);
  const info = await askVirsh(host, virsh('domjobinfo', '--rawstats'), { signal });
  const stats = info.ok ? parseJobStats(info.text) : undefined;
  if (stats === undefined || !isRunningJob(stats)) return undefined;
  const xml = await askVirsh(host, virsh('backup-dumpxml'), { signal });
  const backup = xml.ok ? parseBackup(xml.text) : undefined;
  if (backup === undefined) return { isOurs: false, words: 'a job of libvirt' };
  const own = `${piecesDirectory(context, machine)}/${machine}-p`;
  const isOurs = backup.files.length > 0 && backup.files.every(file => file.startsWith(own));
  return { isOurs, words: `a backup (${backup.mode}) to ${backup.files[0] ?? 'an unknown place'}` };
}

async function freeBytes(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const host = await context.host(sourceHypervisor(context, machine));
  const words = ['-c', FREE_SCRIPT, 'sh', piecesDirectory(context, machine)];
  const { stdout } = await host.exec(['sh', ...words], { codes: [0, 1], signal });
  const text = stdout.toString().trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

async function lookAtDisk(host: Host, live: LiveDisk, signal: AbortSignal): Promise<Disk> {
  const base = { target: live.target, path: harmless(live.path ?? ''), format: live.format };
  const none = { capacity: 0, allocation: 0 };
  if (live.path === undefined)
    return { ...base, ...none, refusal: `a ${live.type} disk: only images in files are moved by blocks` };
  const text = await imageInfo(host, live.path, signal);
  if (typeof text !== 'string') return { ...base, ...none, refusal: text.refusal };
  const chain = parseImageInfo(text) ?? [];
  const [info] = chain;
  if (info === undefined)
    return { ...base, ...none, refusal: 'the answer of qemu-img about this image cannot be read' };
  const { compat, corrupt, capacity } = info;
  const allocation = bytesOfChain(chain);
  const refusal = diskRefusal({ format: live.format, type: live.type, compat, corrupt, shared: live.shared });
  return {
    ...base,
    ...(compat === undefined ? {} : { compat }),
    capacity,
    allocation,
    bitmaps: info.bitmaps.map(({ name, flags }) => ({ name, flags: [...flags] })),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** Without qemu-img, or without the right to read the image, nothing has failed: the mover is impossible here. */
async function imageInfo(
  host: Host,
  path: string,
  signal: AbortSignal,
): Promise<string | { readonly refusal: string }> {
  try {
    const { code, stdout, stderr } = await host.exec(imageInfoArgv(path), { codes: [0, 1], signal });
    if (code === 0) return stdout.toString('utf8');
    const why = harmless(stderr.toString('utf8').trim().split('\n').at(-1) ?? '');
    return { refusal: `qemu-img cannot read its image: ${why}` };
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'remote.command-missing')
      return { refusal: `there is no qemu-img on ${host.id}` };
    throw error;
  }
}
