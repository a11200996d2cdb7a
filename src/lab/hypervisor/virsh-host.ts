import { parseOptions } from '../tools/options.ts';
import { type Answer, answer } from '../world/world.ts';
import { CAPABILITIES, DOMAIN_CAPABILITIES } from './capabilities.ts';
import { unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** What virsh tells of the host itself. */

const VERSION = `Compiled against library: libvirt 9.0.0
Using library: libvirt 9.0.0
Using API: QEMU 9.0.0
Running hypervisor: QEMU 7.2.15
`;

const MEMORY_KIB = 131_891_452;
const FREE_KIB = 96_430_120;

const NODEINFO = `CPU model:           x86_64
CPU(s):              16
CPU frequency:       2900 MHz
CPU socket(s):       1
Core(s) per socket:  8
Thread(s) per core:  2
NUMA cell(s):        1
Memory size:         ${MEMORY_KIB} KiB
`;

const row = (name: string, kib: number): string => `${name.padEnd(7)}: ${String(kib).padStart(20)} KiB\n`;
const MEMORY = [
  row('total', MEMORY_KIB),
  row('free', FREE_KIB),
  row('buffers', 1_204_880),
  row('cached', 14_350_264),
].join('');

/** A verb without words. */
const plain =
  (name: string, text: string): Verb =>
  ({ args }): Answer =>
    args.length === 0 ? answer(text) : unsupported(name, args[0] ?? '');

export const hostReads: Readonly<Record<string, Verb>> = {
  version: plain('version', VERSION),
  nodeinfo: plain('nodeinfo', NODEINFO),
  nodememstats: plain('nodememstats', MEMORY),
  capabilities: plain('capabilities', CAPABILITIES),
  freecell({ args }) {
    const parsed = parseOptions(args, ['--all'], []);
    if (!parsed.ok) return unsupported('freecell', parsed.unknown);
    return answer(
      parsed.flags.has('--all')
        ? `    0: ${String(FREE_KIB).padStart(10)} KiB\n--------------------\nTotal: ${String(FREE_KIB).padStart(10)} KiB\n`
        : `Total: ${FREE_KIB} KiB\n`,
    );
  },
  domcapabilities({ args }) {
    const parsed = parseOptions(args, [], ['--virttype', '--emulatorbin', '--arch', '--machine']);
    if (!parsed.ok) return unsupported('domcapabilities', parsed.unknown);
    const { values, operands } = parsed;
    if (operands.length > 1) return virshError(`unexpected data '${operands[1]}'`);
    const type = values.get('--virttype') ?? operands[0] ?? 'kvm';
    const arch = values.get('--arch') ?? 'x86_64';
    if (arch !== 'x86_64') {
      return virshError(
        'failed to get emulator capabilities',
        `invalid argument: unable to find any emulator to serve '${arch}' architecture`,
      );
    }
    if (type !== 'kvm' && type !== 'qemu') {
      return virshError('failed to get emulator capabilities', `invalid argument: unknown virttype: ${type}`);
    }
    return answer(DOMAIN_CAPABILITIES(type, values.get('--machine') ?? 'pc'));
  },
};
