import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { sourceTrees } from '../trees/comparison.ts';
import { ALL_MODULES, makeInitramfs, readInitramfs } from '../trees/initramfs.ts';
import { KERNEL, KERNEL_NIC, type MachineFacts } from '../world/layout.ts';
import { seededUuid } from '../world/random.ts';
import type { World } from '../world/world.ts';

/**
 * What somebody has done to a source long ago without restarting it: nothing shows until it boots. It is copied like
 * everything else, so that a boot of the copy is what finds it.
 */

export const NEGLECTS = ['fstab-uuid', 'no-virtio', 'nic-renamed', 'no-grub', 'unit-fails'] as const;
export type Neglect = (typeof NEGLECTS)[number];

export interface Neglected {
  /** The files as they were. */
  undo(): void;
}

interface Place {
  readonly machine: MachineFacts;
  /** A file by its path on the machine. */
  file(name: string): string;
}

/** New text for a file, or undefined where it has to go. */
type Change = readonly [file: string, content: string | Buffer | undefined];

const CHANGES: Readonly<Record<Neglect, (place: Place) => Change[]>> = {
  'fstab-uuid': place => {
    const gone = seededUuid(place.machine.uuid, 'a disk that was taken out');
    return [appended(place, 'etc/fstab', `UUID=${gone} /mnt/archive ext4 defaults 0 2\n`)];
  },
  'no-virtio': place => {
    const name = `boot/initrd.img-${KERNEL}`;
    const files = readInitramfs(readFileSync(place.file(name))) ?? [];
    const ballast = files.find(found => found.name.endsWith('/ballast'))?.content ?? Buffer.alloc(0);
    const others = ALL_MODULES.filter(module => !module.startsWith('virtio'));
    return [[name, makeInitramfs(KERNEL, others, Buffer.from(ballast))]];
  },
  'nic-renamed': place =>
    ['etc/network/interfaces', 'etc/systemd/network/10-wired.network'].flatMap((name): Change[] => {
      if (!existsSync(place.file(name))) return [];
      const text = readFileSync(place.file(name), 'utf8');
      return text.includes(KERNEL_NIC) ? [[name, text.replaceAll(KERNEL_NIC, 'lan0')]] : [];
    }),
  'no-grub': () => [
    ['usr/sbin/grub-install', undefined],
    ['usr/lib/grub/i386-pc/modinfo.sh', undefined],
  ],
  'unit-fails': place => {
    const [daemon = 'ssh'] = place.machine.daemons;
    return [appended(place, `etc/default/${daemon}`, 'SYNTAX ERROR: left behind by an editor\n')];
  },
};

const appended = (place: Place, name: string, line: string): Change => [
  name,
  existsSync(place.file(name)) ? `${readFileSync(place.file(name), 'utf8')}${line}` : line,
];

export function neglect(world: World, name: string, kind: Neglect): Neglected {
  const machine = world.machines.find(found => found.name === name);
  if (machine === undefined) throw new RangeError(`the lab has no machine ${name}`);
  const mounts = sourceTrees(world, name).toSorted((a, b) => b.mountpoint.length - a.mountpoint.length);
  const place: Place = {
    machine,
    file(wanted) {
      const full = `/${wanted}`;
      const mount = mounts.find(({ mountpoint }) => mountpoint === '/' || full.startsWith(`${mountpoint}/`));
      return path.join(
        mount?.sourceDirectory ?? '',
        mount?.mountpoint === '/' ? full : full.slice(mount?.mountpoint.length),
      );
    },
  };
  const undone = CHANGES[kind](place).map(([file, content]) => change(place.file(file), content));
  return {
    undo() {
      for (const undo of undone) undo();
    },
  };
}

function change(file: string, content: string | Buffer | undefined): () => void {
  const was = existsSync(file) && lstatSync(file).isFile() ? readFileSync(file) : undefined;
  const mode = was === undefined ? 0o644 : statSync(file).mode;
  const put = (bytes: string | Buffer | undefined): void => {
    if (bytes === undefined) rmSync(file, { force: true });
    else {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      chmodSync(file, mode);
    }
  };
  put(content);
  return () => put(was);
}
