import { XMLValidator } from 'fast-xml-parser';
import { parseOptions } from '../tools/options.ts';
import { seededUuid } from '../world/random.ts';
import { answer, type SimHost, type World } from '../world/world.ts';
import { domainsOf, parsedDomain } from './domains.ts';
import type { AgentGuest } from './guest-agent.ts';
import { hypervisorFile, noFile } from './virsh-devices.ts';
import { noDomain, noNetwork, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The network of a simulated hypervisor: routed, without DHCP, so that the host knows its guests from ARP alone. */
export function networkXml(world: World, host: SimHost, name: string): string {
  return `<network connections='${world.machines.filter(machine => machine.hypervisor === host.id).length}'>
  <name>${name}</name>
  <uuid>${seededUuid(world.seed, `network/${host.id}`)}</uuid>
  <forward mode='route'/>
  <bridge name='virbr1' stp='on' delay='0'/>
  <mac address='52:54:00:77:00:01'/>
  <ip address='${host.address}' netmask='255.255.255.0'>
  </ip>
</network>
`;
}

/** Networks of a hypervisor with their XML: its own, and those made by command. */
export function networksOf(world: World, host: SimHost): { readonly name: string; readonly xml: string }[] {
  const own = host.hypervisor?.network ?? 'default';
  const made = world.state.networks.filter(network => network.hypervisor === host.id);
  return [{ name: own, xml: networkXml(world, host, own) }, ...made];
}

/** A network that leads nowhere: neither forwarded nor with an address of the host. */
export const isIsland = (xml: string): boolean => !/<(?:forward|ip)\b/.test(xml);

export function networkReads(world: World): Readonly<Record<string, Verb>> {
  return {
    'net-list'({ host, args }) {
      const parsed = parseOptions(args, ['--all', '--name', '--inactive', '--transient', '--persistent'], []);
      if (!parsed.ok) return unsupported('net-list', parsed.unknown);
      const { flags } = parsed;
      if (!flags.has('--name')) return virshError("the lab knows 'net-list' with --name only");
      const names = networksOf(world, host).map(({ name }) => name);
      const own = names.slice(0, 1);
      const shown = flags.has('--inactive') ? [] : flags.has('--transient') ? names.slice(1) : names;
      return answer((flags.has('--persistent') ? own : shown).map(name => `${name}\n`).join(''));
    },
    'net-dumpxml'({ host, args }) {
      const [name = '', ...more] = args;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      const found = networksOf(world, host).find(network => network.name === name);
      return found === undefined ? noNetwork(name) : answer(found.xml);
    },
  };
}

export function networkWrites(world: World): Readonly<Record<string, Verb>> {
  const { state } = world;
  return {
    'net-create'({ host, args }) {
      const parsed = parseOptions(args, ['--validate'], []);
      if (!parsed.ok) return unsupported('net-create', parsed.unknown);
      const [file = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      const xml = hypervisorFile(world, host, file);
      if (xml === undefined) return noFile(file);
      const failed = `Failed to create network from ${file}`;
      const valid = XMLValidator.validate(xml);
      if (valid !== true)
        return virshError(failed, `(network_definition):${valid.err.line}: ${valid.err.msg}`);
      const name = /<name>([^<]+)<\/name>/.exec(xml)?.[1];
      if (name === undefined) return virshError(failed, 'XML error: missing name for network');
      if (networksOf(world, host).some(network => network.name === name)) {
        return virshError(failed, `operation failed: network '${name}' already exists with uuid`);
      }
      const bridge = `virbr${state.networks.length + 2}`;
      const full = completedNetwork(xml, seededUuid(world.seed, `network/${host.id}/${name}`), bridge);
      state.networks.push({ hypervisor: host.id, name, xml: full });
      world.changed();
      return answer(`Network ${name} created from ${file}\n`);
    },
    'net-destroy'({ host, args }) {
      const [name = '', ...more] = args;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      const made = state.networks.find(network => network.hypervisor === host.id && network.name === name);
      if (made === undefined) return noNetwork(name);
      const user = state.domains.find(
        domain =>
          domain.running &&
          parsedDomain(world, host, domain.name)?.interfaces.some(({ network }) => network === name),
      );
      if (user !== undefined) {
        world.violation(host.id, `virsh net-destroy ${name}`, `${user.name} is still plugged into it`);
      }
      state.networks = state.networks.filter(network => network !== made);
      world.changed();
      return answer(`Network ${name} destroyed\n`);
    },
  };
}

function completedNetwork(xml: string, uuid: string, bridge: string): string {
  const named = /<uuid>/.test(xml) ? xml : xml.replace('</name>', `</name>\n  <uuid>${uuid}</uuid>`);
  const bridged = /<bridge\b/.test(named)
    ? named
    : named.replace('</network>', `  <bridge name='${bridge}' stp='on' delay='0'/>\n</network>`);
  return bridged.endsWith('\n') ? bridged : `${bridged}\n`;
}

const HEADING = ` Name       MAC address          Protocol     Address
${'-'.repeat(79)}
`;

const row = (name: string, mac: string, address: string): string =>
  ` ${[name.padEnd(10), mac.padEnd(20), 'ipv4'.padEnd(12)].join(' ')} ${address}\n`;

/** `domifaddr`: of the running sources by ARP, of anything with an agent by asking it. */
export function addressReads(
  world: World,
  agentOf: (domain: string) => AgentGuest | undefined,
): Readonly<Record<string, Verb>> {
  return {
    domifaddr({ host, args }) {
      const parsed = parseOptions(args, ['--full'], ['--source']);
      if (!parsed.ok) return unsupported('domifaddr', parsed.unknown);
      const [wanted = '', ...rest] = parsed.operands;
      if (rest.length > 0) return virshError(`unexpected data '${rest[0]}'`);
      const source = parsed.values.get('--source') ?? 'lease';
      if (source !== 'lease' && source !== 'arp' && source !== 'agent')
        return virshError(`Unknown data source '${source}'`);
      const domain = domainsOf(world, host).find(found => found.name === wanted || found.uuid === wanted);
      if (domain === undefined) return noDomain(wanted);
      const { name } = domain;
      const failed = 'Failed to query for interfaces addresses';
      if (!domain.running)
        return virshError(failed, 'Requested operation is not valid: domain is not running');
      const at = world.machines.filter(({ hypervisor }) => hypervisor === host.id);
      const machine = at.find(found => found.name === name);
      // The agents of the sources are theirs: what they would say is known without them.
      const nics =
        machine === undefined ? agentOf(name)?.host.system.nics : world.hosts.get(name)?.system.nics;
      if (source === 'agent') {
        if (nics === undefined)
          return virshError(failed, 'Guest agent is not responding: QEMU guest agent is not connected');
        const shown = nics.flatMap(nic => nic.addresses.map(address => row(nic.name, nic.mac, address)));
        return answer(`${HEADING}${row('lo', '00:00:00:00:00:00', '127.0.0.1/8')}${shown.join('')}`);
      }
      if (source === 'lease' || machine === undefined) return answer(HEADING);
      return answer(
        `${HEADING}${row(`vnet${at.indexOf(machine) + 1}`, machine.mac, `${machine.address}/0`)}`,
      );
    },
  };
}
