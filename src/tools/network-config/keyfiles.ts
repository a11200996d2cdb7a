import { iniSections, type NetworkConfig, networkConfig } from './shape.ts';

/** Keyfiles of NetworkManager and `.network` files of systemd-networkd. */

/** One connection; undefined where the file is none, or one of a kind that is no wired interface of the machine. */
export function parseKeyfile(text: string): NetworkConfig | undefined {
  const sections = iniSections(text);
  const value = (section: string, key: string): string | undefined =>
    sections.find(s => s.name === section)?.values.find(([name]) => name === key)?.[1];
  const type = value('connection', 'type');
  if (type === undefined || /^(?:wifi|802-11-wireless|vpn|wireguard|gsm|bluetooth|loopback)$/.test(type))
    return undefined;
  const ip = sections.filter(({ name }) => name === 'ipv4' || name === 'ipv6').flatMap(s => s.values);
  // `address1=10.0.0.5/24,10.0.0.1`: the gateway may stand behind the address.
  const numbered = ip.filter(([key]) => /^address\d*$/.test(key)).map(([, text]) => text.split(','));
  const listed = ip.filter(([key]) => key === 'addresses').flatMap(([, text]) => text.split(/[;,]/));
  return networkConfig({
    interface: value('connection', 'interface-name'),
    mac: value('ethernet', 'mac-address') ?? value('802-3-ethernet', 'mac-address'),
    addresses: [...numbered.map(([address = '']) => address), ...listed],
    gateway:
      ip.find(([key]) => key === 'gateway')?.[1] ??
      numbered.find(([, gateway]) => gateway !== undefined)?.[1],
    dhcp: ip.some(([key, method]) => key === 'method' && method === 'auto'),
  });
}

/** One `.network` file. A name with a wildcard matches no interface in particular. */
export function parseNetworkd(text: string): NetworkConfig | undefined {
  const sections = iniSections(text);
  if (!sections.some(({ name }) => name === 'Match' || name === 'Network')) return undefined;
  const all = (key: string, ...names: readonly string[]): string[] =>
    sections
      .filter(({ name }) => names.includes(name))
      .flatMap(({ values }) => values.filter(([own]) => own === key).map(([, value]) => value));
  const [name] = all('Name', 'Match');
  return networkConfig({
    interface: name === undefined || /[*?[!\s]/.test(name) ? undefined : name,
    mac: (all('MACAddress', 'Match')[0] ?? all('PermanentMACAddress', 'Match')[0])?.split(/\s+/)[0],
    addresses: all('Address', 'Network', 'Address'),
    gateway: all('Gateway', 'Network', 'Route')[0],
    dhcp: all('DHCP', 'Network').some(value => /^(?:yes|true|1|on|ipv4|ipv6|both|v4|v6)$/i.test(value)),
  });
}
