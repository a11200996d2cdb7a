import type { Blocks } from '../blocks/blocks.ts';
import { parseOptions } from '../tools/options.ts';
import { POOL } from '../world/layout.ts';
import { type Answer, answer, type World } from '../world/world.ts';
import { DOMAIN_CAPABILITIES } from './capabilities.ts';
import { allocated, type DomainView, disksOf, domainsOf } from './domains.ts';
import { unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The verbs that tell of all domains and pools at once, and of processors. */

const lines = (names: readonly string[]): string => names.map(name => `${name}\n`).join('');

export function surveyReads(
  world: World,
  { checkpoints }: Pick<Blocks, 'checkpoints'>,
): Readonly<Record<string, Verb>> {
  /** Bytes that were ever added to a disk since the lab was opened: its guest's writes, as far as the lab can see them. */
  const written = new Map<string, { bytes: number; size: number }>();
  const writtenTo = (key: string, size: number): number => {
    const before = written.get(key) ?? { bytes: size, size };
    const bytes = before.bytes + Math.max(0, size - before.size);
    written.set(key, { bytes, size });
    return bytes;
  };
  const hasCheckpoint = ({ name }: DomainView): boolean => checkpoints.of(name).length > 0;

  return {
    list({ host, args }) {
      const filters = ['--autostart', '--with-snapshot', '--with-checkpoint'];
      const parsed = parseOptions(args, ['--all', '--name', '--uuid', ...filters], []);
      if (!parsed.ok) return unsupported('list', parsed.unknown);
      const { flags, operands } = parsed;
      if (operands[0] !== undefined) return virshError(`unexpected data '${operands[0]}'`);
      if (flags.has('--name') === flags.has('--uuid'))
        return virshError("the lab knows 'list' with --name or --uuid only");
      const shown = domainsOf(world, host)
        .filter(({ running }) => flags.has('--all') || running)
        .filter(({ autostart }) => !flags.has('--autostart') || autostart)
        .filter(domain => !flags.has('--with-checkpoint') || hasCheckpoint(domain))
        // Nobody makes a snapshot of a domain in the lab.
        .filter(() => !flags.has('--with-snapshot'));
      return answer(lines(shown.map(({ name, uuid }) => (flags.has('--name') ? name : uuid))));
    },
    'pool-list'({ args }) {
      const parsed = parseOptions(args, ['--all', '--name', '--autostart'], []);
      if (!parsed.ok) return unsupported('pool-list', parsed.unknown);
      if (parsed.operands[0] !== undefined) return virshError(`unexpected data '${parsed.operands[0]}'`);
      if (!parsed.flags.has('--name')) return virshError("the lab knows 'pool-list' with --name only");
      return answer(lines([POOL]));
    },
    domstats({ host, args }) {
      const groups = ['--state', '--vcpu', '--balloon', '--block'];
      const parsed = parseOptions(args, ['--raw', '--nowait', ...groups], []);
      if (!parsed.ok) return unsupported('domstats', parsed.unknown);
      if (parsed.operands[0] !== undefined) return virshError(`unexpected data '${parsed.operands[0]}'`);
      return answer(
        domainsOf(world, host)
          .map(domain => {
            const disks = disksOf(world, host, domain.name) ?? [];
            const rows = disks.flatMap(({ target, disk }, at) => {
              const bytes = allocated(disk);
              const counters = domain.running
                ? [`rd.bytes=${bytes}`, `wr.bytes=${writtenTo(`${host.id} ${domain.name} ${target}`, bytes)}`]
                : [];
              return [
                ...[`name=${target}`, ...counters],
                ...[`allocation=${bytes}`, `capacity=${disk.bytes}`, `physical=${bytes}`],
              ].map(row => `block.${at}.${row}`);
            });
            const state = [`state.state=${domain.running ? 1 : 5}`, 'state.reason=1'];
            const size = [
              'balloon.current=4194304',
              'balloon.maximum=4194304',
              'vcpu.current=2',
              'vcpu.maximum=2',
            ];
            const all = [...state, ...size, `block.count=${disks.length}`, ...rows];
            return `Domain: '${domain.name}'\n${all.map(row => `  ${row}\n`).join('')}\n`;
          })
          .join(''),
      );
    },
    'hypervisor-cpu-compare'({ args, stdin = '' }) {
      const parsed = parseOptions(args, ['--error'], ['--virttype']);
      if (!parsed.ok) return unsupported('hypervisor-cpu-compare', parsed.unknown);
      const [file = ''] = parsed.operands;
      if (!file.endsWith('/dev/stdin'))
        return virshError(`Failed to open file '${file}': No such file or directory`);
      return compared(stdin, parsed.values.get('--virttype') ?? 'kvm');
    },
  };
}

/** All hypervisors of the lab have one and the same processor. */
function compared(xml: string, type: string): Answer {
  if (type !== 'kvm' && type !== 'qemu') return virshError(`invalid argument: unknown virttype: ${type}`);
  const model = (text: string): string | undefined =>
    /<mode name='host-model'[^>]*>\s*<model[^>]*>([^<]+)</.exec(text)?.[1];
  const given = model(xml);
  if (given === undefined)
    return virshError(
      "File '/dev/stdin' does not contain a <cpu> element or is not a valid domain or capabilities XML",
    );
  return given === model(DOMAIN_CAPABILITIES(type, 'pc'))
    ? answer('CPU described in /dev/stdin is identical to the CPU provided by hypervisor on the host\n')
    : answer(
        'CPU described in /dev/stdin is incompatible with the CPU provided by hypervisor on the host\n',
        1,
      );
}
