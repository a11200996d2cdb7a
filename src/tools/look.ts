import type { BlockFacts } from '../journal/facts.ts';
import type { Host } from '../remote/host.ts';
import { LSBLK, LSBLK_WITHOUT_PATH, parseLsblkJson } from './block-devices.ts';
import { FINDMNT, type MountRow, parseFindmnt } from './mounts.ts';
import { unreadable } from './virsh.ts';

/** Questions to a host that more than one room asks; all of them only read. */

/** Block devices of a host whose lsblk speaks JSON (util-linux 2.27 or newer). */
export async function lookAtBlocks(host: Host, signal: AbortSignal): Promise<BlockFacts[]> {
  const full = await host.exec(LSBLK, { codes: [0, 1], signal });
  const result = full.code === 0 ? full : await host.exec(LSBLK_WITHOUT_PATH, { codes: [0, 1], signal });
  const text = result.stdout.toString('utf8');
  const blocks = parseLsblkJson(text);
  if (blocks === undefined) throw unreadable(host.id, 'lsblk -J', text + result.stderr.toString('utf8'));
  return blocks;
}

/** Mounted real file systems; findmnt ends with 1 where there are none. */
export async function lookAtMounts(host: Host, signal: AbortSignal): Promise<MountRow[]> {
  const result = await host.exec(FINDMNT, { codes: [0, 1], signal });
  const text = result.stdout.toString('utf8');
  if (result.code === 1 && text.trim() === '') return [];
  const rows = parseFindmnt(text);
  if (rows === undefined)
    throw unreadable(host.id, 'findmnt -J --real', text + result.stderr.toString('utf8'));
  return rows;
}

/** The SMBIOS UUID, lower case; undefined where it cannot be read (it needs root, and an SMBIOS). */
export async function lookAtProductUuid(host: Host, signal: AbortSignal): Promise<string | undefined> {
  const result = await host.exec(['cat', PRODUCT_UUID_FILE], { codes: [0, 1], signal });
  const text = result.stdout.toString('utf8').trim().toLowerCase();
  return result.code === 0 && text !== '' ? text : undefined;
}

export const PRODUCT_UUID_FILE = '/sys/class/dmi/id/product_uuid';
