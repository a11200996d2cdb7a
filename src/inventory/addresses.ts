import { z } from 'zod';
import { jsonOrUndefined } from '../tools/block-devices.ts';

export interface NetworkReading {
  /** Addresses without prefix length, the loopback interface and link-local ones left out. */
  readonly addresses: string[];
  /** Hardware addresses, lower case. */
  readonly macs: string[];
}

const links = z.array(
  z.object({
    ifname: z.string().optional(),
    address: z.string().optional(),
    link_type: z.string().optional(),
    addr_info: z.array(z.object({ local: z.string().optional(), scope: z.string().optional() })).optional(),
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
  };
}

/** `ip -o addr` and `ip -o link`, for systems whose ip speaks no JSON. */
export function parsePlainAddresses(addresses: string, linkLines: string): NetworkReading {
  const found: string[] = [];
  for (const line of addresses.split('\n')) {
    const [, name, address] = /^\d+:\s+(\S+)\s+inet6?\s+([0-9a-fA-F.:]+)/.exec(line) ?? [];
    if (address !== undefined && name !== 'lo' && !/\bscope link\b/.test(line)) found.push(address);
  }
  const macs = [...linkLines.matchAll(/\blink\/ether\s+([0-9a-fA-F:]{17})/g)].map(match => match[1]);
  return { addresses: found, macs: macsOf(macs) };
}

function macsOf(values: readonly (string | undefined)[]): string[] {
  return values.flatMap(value =>
    value !== undefined && /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/.test(value) ? [value.toLowerCase()] : [],
  );
}
