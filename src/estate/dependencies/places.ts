import { canonicalIp, type Ip, parseIp } from '../../foundation/ip.ts';
import type { Plan } from '../../plan/schema.ts';

/** Networks and host names of the plan, made ready to be asked a hundred thousand times. */

export interface Network {
  readonly cidr: string;
  holds(ip: Ip): boolean;
}

/** Undefined where the text is no network: the plan's check says so. An address alone is a network of one. */
export function networkOf(text: string): Network | undefined {
  const [address = '', prefix] = text.split('/');
  const start = parseIp(address);
  if (start === undefined) return undefined;
  const length = prefix === undefined ? start.bits : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > start.bits) return undefined;
  const shift = BigInt(start.bits - length);
  const head = start.value >> shift;
  return {
    cidr: `${canonicalIp(address) ?? address}/${length}`,
    holds: ip => ip.bits === start.bits && ip.value >> shift === head,
  };
}

export interface External {
  readonly name: string;
  readonly afterLoss: Plan['external'][string]['after_loss'];
  readonly replacedBy: string | undefined;
  /** Whether something with this address or name, asked at this port, is meant. */
  matches(ip: Ip | undefined, names: readonly string[], port: number | undefined): boolean;
}

export function externalsOf(plan: Plan): External[] {
  return Object.entries(plan.external).map(([name, { at, ports, after_loss, replaced_by }]) => {
    const networks = at.map(networkOf).filter(network => network !== undefined);
    const hosts = at.filter(place => networkOf(place) === undefined).map(place => place.toLowerCase());
    const tails = hosts.filter(host => host.startsWith('*.')).map(host => host.slice(1));
    const whole = new Set(hosts);
    return {
      ...{ name, afterLoss: after_loss, replacedBy: replaced_by },
      matches: (ip, names, port) =>
        (ports === undefined || port === undefined || ports.includes(port)) &&
        ((ip !== undefined && networks.some(network => network.holds(ip))) ||
          names.some(each => whole.has(each) || tails.some(tail => each.endsWith(tail)))),
    };
  });
}

/** The networks of one side, with their keys in the plan. */
export function networksAt(
  plan: Plan,
  role: 'source' | 'target',
): { readonly name: string; readonly network: Network }[] {
  return Object.entries(plan.networks).flatMap(([name, { site, cidr }]) => {
    const network = cidr === undefined ? undefined : networkOf(cidr);
    return network !== undefined && Object.hasOwn(plan.sites, site) && plan.sites[site]?.role === role
      ? [{ name, network }]
      : [];
  });
}
