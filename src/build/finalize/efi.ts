import type { Fixup, TreeCommand } from '../../journal/proof-facts.ts';
import { fixupOf } from './edit.ts';
import type { Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

const about = {
  id: 'boot-loader',
  title: 'let firmware find the boot loader by itself',
  why: "The firmware's own list of loaders is on the source's hypervisor; without it only EFI/BOOT is looked at.",
};

/** Where distributions mount the EFI system partition. */
const PLACES = ['/boot/efi', '/efi', '/boot'];
/** By the architecture of the guest: what firmware looks for, and how loaders call themselves. */
const NAMES: Readonly<
  Record<string, { readonly fallback: string; readonly suffix: string; readonly target: string }>
> = {
  x86_64: { fallback: 'BOOTX64.EFI', suffix: 'x64.efi', target: 'x86_64-efi' },
  aarch64: { fallback: 'BOOTAA64.EFI', suffix: 'aa64.efi', target: 'arm64-efi' },
};

/** The removable path: what is there stays, otherwise the distribution's own loader is copied to it. */
export function efiFixup(tree: Tree, { guest }: FinalizeWish): Fixup | undefined {
  const names = NAMES[guest.architecture];
  const place = PLACES.find(path =>
    guest.fileSystems.some(fs => fs.mountpoint === path && fs.type === 'vfat'),
  );
  if (names === undefined || place === undefined) {
    return fixupOf(about, {
      warnings: [
        'The machine starts by UEFI, but its EFI system partition was not found mounted: nothing is changed there.',
      ],
    });
  }
  const below = `${place}/EFI/`;
  const files = [...tree.entries.keys()].filter(path => path.startsWith(below));
  if (files.some(path => path.slice(below.length).toUpperCase() === `BOOT/${names.fallback}`))
    return undefined;
  const commands = copied(files, below, names) ?? installed(tree, place, names.target);
  return fixupOf(about, {
    commands,
    warnings:
      commands.length > 0
        ? []
        : [`No loader was found below ${below} and none can be made: the firmware would stop in its shell.`],
  });
}

function copied(
  files: readonly string[],
  below: string,
  { fallback, suffix }: { readonly fallback: string; readonly suffix: string },
): TreeCommand[] | undefined {
  const named = (name: string): string | undefined =>
    files.find(path => path.slice(path.lastIndexOf('/') + 1).toLowerCase() === name + suffix);
  const first = named('shim') ?? named('grub') ?? named('systemd-boot');
  if (first === undefined) return undefined;
  // shim starts the loader that lies beside it, and the key manager where a key has to be told.
  const vendor = first.slice(0, first.lastIndexOf('/') + 1);
  const beside = /\/shim[^/]*$/i.test(first)
    ? files.filter(path => path.startsWith(vendor) && /\/(?:grub|mm)[^/]*\.efi$/i.test(path))
    : [];
  return [
    { argv: ['mkdir', '-p', `${below}BOOT`], why: 'the place where firmware looks' },
    { argv: ['cp', first, `${below}BOOT/${fallback}`], why: 'the loader that it starts' },
    ...beside.map(path => ({ argv: ['cp', path, `${below}BOOT/`], why: 'what that loader starts' })),
  ];
}

function installed(tree: Tree, place: string, target: string): TreeCommand[] {
  const tool = ['grub-install', 'grub2-install'].find(name => tree.programs.has(name));
  if (tool === undefined || !tree.entries.has(`/usr/lib/grub/${target}`)) return [];
  const argv = [tool, `--target=${target}`, `--efi-directory=${place}`, '--removable', '--no-nvram'];
  return [{ argv, why: 'a loader at the place where firmware looks' }];
}
