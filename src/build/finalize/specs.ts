import type { FinalizeWish } from './wish.ts';

/** What becomes of a device that fstab or crypttab names. */
export type SpecVerdict =
  | { readonly is: 'fine' }
  | { readonly is: 'replace'; readonly by: string }
  /** Nothing on the replica is that, and nothing says what is meant; the words end a sentence. */
  | { readonly is: 'unknown'; readonly why: string };

const FINE: SpecVerdict = { is: 'fine' };

/**
 * The replica has the source's identifiers, so a name is good where the source has a device of that name; `meant` is the
 * UUID of what the layout says belongs there, where it says so.
 */
export function judgeSpec(spec: string, meant: string | undefined, wish: FinalizeWish): SpecVerdict {
  const unknown = (why: string): SpecVerdict =>
    meant === undefined ? { is: 'unknown', why } : { is: 'replace', by: `UUID=${meant}` };
  const [tag, value] = tagged(spec);
  const { guest } = wish;
  switch (tag) {
    case 'UUID':
      return has(uuids(wish), value) ? FINE : unknown(`no disk of the machine has the UUID ${value}`);
    case 'PARTUUID': {
      const known = guest.blocks.flatMap(block => block.partuuid ?? []);
      return known.length === 0 || has(known, value)
        ? FINE
        : unknown(`no partition has the PARTUUID ${value}`);
    }
    case 'by-id':
      return staysById(value, wish) ? FINE : unknown(`the disks at the target have no ${spec}`);
    case 'by-path':
      return wish.topologyKept ? FINE : unknown(`the disks have another place at the target than ${spec}`);
    case 'device':
      return isThere(spec, wish) ? FINE : unknown(`the machine has no ${spec}`);
    case 'other':
      return FINE;
  }
}

type Tag = 'UUID' | 'PARTUUID' | 'by-id' | 'by-path' | 'device' | 'other';

function tagged(spec: string): [Tag, string] {
  const pair = /^(UUID|PARTUUID)="?([^"]*)"?$/.exec(spec);
  if (pair?.[1] !== undefined) return [pair[1] === 'UUID' ? 'UUID' : 'PARTUUID', pair[2] ?? ''];
  const link = /^\/dev\/disk\/by-(uuid|partuuid|id|path)\/(.+)$/.exec(spec);
  if (link !== null) {
    const tags = { uuid: 'UUID', partuuid: 'PARTUUID', id: 'by-id', path: 'by-path' } as const;
    const tag = Object.entries(tags).find(([name]) => name === link[1])?.[1] ?? 'other';
    return [tag, link[2] ?? ''];
  }
  // Labels are kept with their file systems; /dev/disk/by-label and the rest are as good as these.
  return [/^\/dev\/(?!disk\/|shm\b|loop|zram|fuse)/.test(spec) ? 'device' : 'other', spec];
}

const has = (known: readonly string[], value: string): boolean =>
  known.some(each => each.toLowerCase() === value.toLowerCase());

const uuids = ({ guest }: FinalizeWish): string[] => [
  ...guest.fileSystems.map(fs => fs.uuid),
  ...guest.blocks.flatMap(block => block.uuid ?? []),
  ...guest.swap.flatMap(swap => swap.uuid ?? []),
];

/** Names that LVM or a file system gives stay; a disk has a name of its own only by its serial number. */
function staysById(name: string, { domain }: FinalizeWish): boolean {
  if (/^(?:dm-|lvm-pv-|md-)/.test(name)) return true;
  const serial = /^virtio-(.+?)(?:-part\d+)?$/.exec(name)?.[1];
  return domain.disks.some(
    disk => disk.bus === 'virtio' && serial !== undefined && disk.serial?.slice(0, 20) === serial,
  );
}

function isThere(device: string, { guest }: FinalizeWish): boolean {
  const volumes = (guest.volumeGroups ?? []).flatMap(group =>
    group.logical.flatMap(volume => [volume.device, `/dev/${group.name}/${volume.name}`]),
  );
  const known = [
    ...guest.blocks.map(block => block.device),
    ...guest.fileSystems.map(fs => fs.device),
    ...guest.swap.map(swap => swap.path),
    ...volumes,
  ];
  // `/dev/vg/lv` is a second name of /dev/mapper/vg-lv; a dash in a name is doubled there.
  const [, group, volume] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(device) ?? [];
  const mapped = `/dev/mapper/${group?.replaceAll('-', '--')}-${volume?.replaceAll('-', '--')}`;
  return known.includes(device) || (volume !== undefined && known.includes(mapped));
}
