import { type NetworkConfig, networkConfig, withPrefix } from './shape.ts';

/** `/etc/network/interfaces`: stanzas that begin with `iface`; the loopback interface is none of the machine's own. */
export function parseIfupdown(text: string): NetworkConfig[] {
  const stanzas: { name: string; method: string; options: Map<string, string> }[] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'iface') {
      const [name = '', , method = ''] = rest;
      stanzas.push({ name, method: method || 'manual', options: new Map() });
    } else if (/^(?:auto|source|source-directory|mapping|allow-\S+|no-auto-down|no-scripts)$/.test(word)) {
    } else {
      stanzas.at(-1)?.options.set(word, rest[0] ?? '');
    }
  }
  const byName = Map.groupBy(
    stanzas.filter(stanza => stanza.name !== '' && stanza.name !== 'lo'),
    stanza => stanza.name,
  );
  return [...byName].map(([name, own]) => {
    const value = (key: string): string | undefined => own.find(s => s.options.has(key))?.options.get(key);
    return networkConfig({
      interface: name,
      mac: value('hwaddress'),
      addresses: own.flatMap(({ options }) => {
        const address = options.get('address');
        return address === undefined ? [] : [withPrefix(address, options.get('netmask'))];
      }),
      gateway: value('gateway'),
      dhcp: own.some(({ method }) => method === 'dhcp' || method === 'auto'),
    });
  });
}
