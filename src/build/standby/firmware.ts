import { basename } from 'node:path/posix';
import type { VirtualizationFacts } from '../../journal/facts.ts';
import type { Rule } from './wish.ts';
import {
  attribute,
  element,
  find,
  mapAt,
  mapElements,
  put,
  setAttributes,
  textOf,
  without,
  type XmlElement,
} from './xml-tree.ts';

/** Where a standby keeps its UEFI variables: a file that is landfall's by its name. */
export const nvramPath = (evacuation: string, machine: string): string =>
  `/var/lib/libvirt/qemu/nvram/landfall-${evacuation}-${machine}_VARS.fd`;

/**
 * UEFI firmware as the target has it. With the very same image there, the variables (and the boot entries in them)
 * can be copied; with another one they would not fit, and the target's libvirt chooses a pair of its own.
 */
export const firmware: Rule = (domain, { evacuation, machine, virtualization }) => {
  const os = find(domain, 'os');
  const loader = find(os, 'loader');
  if (!isUefi(domain)) {
    const path = textOf(loader);
    if (path === '') return { domain, changes: [] };
    return {
      domain: mapAt(domain, ['os'], node => without(node, 'loader')),
      changes: [`the target's own BIOS instead of ${path}`],
    };
  }
  const path = nvramPath(evacuation, machine);
  if (keepsVariables(domain, virtualization)) {
    const template = attribute(find(os, 'nvram'), 'template');
    return {
      domain: mapAt(domain, ['os'], node => put(node, element('nvram', { template }, [path]))),
      changes: [`UEFI variables in ${path}: a copy of the source's, with its boot entries`],
    };
  }
  const secure = isSecure(domain);
  return {
    domain: mapAt(domain, ['os'], node =>
      setAttributes(
        put(
          put(without(node, 'loader'), element('nvram', {}, [path])),
          element('firmware', {}, [
            element('feature', { enabled: secure ? 'yes' : 'no', name: 'secure-boot' }),
          ]),
        ),
        { firmware: 'efi' },
      ),
    ),
    changes: [
      `UEFI firmware that the target chooses${secure ? ', with Secure Boot,' : ''} instead of ${basename(textOf(loader)) || 'the one of the source'}`,
      'the UEFI boot entries do not travel: it starts by the fallback path EFI/BOOT, which a proof tries',
    ],
  };
};

export const isUefi = (domain: XmlElement): boolean =>
  attribute(find(domain, 'os'), 'firmware') === 'efi' ||
  attribute(find(domain, 'os', 'loader'), 'type') === 'pflash';

/** True where the target has the firmware image of the source under the same path, and the source has variables. */
export function keepsVariables(domain: XmlElement, { loaders }: VirtualizationFacts): boolean {
  const loader = textOf(find(domain, 'os', 'loader'));
  return loader !== '' && loaders.includes(loader) && sourceVariables(domain) !== undefined;
}

/** The file with the source's UEFI variables on its hypervisor. */
export function sourceVariables(domain: XmlElement): string | undefined {
  const nvram = find(domain, 'os', 'nvram');
  const path = attribute(find(nvram, 'source'), 'file') ?? textOf(nvram);
  return path.startsWith('/') ? path : undefined;
}

export function isSecure(domain: XmlElement): boolean {
  const os = find(domain, 'os');
  const features = find(os, 'firmware');
  let wanted = attribute(find(os, 'loader'), 'secure') === 'yes';
  if (features !== undefined) {
    mapElements(features, feature => {
      if (attribute(feature, 'name') === 'secure-boot') wanted = attribute(feature, 'enabled') === 'yes';
      return feature;
    });
  }
  return wanted;
}

/**
 * The `<os>` of a throw-away copy: variables of its own in that file. libvirt fills it from the standby's, where those
 * were copied from the source; otherwise from the firmware's own template.
 */
export function withOwnVariables(os: XmlElement, path: string): XmlElement {
  const nvram = find(os, 'nvram');
  if (nvram === undefined) return os;
  const template = attribute(os, 'firmware') === 'efi' ? undefined : textOf(nvram);
  return put(os, element('nvram', { template }, [path]));
}
