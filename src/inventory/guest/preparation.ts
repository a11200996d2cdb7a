import type { GuestFacts } from '../../journal/facts.ts';
import { parseCrypttab, parseFstab } from '../../tools/fstab.ts';
import { parseThinPools, readVolumeGroups } from '../../tools/lvm.ts';
import { readNetworkFiles } from '../../tools/network-config/files.ts';
import { readActsTwice } from '../acts-twice/acts-twice.ts';
import { readBoot } from './boot.ts';
import { readHotFiles } from './hot-files.ts';
import { answered, type Section, type Sections } from './sections.ts';
import { parseEnabledLinks, parseServices, parseUnitNames } from './services.ts';

/** What building and proving need beyond the copy itself; a key is absent where its question was not answered. */
export function readPreparation(sections: Sections, bootMode: 'bios' | 'uefi'): Partial<GuestFacts> {
  const network = map(answered(sections, 'network-files'), readNetworkFiles);
  const enabled = map(answered(sections, 'units-enabled'), parseEnabledLinks);
  const running = map(answered(sections, 'services'), parseServices);
  const units =
    enabled === undefined && running === undefined ? undefined : [...(enabled ?? []), ...(running ?? [])];
  return present({
    boot: readBoot(sections, bootMode),
    fstab: map(answered(sections, 'fstab'), parseFstab),
    crypttab: readCrypttab(sections.get('crypttab')),
    network,
    volumeGroups: readLvm(sections),
    thinPools: readThinPools(sections),
    hotFiles: readHotFiles(sections),
    hostKeys: map(answered(sections, 'host-keys'), parseHostKeys),
    failedUnits: map(answered(sections, 'units-failed'), parseUnitNames),
    enabledUnits: enabled,
    actsTwice: readActsTwice(sections, units, network ?? []),
    selinux: readSelinux(sections),
    cloudInit: readCloudInit(sections),
    bootId: answered(sections, 'boot-id')?.trim().toLowerCase(),
  });
}

const map = <T>(text: string | undefined, read: (text: string) => T): T | undefined =>
  text === undefined ? undefined : read(text);

/** The same without the keys that have no value. */
function present(raw: { readonly [K in keyof GuestFacts]?: GuestFacts[K] | undefined }): Partial<GuestFacts> {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
}

/** awk ends with 2 where the file is not there: then nothing is unlocked at boot. */
function readCrypttab(section: Section | undefined): GuestFacts['crypttab'] {
  if (section === undefined || (section.rc !== 0 && section.rc !== 2)) return undefined;
  return section.rc === 0 ? parseCrypttab(section.text) : [];
}

/** A system without LVM's tools can have no volume groups in use. */
function readLvm(sections: Sections): GuestFacts['volumeGroups'] {
  if (sections.get('lvm-vgs')?.rc === 127) return [];
  const [pvs, vgs, lvs] = ['lvm-pvs', 'lvm-vgs', 'lvm-lvs'].map(name => answered(sections, name));
  if (pvs === undefined || vgs === undefined || lvs === undefined) return undefined;
  const backups = new Map(
    [...sections].flatMap(([name, { rc, text }]): [string, string][] =>
      name.startsWith('lvm-metadata:') && rc === 0 ? [[name.slice('lvm-metadata:'.length), text]] : [],
    ),
  );
  return readVolumeGroups({ pvs, vgs, lvs, room: answered(sections, 'lvm-free'), backups });
}

/** Absent where there is no thin pool: every machine without one would carry an empty list. */
function readThinPools(sections: Sections): GuestFacts['thinPools'] {
  const pools = parseThinPools(answered(sections, 'thin-pools') ?? '');
  return pools.length > 0 ? pools : undefined;
}

/** `ssh-ed25519 AAAA…`, one a line. */
export function parseHostKeys(text: string): string[] {
  return text
    .split('\n')
    .map(line => /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+)(?:\s|$)/.exec(line)?.[1])
    .filter(key => key !== undefined)
    .sort();
}

/** Without getenforce and without its configuration there is no SELinux, and nothing to say. */
function readSelinux(sections: Sections): GuestFacts['selinux'] {
  const text = answered(sections, 'selinux') ?? answered(sections, 'selinux-config');
  const mode = text?.trim().toLowerCase();
  return mode === 'enforcing' || mode === 'permissive' || mode === 'disabled' ? mode : undefined;
}

function readCloudInit(sections: Sections): boolean | undefined {
  const [there, off] = [sections.get('cloud-init')?.rc, sections.get('cloud-init-off')?.rc];
  if (there === undefined || there > 1) return undefined;
  const isOff = off === 0 || /\bcloud-init=disabled\b/.test(answered(sections, 'cmdline') ?? '');
  return there === 0 && !isOff;
}
