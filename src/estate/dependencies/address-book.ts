import { canonicalIp, type Ip, isPrivateIp, leadsNowhere, parseIp } from '../../foundation/ip.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { type External, externalsOf, type Network, networksAt } from './places.ts';
import type { Endpoint } from './shape.ts';
import { isWellKnown } from './well-known.ts';

/** Whose an address or a name is, as plan and inventory know it. */
export interface AddressBook {
  /**
   * What a host at a port is; several where databases share a server. None where it leads nowhere else: the machine
   * itself, landfall's own copies, what the whole world may use. `also` are more names and addresses of the same host.
   */
  resolve(
    from: string,
    host: string,
    port: number | undefined,
    also?: readonly string[],
  ): readonly Endpoint[];
  /** A machine or a database of the plan by its name. */
  planned(name: string): Endpoint | undefined;
  external(name: string): External | undefined;
  /** Whether the address will be the machine's at the target, too; undefined where the plan does not say. */
  staysWith(machine: string, address: string): boolean | undefined;
  isOwn(machine: string, address: string): boolean;
  isAtSource(address: string): boolean;
}

export function addressBookOf(view: View): AddressBook {
  return new Book(view);
}

class Book implements AddressBook {
  readonly #plan: Plan;
  readonly #machines = new Map<string, string | undefined>();
  readonly #own = new Map<string, ReadonlySet<string>>();
  readonly #databases = new Map<string, string[]>();
  readonly #externals: readonly External[];
  readonly #sources: readonly { readonly name: string; readonly network: Network }[];
  readonly #targets: ReadonlyMap<string, Network>;
  readonly #copies = new Set<string>();
  readonly #names = new Map<string, string>();

  constructor({ plan, state }: View) {
    this.#plan = plan;
    this.#externals = externalsOf(plan);
    this.#sources = networksAt(plan, 'source');
    this.#targets = new Map(networksAt(plan, 'target').map(({ name, network }) => [name, network]));
    for (const [name, { source, target }] of Object.entries(plan.machines)) {
      const mine = hostsOf(name, source.address, get(state.machines, name));
      this.#own.set(name, mine);
      // What several machines have (a bridge of containers) is nobody's name.
      for (const each of mine) this.#machines.set(each, this.#machines.has(each) ? undefined : name);
      this.#copies.add(keyOf(target.address));
    }
    for (const { site, address, data_address } of Object.values(plan.hypervisors)) {
      if (get(plan.sites, site)?.role !== 'target') continue;
      for (const each of [address, data_address]) if (each !== undefined) this.#copies.add(keyOf(each));
    }
    for (const [name, { publisher }] of Object.entries(plan.databases)) {
      const key = `${keyOf(publisher.address)} ${publisher.port}`;
      this.#databases.set(key, [...(this.#databases.get(key) ?? []), name]);
    }
    for (const { name, from } of plan.dns) this.#names.set(name.toLowerCase(), keyOf(from));
  }

  resolve(
    from: string,
    host: string,
    port: number | undefined,
    also: readonly string[] = [],
  ): readonly Endpoint[] {
    const keys = this.#keys([host, ...also]);
    const mine = this.#own.get(from);
    if (keys.some(key => mine?.has(key) === true || leadsNowhere(key))) return [];
    const databases =
      port === undefined ? [] : keys.flatMap(key => this.#databases.get(`${key} ${port}`) ?? []);
    if (databases.length > 0)
      return [...new Set(databases)].filter(name => name !== from).map(name => ({ kind: 'database', name }));
    const machine = keys.map(key => this.#machineOf(key)).find(name => name !== undefined);
    if (machine !== undefined) return machine === from ? [] : [{ kind: 'machine', name: machine }];
    const ips = keys.map(parseIp).filter(ip => ip !== undefined);
    const names = keys.filter(key => parseIp(key) === undefined);
    const address = keys.find(key => parseIp(key) !== undefined) ?? keys[0] ?? host;
    const known = this.#externals.find(
      each => each.matches(undefined, names, port) || ips.some(ip => each.matches(ip, [], port)),
    );
    if (known !== undefined) return [{ kind: 'external', name: known.name, address }];
    if (keys.some(key => this.#copies.has(key) || isWellKnown(key))) return [];
    return [{ kind: 'unknown', address, atSource: ips.some(ip => this.#holds(ip)) }];
  }

  planned(name: string): Endpoint | undefined {
    if (Object.hasOwn(this.#plan.machines, name)) return { kind: 'machine', name };
    return Object.hasOwn(this.#plan.databases, name) ? { kind: 'database', name } : undefined;
  }

  external(name: string): External | undefined {
    return this.#externals.find(each => each.name === name);
  }

  staysWith(machine: string, address: string): boolean | undefined {
    const wanted = get(this.#plan.machines, machine);
    const ip = parseIp(address);
    if (wanted === undefined || ip === undefined) return undefined;
    if (wanted.address_after !== undefined && keyOf(wanted.address_after) === keyOf(address)) return true;
    const source = this.#sources.find(({ network }) => network.holds(ip));
    if (source === undefined) return undefined;
    const replacing = Object.entries(this.#plan.networks)
      .filter(([name, { replaces }]) => replaces === source.name || name === wanted.target.network)
      .map(([name]) => this.#targets.get(name))
      .filter(network => network !== undefined);
    return replacing.length === 0 ? undefined : replacing.some(({ cidr }) => cidr === source.network.cidr);
  }

  isOwn(machine: string, address: string): boolean {
    return this.#own.get(machine)?.has(keyOf(address)) === true;
  }

  isAtSource(address: string): boolean {
    const ip = parseIp(address);
    return ip !== undefined && this.#holds(ip);
  }

  #holds(ip: Ip): boolean {
    return this.#sources.some(({ network }) => network.holds(ip));
  }

  /** All that a host is called, and the address that the plan's records give a name. */
  #keys(hosts: readonly string[]): string[] {
    const keys = hosts.map(keyOf).filter(key => key !== '');
    return [...new Set([...keys, ...keys.flatMap(key => this.#names.get(key) ?? [])])];
  }

  /** By address or name; by the first label of a name where only one machine is called so. */
  #machineOf(key: string): string | undefined {
    const known = this.#machines.get(key);
    if (known !== undefined || parseIp(key) !== undefined) return known;
    return this.#machines.get(key.split('.')[0] ?? key);
  }
}

/** An address in its one form, or a name in small letters. */
const keyOf = (host: string): string => canonicalIp(host) ?? host.toLowerCase().replace(/\.$/, '');

function hostsOf(name: string, address: string, machine: MachineState | undefined): ReadonlySet<string> {
  const guest = machine?.observed?.guest;
  const all = [name, address, guest?.hostname ?? '', ...(guest?.addresses ?? [])];
  return new Set(all.map(keyOf).filter(key => key !== '' && key !== 'localhost' && !leadsNowhere(key)));
}

/** An address that anybody's network may have; elsewhere it is a place of the Internet. */
export const isOfTheInternet = (address: string): boolean =>
  parseIp(address) !== undefined && !isPrivateIp(address) && !leadsNowhere(address);
