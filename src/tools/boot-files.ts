import { harmless } from '../foundation/text.ts';
import type { BootFacts } from '../journal/facts.ts';

type Kernel = BootFacts['kernels'][number];
export type DriverState = Kernel['drivers'][string];

/** Without these a copy on virtio disks cannot mount its root, or has no network. */
export const VIRTIO_DRIVERS = ['virtio_blk', 'virtio_pci', 'virtio_net', 'virtio_scsi'] as const;

/** Paths below /boot and /efi, as a search printed them; a root in front of them is taken off. */
export const bootPaths = (text: string): string[] =>
  text
    .split('\n')
    .flatMap(line => /^.*?(\/(?:boot|efi)\/.+)$/.exec(line)?.[1] ?? [])
    .map(harmless)
    .sort();

/** `modules.builtin` of each kernel: virtio drivers by version. A version that is absent could not be read. */
export function parseBuiltin(text: string): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>();
  let current: Set<string> | undefined;
  for (const line of text.split('\n')) {
    const version = /\/modules\/+([^/]+)\/modules\.builtin$/.exec(line)?.[1];
    if (version !== undefined) {
      current = new Set();
      out.set(version, current);
    }
    const driver = /\/(virtio[-_][a-z0-9_-]+)\.ko/.exec(line)?.[1];
    if (driver !== undefined) current?.add(driver.replaceAll('-', '_'));
  }
  return out;
}

/** What the collector listed of an initramfs; undefined where it could not be unpacked. */
export function parseInitramfs(text: string): Set<string> | undefined {
  const names = Number(/^names (\d+)$/m.exec(text)?.[1] ?? 0);
  // An archive of a handful of names is only the microcode in front of the real one.
  if (names < FEWEST_NAMES) return undefined;
  return new Set([...text.matchAll(/^(virtio[-_]\S+)$/gm)].map(([, name = '']) => name.replaceAll('-', '_')));
}

const FEWEST_NAMES = 20;

const IMAGE = /^(.*\/)vmlinu[xz]-(.+)$/;

/** Kernels and which initramfs belongs to which: by version in the name, or side by side below a loader's entry. */
export function kernelsOf(
  paths: readonly string[],
  builtin: ReadonlyMap<string, ReadonlySet<string>>,
  listings: ReadonlyMap<string, ReadonlySet<string>>,
): Kernel[] {
  return paths.flatMap(image => {
    const found = namedKernel(image);
    if (found === undefined) return [];
    const { version, candidates } = found;
    const initramfs = candidates.find(candidate => paths.includes(candidate));
    const listing = initramfs === undefined ? undefined : listings.get(initramfs);
    const drivers = Object.fromEntries(
      VIRTIO_DRIVERS.map(name => [name, stateOf(name, initramfs, builtin.get(version), listing)]),
    );
    return [{ version, image, ...(initramfs === undefined ? {} : { initramfs }), drivers }];
  });
}

function namedKernel(image: string): { version: string; candidates: string[] } | undefined {
  const [, directory, version] = IMAGE.exec(image) ?? [];
  if (directory !== undefined && version !== undefined) {
    if (/(?:^|[-.])(?:rescue|old|bak|dpkg-\w+)(?:[-.]|$)/.test(version)) return undefined;
    return {
      version,
      candidates: ['initrd.img-V', 'initramfs-V.img', 'initrd-V', 'initramfs-V', 'initrd-V.img'].map(
        name => `${directory}${name.replace('V', version)}`,
      ),
    };
  }
  const [, entry, below] = /^(.*\/([^/]+)\/)linux$/.exec(image) ?? [];
  if (entry === undefined || below === undefined) return undefined;
  return { version: below, candidates: [`${entry}initrd`, `${entry}initrd.img`] };
}

function stateOf(
  driver: string,
  initramfs: string | undefined,
  builtin: ReadonlySet<string> | undefined,
  listing: ReadonlySet<string> | undefined,
): DriverState {
  if (builtin?.has(driver)) return 'builtin';
  if (listing?.has(driver)) return 'included';
  if (builtin === undefined) return 'unknown';
  // Without an initramfs only what is built in is there at all.
  return initramfs === undefined || listing !== undefined ? 'missing' : 'unknown';
}

/**
 * What starts the machine. By BIOS it is code outside every file system, which its boot sector shows; an EFI program
 * is a file. Undefined sectors (nobody could read them) leave only the files of a loader as a sign.
 */
export function loaderOf(
  bootMode: 'bios' | 'uefi',
  paths: readonly string[],
  sectors: readonly string[] | undefined,
): BootFacts['loader'] {
  const has = (pattern: RegExp): boolean => paths.some(path => pattern.test(path));
  const files = has(/\/(?:grub\.cfg|menu\.lst)$/i)
    ? 'grub'
    : has(/\/(?:extlinux|syslinux)\.(?:conf|cfg)$/i)
      ? 'extlinux'
      : undefined;
  if (bootMode === 'uefi') {
    if (has(/\/systemd-boot\w*\.efi$/i)) return 'systemd-boot';
    if (has(/\/(?:grub|shim)\w*\.efi$/i)) return 'grub';
    return files ?? 'unknown';
  }
  if (sectors === undefined) return files ?? 'unknown';
  if (sectors.some(sector => /GRUB/.test(sector))) return 'grub';
  if (sectors.some(sector => /SYSLINUX|EXTLINUX|Missing operating system|isolinux/i.test(sector))) {
    return files === 'extlinux' ? 'extlinux' : 'unknown';
  }
  // A sector with code that nobody here knows may well start the machine.
  return sectors.some(hasCode) ? 'unknown' : 'none';
}

/** The first 440 bytes of a boot sector are code; a partition table alone leaves them empty. */
const hasCode = (sector: string): boolean => /[^\0]/.test(sector.slice(0, BOOT_CODE_BYTES));
const BOOT_CODE_BYTES = 440;
