import { parseOptions } from '../tools/options.ts';
import { seededUuid } from '../world/random.ts';
import { answer, type SimHost, type World } from '../world/world.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

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

const HEADING = ` Name       MAC address          Protocol     Address
${'-'.repeat(79)}
`;

/** `domifaddr` of the running sources; other domains of the lab have nothing that ARP would tell. */
export function addressReads(world: World): Readonly<Record<string, Verb>> {
  return {
    domifaddr({ host, args }) {
      const parsed = parseOptions(args, [], ['--source']);
      if (!parsed.ok) return unsupported('domifaddr', parsed.unknown);
      const [name = '', ...rest] = parsed.operands;
      if (rest.length > 0) return virshError(`unexpected data '${rest[0]}'`);
      const source = parsed.values.get('--source') ?? 'lease';
      if (source !== 'lease' && source !== 'arp') return virshError(`Unknown data source '${source}'`);
      const at = world.machines.filter(({ hypervisor }) => hypervisor === host.id);
      const machine = at.find(found => found.name === name);
      if (machine === undefined) {
        const made = world.state.domains.some(
          domain => domain.hypervisor === host.id && domain.name === name,
        );
        return made ? answer(HEADING) : noDomain(name);
      }
      if (source === 'lease') return answer(HEADING);
      const cells = [`vnet${at.indexOf(machine) + 1}`.padEnd(10), machine.mac.padEnd(20), 'ipv4'.padEnd(12)];
      return answer(`${HEADING} ${cells.join(' ')} ${machine.address}/0\n`);
    },
  };
}
