import type { Copies } from '../boot/copies.ts';
import type { Receivers } from '../hosts/receivers.ts';
import type { Sources } from '../hosts/sources.ts';
import { parseOptions } from '../tools/options.ts';
import type { Tool } from '../tools/tool-box.ts';
import { answer, refusal, type World } from '../world/world.ts';
import { domainsOf } from './domains.ts';
import { agentCommand } from './guest-agent.ts';
import { screenDump } from './screen.ts';
import { blockWrites } from './virsh-block.ts';
import { deviceWrites } from './virsh-devices.ts';
import { domainWrites } from './virsh-domains.ts';
import { networkWrites } from './virsh-networks.ts';
import { virshReads } from './virsh-reads.ts';
import { sourceWrites } from './virsh-sources.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';
import { volumeWrites } from './virsh-volumes.ts';

/**
 * virsh on the simulated hypervisors. A source hypervisor is read-only but for what a cutover does: any other write
 * there is a violation.
 */

/** In read-only mode libvirt refuses writes by itself. */
const READ_ONLY = 'operation forbidden: read only access prevents';

export function createVirsh(world: World, receivers: Receivers, copies: Copies, sources: Sources): Tool {
  const agentOf = (name: string) => receivers.agentOf(name) ?? copies.agentOf(name);
  const reads = virshReads(world, agentOf);
  const atSource = sourceWrites(world, sources);
  const writes: Readonly<Record<string, Verb>> = {
    ...volumeWrites(world, receivers),
    ...domainWrites(world, receivers, copies),
    ...deviceWrites(world, receivers, copies),
    ...blockWrites(world, copies),
    ...networkWrites(world),
    'qemu-agent-command': ({ host, args }) => {
      const parsed = parseOptions(args, [], ['--timeout']);
      if (!parsed.ok) return unsupported('qemu-agent-command', parsed.unknown);
      const [name = '', json = ''] = parsed.operands;
      const domain = domainsOf(world, host).find(found => found.name === name);
      if (domain === undefined) return noDomain(name);
      return agentCommand(world, agentOf(name), domain, json);
    },
    'qemu-monitor-command': ({ host, args }) => {
      const parsed = parseOptions(args, ['--hmp'], []);
      if (!parsed.ok) return unsupported('qemu-monitor-command', parsed.unknown);
      const [name = '', ...words] = parsed.operands;
      const domain = domainsOf(world, host).find(found => found.name === name);
      if (domain === undefined) return noDomain(name);
      if (!domain.running) return virshError('Requested operation is not valid: domain is not running');
      if (!parsed.flags.has('--hmp')) return virshError("the lab's monitor speaks with --hmp only");
      return screenDump(copies.screenOf(name), words.join(' '));
    },
  };

  return async ({ host, args }) => {
    const rest = [...args];
    let readOnly = false;
    while (rest[0]?.startsWith('-')) {
      const option = rest.shift();
      if (option === '-r' || option === '--readonly') readOnly = true;
      else if (option === '-c' || option === '--connect') {
        const uri = rest.shift() ?? '';
        if (uri !== 'qemu:///system' && uri !== 'qemu:///session') {
          return refusal(
            `error: failed to connect to the hypervisor\nerror: no connection driver available for ${uri}\n`,
          );
        }
      } else return refusal(`error: unsupported option '${option}'. See --help.\n`);
    }
    const [verb = '', ...words] = rest;
    const read = reads[verb];
    const write = host.site === 'source' ? (atSource[verb] ?? writes[verb]) : writes[verb];
    const run = read ?? write;
    if (run === undefined) return refusal(`error: unknown command: '${verb}'\n`);
    if (write !== undefined && read === undefined) {
      if (host.site === 'source' && atSource[verb] === undefined) {
        world.violation(host.id, ['virsh', ...args].join(' '), 'the source hypervisors are read-only');
        return refusal(`error: ${READ_ONLY} ${verb}\n`);
      }
      if (readOnly) return refusal(`error: ${READ_ONLY} ${verb}\n`);
    }
    const result = await run({ host, args: words });
    // virsh ends every command with an empty line, also one that failed.
    return answer(`${result.stdout}\n`, result.code, result.stderr);
  };
}
