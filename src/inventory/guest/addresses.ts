import { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import type { LinkFacts } from '../../journal/facts.ts';
import { jsonOrUndefined } from '../../tools/block-devices.ts';

export interface NetworkReading {
  /** Addresses without prefix length, the loopback interface and link-local ones left out. */
  readonly addresses: string[];
  /** Hardware addresses, lower case. */
  readonly macs: string[];
  /** Every interface but the loopback one. */
  readonly links: LinkFacts[];
}

const links = z.array(
  z.object({
    ifname: z.string().optional(),
    address: z.string().optional(),
    link_type: z.string().optional(),
    flags: z.array(z.string()).optional(),
    addr_info: z
      .array(
        z.object({
          local: z.string().optional(),
          scope: z.string().optional(),
          prefixlen: z.number().optional(),
        }),
      )
      .optional(),
  }),
);

/** `ip -j addr`; undefined where it is no such answer. Older versions put empty objects between the real ones. */
export function parseAddresses(json: string): NetworkReading | undefined {
  const parsed = links.safeParse(jsonOrUndefined(json));
  if (!parsed.success) return undefined;
  const real = parsed.data.filter(link => link.link_type !== 'loopback' && link.ifname !== 'lo');
  return {
    addresses: real.flatMap(link =>
      (link.addr_info ?? []).flatMap(info => (info.local && info.scope !== 'link' ? [info.local] : [])),
    ),
    macs: macsOf(real.map(link => link.address)),
    links: real.flatMap(link =>
      link.ifname === undefined
        ? []
        : [
            {
              name: harmless(link.ifname),
              mac: macsOf([link.address])[0] ?? '',
              addresses: (link.addr_info ?? []).flatMap(({ local, scope, prefixlen }) =>
                local && scope !== 'link' ? [prefixlen === undefined ? local : `${local}/${prefixlen}`] : [],
              ),
              up: link.flags?.includes('UP') ?? false,
            },
          ],
    ),
  };
}

/** `ip -o addr` and `ip -o link`, for systems whose ip speaks no JSON. */
export function parsePlainAddresses(addresses: string, linkLines: string): NetworkReading {
  const links = new Map<string, LinkFacts>();
  for (const line of linkLines.split('\n')) {
    const [, name, flags = '', rest = ''] = /^\d+:\s+([^\s:@]+)(?:@\S+)?:\s+<([^>]*)>(.*)$/.exec(line) ?? [];
    if (name === undefined || name === 'lo') continue;
    const mac = macsOf([/\blink\/ether\s+([0-9a-fA-F:]{17})/.exec(rest)?.[1]])[0] ?? '';
    links.set(name, { name: harmless(name), mac, addresses: [], up: flags.split(',').includes('UP') });
  }
  const found: string[] = [];
  for (const line of addresses.split('\n')) {
    const [, name, address, prefix] =
      /^\d+:\s+(\S+)\s+inet6?\s+([0-9a-fA-F.:]+)(?:\/(\d+))?/.exec(line) ?? [];
    if (name === undefined || address === undefined || name === 'lo' || /\bscope link\b/.test(line)) continue;
    found.push(address);
    links.get(name)?.addresses.push(prefix === undefined ? address : `${address}/${prefix}`);
  }
  const macs = [...linkLines.matchAll(/\blink\/ether\s+([0-9a-fA-F:]{17})/g)].map(match => match[1]);
  return { addresses: found, macs: macsOf(macs), links: [...links.values()] };
}

function macsOf(values: readonly (string | undefined)[]): string[] {
  return values.flatMap(value =>
    value !== undefined && /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/.test(value) ? [value.toLowerCase()] : [],
  );
}
