import { LandfallError } from '../../foundation/errors.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { type PoolXml, parsePool, parseVolume, type VolumeXml } from '../../tools/libvirt-xml.ts';
import { askVirsh, needVirsh, unreadable, virshError } from '../../tools/virsh.ts';
import type { Target } from '../site.ts';

/** The volume, or undefined where the pool has none of that name. */
export async function findVolume(
  host: Host,
  site: Target,
  pool: string,
  volume: string,
  signal: AbortSignal,
): Promise<VolumeXml | undefined> {
  const argv = site.read('vol-dumpxml', '--pool', pool, volume);
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'volume-absent') return undefined;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const parsed = parseVolume(answer.text);
  if (parsed === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  return parsed;
}

/** A volume that was just made; its absence is a failure. */
export async function needVolume(
  host: Host,
  site: Target,
  pool: string,
  volume: string,
  signal: AbortSignal,
): Promise<VolumeXml> {
  const found = await findVolume(host, site, pool, volume, signal);
  if (found !== undefined) return found;
  throw new LandfallError('remote.command-failed', {
    what: `the volume ${volume} is not in pool ${pool} of ${host.id} although it was just created`,
    where: { host: host.id, machine: site.machine },
    next: [`see whether something cleans that pool: virsh vol-list ${pool}`, 'run the same command again'],
  });
}

export async function poolOf(host: Host, site: Target, pool: string, signal: AbortSignal): Promise<PoolXml> {
  const argv = site.read('pool-dumpxml', pool);
  const xml = await needVirsh(host, argv, { signal });
  const parsed = parsePool(xml);
  if (parsed === undefined) throw unreadable(host.id, formatArgv(argv), xml);
  return parsed;
}
