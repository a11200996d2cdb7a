import { findVolume, isOwn, isOwnIsland, readMark, takeOut, unfitted } from '../build/index.ts';
import { asLandfallError, LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Host } from '../remote/host.ts';
import { formatArgv } from '../remote/quote.ts';
import type { StepContext } from '../step/step.ts';
import { askVirsh, needVirsh, unreadable, VIRSH_CODES, virshAnswer, virshError } from '../tools/virsh.ts';
import { type Deeds, type ExecAction, ownerOf } from './deeds.ts';

/** One thing to take away; asks before it does, so it may be done at any time. */
export type Clearing = (signal: AbortSignal) => Promise<void>;

/**
 * Takes away everything that a proof has made, whichever attempt made it, in this order: what boots, what the receiver
 * holds, the overlays, the island, the files. Each throws where something of that name is not ours, or does not go.
 */
export function clearings(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  machine: string,
): Readonly<Record<'domain' | 'receiver' | 'overlays' | 'island' | 'files', Clearing>> {
  return {
    domain: signal => destroyDomain(context, host, deeds, machine, signal),
    // Overlays into which nothing is written were in no receiver, and such a machine may have none.
    receiver: async signal => {
      if (unfitted(context, machine) === undefined) await takeOut(context, machine, signal);
    },
    overlays: signal => removeOverlays(context, host, deeds, signal),
    island: async signal => {
      if (await findIsland(context, host, deeds, machine, signal))
        await performed(context, deeds.destroyIsland, ['network-absent'], signal);
    },
    files: async signal => void (await context.perform(deeds.removeFiles, { signal })),
  };
}

/** Whether our copy runs; throws where another domain has its name. */
export async function findCopy(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  machine: string,
  signal: AbortSignal,
): Promise<boolean> {
  const argv = deeds.site.read('dumpxml', deeds.domain);
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return false;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const mark = readMark(answer.text, 'proof');
  if (mark === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  if (!isOwn(mark, ownerOf(context, machine))) throw foreignDomain(host, deeds, mark.owner?.begun);
  return true;
}

async function destroyDomain(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  if (await findCopy(context, host, deeds, machine, signal))
    await performed(context, deeds.destroyDomain, ['domain-absent'], signal);
}

async function removeOverlays(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  signal: AbortSignal,
): Promise<void> {
  for (const { volume, basePath, remove } of deeds.overlays) {
    const found = await findVolume(host, deeds.site, volume.pool, volume.volume, signal);
    if (found === undefined) continue;
    if (basePath === undefined || found.backing !== basePath)
      throw foreignVolume(host, volume.volume, volume.pool, found.backing);
    await performed(context, remove, ['volume-absent'], signal);
  }
}

/** Whether our island is there; throws where another network has its name. */
export async function findIsland(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  machine: string,
  signal: AbortSignal,
): Promise<boolean> {
  const names = await needVirsh(host, deeds.site.read('net-list', '--all', '--name'), { signal });
  if (!names.split('\n').some(name => name.trim() === deeds.island)) return false;
  const argv = deeds.site.read('net-dumpxml', deeds.island);
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'network-absent') return false;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  if (!isOwnIsland(answer.text, ownerOf(context, machine))) throw foreignNetwork(host, deeds);
  return true;
}

/** Done, or not needed any more because it went by itself in between. */
async function performed(
  context: StepContext,
  action: ExecAction,
  fine: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const result = await context.perform(action, { codes: VIRSH_CODES, signal });
  const answer = virshAnswer(result);
  if (!answer.ok && !fine.includes(answer.refusal))
    throw virshError(action.host, action.argv.map(String), result);
}

function foreignDomain(host: Host, { domain }: Deeds, begun: string | undefined): LandfallError {
  return new LandfallError('prove.leftover', {
    what: `a domain named ${domain} runs on ${host.id} and is not of this evacuation`,
    why: 'landfall touches only domains that it has made for this evacuation',
    where: { host: host.id },
    evidence: begun === undefined ? [] : [`it belongs to an evacuation that began at ${harmless(begun)}`],
    next: [`look at it: virsh dumpxml ${domain}`, `where nobody needs it: virsh destroy ${domain}`],
  });
}

function foreignNetwork(host: Host, { island }: Deeds): LandfallError {
  return new LandfallError('prove.leftover', {
    what: `a network named ${island} is on ${host.id} and is not of this evacuation`,
    why: 'a copy boots only on a network that landfall has made for it, and landfall destroys no other',
    where: { host: host.id },
    next: [
      `look at it: virsh net-dumpxml ${island}`,
      `where nobody needs it: virsh net-destroy ${island} (and net-undefine, where it is defined)`,
    ],
  });
}

function foreignVolume(host: Host, volume: string, pool: string, backing: string | undefined): LandfallError {
  return new LandfallError('prove.leftover', {
    what: `the volume ${volume} on ${host.id} is no overlay of this replica`,
    why: 'landfall deletes only what it has made for this evacuation',
    where: { host: host.id },
    evidence: [`its base: ${harmless(backing ?? 'none')}`],
    next: [
      `look at it: virsh vol-dumpxml ${volume} --pool ${pool}`,
      `where nobody needs it: virsh vol-delete ${volume} --pool ${pool}`,
    ],
  });
}

/** What a proof left behind although it was told to go. */
export function leftover(thrown: unknown, machine: string): LandfallError {
  const error = asLandfallError(thrown);
  if (error.code === 'cancelled') return error;
  return new LandfallError('prove.leftover', {
    what: `after the proof of ${machine} not everything is as it was before`,
    why: 'no pass can run before the replica is back in its receiver',
    where: { machine, ...error.facts.where },
    evidence: [error.facts.what, ...(error.facts.evidence ?? [])],
    next: [
      ...error.facts.next.slice(0, 2),
      'then give the same command again: it begins by clearing away, and puts the replica back',
    ],
    cause: thrown,
  });
}
