import type { Rule } from './wish.ts';
import { attribute, mapAt, mapElements, setAttributes, without, type XmlElement } from './xml-tree.ts';

/** Serial ports, consoles and channels end in what libvirt makes for each domain, not in files or sockets of the source. */
export const consoles: Rule = domain => {
  const changes: string[] = [];
  const after = mapAt(domain, ['devices'], devices =>
    mapElements(devices, device => {
      if (PORTS.includes(device.name)) return toTerminal(device, changes);
      return device.name === 'channel' ? ownSocket(device) : device;
    }),
  );
  return { domain: after, changes };
};

const PORTS = ['serial', 'console', 'parallel'];

function toTerminal(port: XmlElement, changes: string[]): XmlElement {
  const type = attribute(port, 'type') ?? 'pty';
  // A console is the first serial port once more.
  if (type !== 'pty' && port.name !== 'console')
    changes.push(`${port.name} port on a terminal of libvirt's instead of ${type}`);
  return setAttributes(without(port, 'source', 'log', 'protocol'), { type: 'pty', tty: undefined });
}

/** libvirt names the socket itself where none is written; the guest sees only the channel's name. */
function ownSocket(channel: XmlElement): XmlElement {
  const plain = without(channel, 'source', 'log', 'protocol');
  return mapAt(plain, ['target'], target => setAttributes(target, { state: undefined }));
}
