import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type NetworkConfig, networkConfig } from './shape.ts';

/** One netplan file: its interfaces of every wired kind. Text that is no netplan gives an empty list. */
export function parseNetplan(text: string): NetworkConfig[] {
  const document = parsed(text);
  const whole = netplan.safeParse(document);
  if (!whole.success) return [];
  const { ethernets, bonds, bridges, vlans, vrfs } = whole.data.network;
  return [ethernets, bonds, bridges, vlans, vrfs].flatMap(kind =>
    Object.entries(kind ?? {}).flatMap(([id, raw]) => {
      const read = device.safeParse(raw ?? {});
      return read.success ? [configOf(id, read.data)] : [];
    }),
  );
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const device = z.object({
  match: z.object({ name: scalar.optional(), macaddress: scalar.optional() }).nullish(),
  'set-name': scalar.optional(),
  macaddress: scalar.optional(),
  dhcp4: z.union([z.boolean(), z.string()]).optional(),
  dhcp6: z.union([z.boolean(), z.string()]).optional(),
  addresses: z.array(z.unknown()).nullish(),
  gateway4: scalar.optional(),
  routes: z.array(z.unknown()).nullish(),
});
const kind = z.record(z.string(), z.unknown()).nullish();
const netplan = z.object({
  network: z.object({ ethernets: kind, bonds: kind, bridges: kind, vlans: kind, vrfs: kind }),
});

function configOf(id: string, own: z.output<typeof device>): NetworkConfig {
  const matched = own.match === undefined || own.match === null ? id : own.match.name;
  const name = own['set-name'] ?? matched;
  const route = (own.routes ?? []).map(raw => defaultRoute.safeParse(raw)).find(read => read.success)?.data;
  return networkConfig({
    interface: name === undefined || /[*?[]/.test(name) ? undefined : name,
    mac: own.match?.macaddress ?? own.macaddress,
    // An address may be a mapping with its options: `- 10.0.0.5/24: { lifetime: 0 }`.
    addresses: (own.addresses ?? []).flatMap(raw =>
      typeof raw === 'string' ? [raw] : typeof raw === 'object' && raw !== null ? Object.keys(raw) : [],
    ),
    gateway: own.gateway4 ?? route?.via,
    dhcp: [own.dhcp4, own.dhcp6].some(value => value === true || value === 'yes' || value === 'on'),
  });
}

const defaultRoute = z.object({ to: z.enum(['default', '0.0.0.0/0', '0/0', '::/0']), via: z.string() });

/** What the collector left out may leave holes; whatever still reads as a document is taken. */
function parsed(text: string): unknown {
  try {
    return parseDocument(text, { logLevel: 'silent', strict: false }).toJS({ maxAliasCount: 100 });
  } catch {
    // Aliases that lead nowhere: such a file says nothing that could be used.
    return undefined;
  }
}
