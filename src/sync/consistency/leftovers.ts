import { harmless } from '../../foundation/text.ts';
import type { Host } from '../../remote/host.ts';

/** A snapshot of landfall's that is on a machine, whatever evacuation made it. */
export interface OwnSnapshot {
  /** `vg0/landfall-storm-p3-0`, `tank/data@landfall-storm-p3-0`, `/srv/.landfall-storm-p3-0`. */
  readonly snapshot: string;
  readonly evacuation: string;
  readonly pass: number;
  readonly kind: 'lvm' | 'zfs' | 'btrfs';
}

/**
 * Lists what bears landfall's name, and changes nothing. `$@` are mount points of btrfs. A tool that is missing has made no
 * snapshot.
 */
const LIST = `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH
if [ -n "$(command -v lvs)" ]; then
  lvs --noheadings -o vg_name,lv_name 2>&- | while read -r group volume rest; do printf 'lvm %s/%s\\n' "$group" "$volume"; done
fi
if [ -n "$(command -v zfs)" ]; then
  zfs list -H -t snapshot -o name 2>&- | while read -r name; do printf 'zfs %s\\n' "$name"; done
fi
for place; do
  for found in "\${place%/}"/.landfall-*; do [ ! -d "$found" ] || printf 'btrfs %s\\n' "$found"; done
done
exit 0
`;

/** What is on the host now, found by name: for those who look for leftovers. */
export async function listSnapshots(
  host: Host,
  btrfsMountpoints: readonly string[] = [],
  signal?: AbortSignal,
): Promise<OwnSnapshot[]> {
  const { stdout } = await host.exec(['sh', '-c', LIST, 'sh', ...btrfsMountpoints], {
    called: 'a look for snapshots of landfall',
    ...(signal === undefined ? {} : { signal }),
  });
  return parseSnapshots(stdout.toString('utf8'));
}

export function parseSnapshots(text: string): OwnSnapshot[] {
  return text.split('\n').flatMap((line): OwnSnapshot[] => {
    const [, kind, snapshot, evacuation, pass] =
      /^(lvm|zfs|btrfs) (.*[/@.]landfall-(.+)-p(\d+)-\d+)$/.exec(line) ?? [];
    if (snapshot === undefined || evacuation === undefined) return [];
    if (kind !== 'lvm' && kind !== 'zfs' && kind !== 'btrfs') return [];
    return [{ kind, snapshot: harmless(snapshot), evacuation: harmless(evacuation), pass: Number(pass) }];
  });
}
