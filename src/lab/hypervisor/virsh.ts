import type { Blocks } from '../blocks/blocks.ts';
import type { Copies } from '../boot/copies.ts';
import type { Receivers } from '../hosts/receivers.ts';
import type { Sources } from '../hosts/sources.ts';
import { parseOptions } from '../tools/options.ts';
import type { Tool } from '../tools/tool-box.ts';
import { answer, refusal, type SimHost, type World } from '../world/world.ts';
import { domainsOf } from './domains.ts';
import { agentCommand } from './guest-agent.ts';
import { screenDump } from './screen.ts';
import { blockWrites } from './virsh-block.ts';
import { blockVerbs } from './virsh-blocks.ts';
import { deviceWrites } from './virsh-devices.ts';
import { domainWrites } from './virsh-domains.ts';
import { networkWrites } from './virsh-networks.ts';
import { virshReads } from './virsh-reads.ts';
import { sourceWrites } from './virsh-sources.ts';
import { surveyReads } from './virsh-survey.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';
import { volumeWrites } from './virsh-volumes.ts';

/**
 * virsh on the simulated hypervisors. A source hypervisor is read-only but for what a cutover does: any other write
 * there is a violation.
 */

/** In read-only mode libvirt refuses writes by itself. */
const READ_ONLY = 'operation forbidden: read only access prevents';

export interface VirshParts {
  readonly receivers: Receivers;
  readonly copies: Copies;
  readonly sources: Sources;
  readonly blocks: Blocks;
}

export function createVirsh(world: World, { receivers, copies, sources, blocks }: VirshParts): Tool {
  const agentOf = (name: string) => receivers.agentOf(name) ?? copies.agentOf(name);
  const ofBlocks = blockVerbs(world, sources, blocks);
  const reads = { ...virshReads(world, agentOf), ...surveyReads(world, blocks), ...ofBlocks.reads };
  const atSource = { ...sourceWrites(world, sources), ...ofBlocks.atSource };
  const writes: Readonly<Record<string, Verb>> = {
    ...volumeWrites(world, receivers),
    ...domainWrites(world, receivers, copies),
    ...deviceWrites(world, receivers, copies),
    ...blockWrites(world, copies),
    ...networkWrites(world),
    ...ofBlocks.writes,
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

  /** Of a job on a disk virsh asks and orders with one verb. */
  const isQuestion = (verb: string, words: readonly string[]): boolean =>
    verb === 'blockjob' && words.includes('--info');
  const questionOf = (host: SimHost, verb: string): Verb | undefined =>
    host.site === 'source' ? atSource[verb] : writes[verb];

  return async ({ host, args, cwd, stdin }) => {
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
    const read = reads[verb] ?? (isQuestion(verb, words) ? questionOf(host, verb) : undefined);
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
    if (host.site === 'target') await blocks.pools.adopt(host.id);
    const result = await run({
      host,
      args: words,
      stdin: stdin.toString('utf8'),
      isScript: cwd !== undefined,
    });
    // virsh ends every command with an empty line, also one that failed.
    return answer(`${result.stdout}\n`, result.code, result.stderr);
  };
}
