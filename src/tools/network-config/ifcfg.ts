import { iniSections, type NetworkConfig, networkConfig, withPrefix } from './shape.ts';

/** `ifcfg-NAME` of Red Hat's network scripts and of wicked (SUSE), which differ only in some words. */
export function parseIfcfg(text: string, file: string): NetworkConfig | undefined {
  const values = new Map(iniSections(text).flatMap(section => section.values));
  const name = values.get('DEVICE') ?? /\/ifcfg-([^/]+)$/.exec(file)?.[1];
  if (name === undefined || name === 'lo' || values.size === 0) return undefined;
  const mac = values.get('HWADDR') ?? values.get('LLADDR');
  const addresses = [...values].flatMap(([key, value]) => {
    const suffix = /^IPADDR([0-9_]*)$/.exec(key)?.[1];
    if (suffix === undefined || value === '') return [];
    const mask = ['PREFIX', 'PREFIXLEN', 'NETMASK'].map(word => values.get(`${word}${suffix}`)).find(Boolean);
    return [withPrefix(value, mask)];
  });
  const six = values.get('IPV6ADDR');
  const protocol = (values.get('BOOTPROTO') ?? '').toLowerCase();
  return networkConfig({
    interface: name,
    mac,
    addresses: six === undefined ? addresses : [...addresses, six],
    gateway: values.get('GATEWAY') ?? values.get('GATEWAY0') ?? values.get('IPV6_DEFAULTGW'),
    dhcp:
      protocol.includes('dhcp') ||
      protocol === 'bootp' ||
      /^(?:yes|true)$/i.test(values.get('DHCPV6C') ?? ''),
  });
}
