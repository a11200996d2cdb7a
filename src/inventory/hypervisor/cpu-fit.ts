import type { HypervisorSurvey } from '../../journal/facts-site.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Argv, Host } from '../../remote/host.ts';
import { compareProcessors, parseCpuCompare, tellsProcessor } from '../../tools/cpu-fit.ts';
import { askVirsh, VIRSH_CODES, virshWrite } from '../../tools/virsh.ts';

type Fit = HypervisorSurvey['cpuFit'][number];

/** Kinds of domains by which processors are compared: what the hardware has, and only where there is none, emulation. */
const KINDS = ['kvm', 'qemu'] as const;
type Kind = (typeof KINDS)[number];

/** libvirt answers neither through the read-only socket (CVE-2019-10167, -10168), though neither changes anything. */
export const processorQuestion = (uri: string, kind: Kind): Argv =>
  virshWrite(uri, 'domcapabilities', '--virttype', kind);

/** virsh reads a file; a shell makes sure that its standard input can be opened as one, which a socket cannot. */
export const compareQuestion = (uri: string, kind: Kind): Argv => [
  'sh',
  '-c',
  'cat | virsh -c "$1" hypervisor-cpu-compare --virttype "$2" /dev/stdin',
  'sh',
  uri,
  kind,
];

/** Hypervisors of the source whose machines are to run on this one. */
export const sourcesOf = ({ machines }: Plan, target: string): string[] => [
  ...new Set(
    Object.values(machines)
      .filter(machine => machine.target.hypervisor === target)
      .map(({ source }) => source.hypervisor),
  ),
];

export interface FitParts {
  readonly plan: Plan;
  readonly target: Host;
  readonly source: Host;
  readonly signal: AbortSignal;
}

/**
 * Whether what runs on the processors of the source runs on those of the target: libvirt's own comparison, and where it
 * cannot compare, what follows from both of their capabilities. `unknown` says why.
 */
export async function cpuFit({ plan, target, source, signal }: FitParts): Promise<Fit> {
  const uriOf = (host: Host): string => plan.hypervisors[host.id]?.uri ?? 'qemu:///system';
  const capabilities = async (host: Host, kind: Kind): Promise<string | undefined> => {
    const answer = await askVirsh(host, processorQuestion(uriOf(host), kind), { signal });
    return answer.ok && tellsProcessor(answer.text) ? answer.text : undefined;
  };
  for (const kind of KINDS) {
    const there = await capabilities(source, kind);
    if (there === undefined) continue;
    const compared = await target.exec(compareQuestion(uriOf(target), kind), {
      stdin: there,
      codes: [...VIRSH_CODES, 127],
      signal,
    });
    const fit = parseCpuCompare(compared.stdout.toString('utf8'));
    const own = compareProcessors(there, (await capabilities(target, kind)) ?? '');
    return fit === undefined
      ? { source: source.id, ...own }
      : { source: source.id, fit, detail: `${FIT_WORDS[fit]} (domains of kind ${kind})` };
  }
  return { source: source.id, fit: 'unknown', detail: `${source.id} does not tell its processor` };
}

const FIT_WORDS = {
  identical: 'libvirt at the target says: the same processor',
  superset: 'libvirt at the target says: it has all that the source has, and more',
  incompatible: 'libvirt at the target says: it lacks something that the source has',
  unknown: 'libvirt at the target cannot say',
} as const;
