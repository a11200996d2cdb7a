import type { Rule } from './wish.ts';
import {
  attribute,
  element,
  elements,
  find,
  mapAt,
  mapElements,
  put,
  setAttributes,
  without,
  type XmlElement,
} from './xml-tree.ts';

/** One VNC screen that only the target hypervisor itself can reach, instead of what the source offered. */
export const graphics: Rule = domain => {
  const devices = find(domain, 'devices');
  const had = elements(devices, 'graphics');
  const changes: string[] = [];
  const [first] = had;
  if (first !== undefined) {
    const words = had.map(each => attribute(each, 'type') ?? 'a screen').join(' and ');
    const listen = attribute(first, 'listen') ?? attribute(find(first, 'listen'), 'address');
    if (!isLocalVnc(first) || had.length > 1) {
      changes.push(
        `screen by VNC on the target's own 127.0.0.1 instead of ${words}${listen === undefined ? '' : ` on ${listen}`}`,
      );
    }
  }
  let placed = false;
  const after = mapAt(domain, ['devices'], node =>
    mapElements(node, child => {
      if (child.name === 'graphics') {
        if (placed) return undefined;
        placed = true;
        return localVnc(child);
      }
      return child.name === 'video' ? commonVideo(child, changes) : withoutSpice(child, changes);
    }),
  );
  return { domain: after, changes };
};

const isLocalVnc = (node: XmlElement): boolean =>
  attribute(node, 'type') === 'vnc' &&
  (attribute(node, 'listen') ?? '127.0.0.1') === '127.0.0.1' &&
  (attribute(find(node, 'listen'), 'address') ?? '127.0.0.1') === '127.0.0.1';

const localVnc = (node: XmlElement): XmlElement =>
  element('graphics', {
    type: 'vnc',
    port: '-1',
    autoport: 'yes',
    listen: '127.0.0.1',
    keymap: attribute(node, 'keymap'),
  });

/** QXL serves SPICE, and newer hypervisors have neither; the card keeps its PCI address. */
function commonVideo(video: XmlElement, changes: string[]): XmlElement {
  const model = find(video, 'model');
  const type = attribute(model, 'type');
  const is3d = find(model, 'acceleration') !== undefined;
  if (model === undefined || (type !== 'qxl' && !is3d)) return without(video, 'driver');
  const plain = type === 'qxl' ? 'vga' : type;
  changes.push(
    type === 'qxl'
      ? 'video card vga instead of qxl'
      : `video card ${type ?? ''} without 3D: that needs the graphics card of the source`,
  );
  const primary = attribute(model, 'primary');
  return put(without(video, 'driver'), element('model', { type: plain, heads: '1', primary }));
}

/** Channels and devices that speak SPICE to a viewer. */
function withoutSpice(device: XmlElement, changes: string[]): XmlElement | undefined {
  const type = attribute(device, 'type');
  if (device.name === 'audio') {
    return type === 'spice' ? setAttributes({ ...device, children: [] }, { type: 'none' }) : device;
  }
  const isSpice = type === 'spicevmc' || type === 'spiceport';
  if (!isSpice || !['channel', 'redirdev', 'smartcard', 'serial', 'console'].includes(device.name))
    return device;
  if (device.name === 'serial' || device.name === 'console') return device;
  changes.push(`${device.name} for SPICE is left out`);
  return undefined;
}
