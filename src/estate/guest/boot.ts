import type { BootFacts, GuestFacts } from '../../journal/facts.ts';
import type { GuestFinding } from './finding.ts';

export function bootFindings({ boot, blocks, kernel }: GuestFacts): GuestFinding[] {
  if (boot === undefined) return [];
  return [...loader(boot), ...drivers(boot, needsVirtioDisk(blocks), kernel)];
}

function loader(boot: BootFacts): GuestFinding[] {
  if (boot.loader !== 'none') return [];
  return [
    {
      check: 'boot-loader',
      found: 'no disk has a boot loader in its boot sector: something outside starts this machine',
      help: 'see whether the domain names a <kernel> or boots from the network; else install the loader: grub-install',
    },
  ];
}

const needsVirtioDisk = (blocks: GuestFacts['blocks']): boolean =>
  blocks.some(block => block.type === 'disk' && /^\/dev\/vd[a-z]+$/.test(block.device));

/** A kernel that may be the next to start: the running one, and the newest, which a loader prefers. */
function drivers(boot: BootFacts, isVirtio: boolean, running: string): GuestFinding[] {
  if (!isVirtio) return [];
  const newest = boot.kernels
    .map(({ version }) => version)
    .sort(byVersion)
    .at(-1);
  return boot.kernels
    .filter(({ version }) => version === running || version === newest)
    .flatMap(({ version, initramfs, drivers: states }) => {
      const missing = ['virtio_pci', 'virtio_blk'].filter(name => states[name] === 'missing');
      if (missing.length === 0) return [];
      const names = missing.join(' and ');
      return [
        {
          check: 'initramfs-virtio',
          found:
            initramfs === undefined
              ? `kernel ${version} has no initramfs and ${names} not built in: it cannot mount a root on a virtio disk`
              : `the initramfs of kernel ${version} lacks ${names}: it cannot mount a root on a virtio disk`,
          help: remake(boot.tools, version, missing),
        } as const,
      ];
    });
}

function remake(tools: readonly string[], version: string, missing: readonly string[]): string {
  if (tools.includes('update-initramfs'))
    return `add ${missing.join(', ')} to /etc/initramfs-tools/modules, then: update-initramfs -u -k ${version}`;
  if (tools.includes('dracut'))
    return `dracut --force --add-drivers "${missing.join(' ')}" --kver ${version}`;
  return `make the initramfs of kernel ${version} again with ${missing.join(', ')}`;
}

/** Versions part by part, numbers as numbers: 6.1.0-9 before 6.1.0-32. */
function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
