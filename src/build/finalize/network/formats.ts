import { fieldBy, type LineFormat } from './lines.ts';
import type { Mover } from './mover.ts';

/** The languages of network managers that have one setting a line. */

/** Debian's /etc/network/interfaces. */
export const IFUPDOWN: LineFormat = {
  section: line => /^\s*(?:iface|auto|allow-\w+|mapping|source)\b/.test(line),
  field: fieldBy(/^\s*(?<key>address|netmask|gateway|broadcast|network|pointopoint)\s+(?<value>\S+)/d),
  own: field => (field.key === 'address' ? [field.value] : []),
  value: ({ key, value }, mover, { move }) => {
    if (key === 'address') return mover.own(value);
    if (key === 'gateway') return mover.router(value);
    if (key === 'netmask') return mover.mask(value, move);
    return key === 'pointopoint' ? undefined : mover.edge(value);
  },
};

/** Red Hat's and SUSE's ifcfg-*, shell variables; SUSE has the length behind the address. */
export const IFCFG: LineFormat = {
  section: () => false,
  field: fieldBy(/^\s*(?<key>[A-Z0-9_]+)=["']?(?<value>[^"'\s#]+)/d),
  own: field => (/^(?:IPADDR|IPV6ADDR)\w*$/.test(field.key) ? [field.value] : []),
  value: ({ key, value }, mover, { move }) => {
    if (/^(?:IPADDR|IPV6ADDR)\w*$/.test(key)) return mover.own(value);
    if (/^(?:GATEWAY\d*|IPV6_DEFAULTGW)$/.test(key)) return mover.router(value);
    if (/^NETMASK\d*$/.test(key)) return mover.mask(value, move);
    if (/^PREFIX(?:LEN)?\d*$/.test(key)) return mover.prefix(value, move);
    return /^(?:BROADCAST|NETWORK)\d*$/.test(key) ? mover.edge(value) : undefined;
  },
};

/** Red Hat's route-* and SUSE's routes: only the way out goes with the network, other routes are told. */
export const ROUTES: LineFormat = {
  section: () => false,
  field: fieldBy(/^\s*(?<key>default)\s+(?:via\s+)?(?<value>[0-9a-fA-F.:]+)/d),
  own: () => [],
  value: ({ value }, mover) => mover.router(value),
};

/** systemd-networkd's .network; of routes only the way out goes with the network. */
export const NETWORKD: LineFormat = {
  section: line => /^\s*\[/.test(line),
  field: fieldBy(/^\s*(?<key>Address|Gateway|Broadcast)\s*=\s*(?<value>\S+)/d),
  own: field => (field.key === 'Address' ? [field.value] : []),
  value: ({ key, value }, mover, { lines }) => {
    if (key === 'Address') return mover.own(value);
    if (key === 'Broadcast') return mover.edge(value);
    const elsewhere = lines.some(line => /^\s*Destination\s*=(?!\s*(?:0\.0\.0\.0|::)\/0\s*$)/.test(line));
    return elsewhere ? undefined : mover.router(value);
  },
};

/** NetworkManager's keyfiles: `address1=10.20.0.5/24,10.20.0.1`, and lists with semicolons in older ones. */
export const KEYFILE: LineFormat = {
  section: line => /^\s*\[/.test(line),
  field: fieldBy(/^\s*(?<key>address\d*|addresses\d*|gateway|route\d+)\s*=\s*(?<value>\S+)/d),
  own: field => (field.key.startsWith('address') ? field.value.split(/[;,]/) : []),
  value: ({ key, value }, mover) => {
    if (key === 'gateway') return mover.router(value);
    if (key.startsWith('route')) return keyfileRoute(value, mover);
    const moved = value
      .split(';')
      .map(item => keyfileAddress(item, mover))
      .join(';');
    return moved === value ? undefined : moved;
  },
};

function keyfileAddress(item: string, mover: Mover): string {
  const [address = '', gateway, ...rest] = item.split(',');
  const parts = [mover.own(address) ?? address];
  if (gateway !== undefined) parts.push(mover.router(gateway) ?? gateway);
  return [...parts, ...rest].join(',');
}

/** `0.0.0.0/0,10.20.0.1,100`: only the way out goes with the network. */
function keyfileRoute(value: string, mover: Mover): string | undefined {
  const [to = '', via = '', ...rest] = value.split(',');
  const moved = /^(?:0\.0\.0\.0|::)\/0$/.test(to) ? mover.router(via) : undefined;
  return moved === undefined ? undefined : [to, moved, ...rest].join(',');
}
