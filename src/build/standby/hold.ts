import { diskTarget, takenTargets } from './disks.ts';
import type { Rule } from './wish.ts';
import { append, attribute, element, elements, find, mapAt, type XmlElement } from './xml-tree.ts';

/** A directory that is never made: a domain that names a file in it cannot be started, and says why in the name. */
const HELD = '/landfall-holds-this-standby-until-cutover';

/**
 * Holds a standby against an accidental start: one more CD drive whose medium does not exist. libvirt defines such a
 * domain and refuses to start it, with the path in its message. Cutover takes the drive out again.
 */
export const hold: Rule = (domain, { evacuation, machine }) => {
  const drive = element('disk', { type: 'file', device: 'cdrom' }, [
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: `${HELD}/${evacuation}-${machine}` }),
    ...placeFor(domain),
    element('readonly'),
  ]);
  return {
    domain: mapAt(domain, ['devices'], devices => append(devices, drive)),
    changes: [
      'held against an accidental start: an extra CD drive waits for a medium that does not exist, so libvirt refuses to start it',
    ],
  };
};

/** The same domain without its hold: what cutover defines, and what a proof boots. */
export const released = (domain: XmlElement): XmlElement =>
  mapAt(domain, ['devices', 'disk'], disk => (isHold(disk) ? undefined : disk));

export const isHold = (disk: XmlElement): boolean =>
  attribute(find(disk, 'source'), 'file')?.startsWith(`${HELD}/`) ?? false;

/** A free unit of the controller that every machine of its kind has, so that the drive brings no controller with it. */
function placeFor(domain: XmlElement): XmlElement[] {
  const taken = takenTargets(domain);
  const machine = attribute(find(domain, 'os', 'type'), 'machine') ?? '';
  const bus = /q35/.test(machine) ? 'sata' : /^pc\b/.test(machine) ? 'ide' : 'scsi';
  const units = bus === 'ide' ? IDE_UNITS : SATA_UNITS;
  const used = elements(find(domain, 'devices'), 'disk')
    .filter(disk => attribute(find(disk, 'target'), 'bus') === bus)
    .map(unitOf);
  const free = units.find(unit => !used.includes(unit));
  if (bus === 'scsi' || free === undefined) return [target('sd', taken, free === undefined ? 'usb' : bus)];
  const [onBus, unit] = free.split(':');
  return [
    target(bus === 'ide' ? 'hd' : 'sd', taken, bus),
    element('address', { type: 'drive', controller: '0', bus: onBus, target: '0', unit }),
  ];
}

const IDE_UNITS = ['1:1', '1:0', '0:1', '0:0'];
const SATA_UNITS = ['0:5', '0:4', '0:3', '0:2', '0:1', '0:0'];

/** `bus:unit` on the first controller; where no address is written, the place that libvirt derives from the name. */
function unitOf(disk: XmlElement): string {
  const address = find(disk, 'address');
  if (address !== undefined) {
    return attribute(address, 'controller') === '0'
      ? `${attribute(address, 'bus') ?? '0'}:${attribute(address, 'unit') ?? '0'}`
      : 'elsewhere';
  }
  const index = diskTarget(disk).charCodeAt(2) - 97;
  return attribute(find(disk, 'target'), 'bus') === 'ide'
    ? `${Math.floor(index / 2)}:${index % 2}`
    : `0:${index}`;
}

/** The last free letter: names are given from the front when disks are added. */
function target(prefix: string, taken: readonly string[], bus: string): XmlElement {
  const letters = prefix === 'hd' ? 'dcba' : 'zyxwvutsrqponmlkjihgfedcba';
  const letter = [...letters].find(each => !taken.includes(`${prefix}${each}`)) ?? 'zz';
  return element('target', { dev: `${prefix}${letter}`, bus });
}
