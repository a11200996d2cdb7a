import { LandfallError } from '../foundation/errors.ts';
import type { HypervisorPlan, MachinePlan, Plan } from '../plan/schema.ts';
import type { Argv, Host } from '../remote/host.ts';
import type { StepContext } from '../step/step.ts';
import { virshRead, virshWrite } from '../tools/virsh.ts';

/** What the plan says about one machine's target, looked up once. */
export interface Target {
  readonly machine: string;
  readonly source: MachinePlan['source'];
  readonly target: MachinePlan['target'];
  readonly hypervisor: string;
  readonly image: Plan['images'][string];
  /** The libvirt network at the target. */
  readonly network: string;
  readonly read: (...verb: string[]) => Argv;
  readonly write: (...verb: string[]) => Argv;
}

/** The loader has proved every reference of the plan; one that dangles here is our bug. */
export function targetOf(plan: Plan, machine: string): Target {
  const { source, target } = known(plan.machines[machine], `machine ${machine}`);
  const hypervisor: HypervisorPlan = known(
    plan.hypervisors[target.hypervisor],
    `hypervisor ${target.hypervisor}`,
  );
  const image = known(plan.images[target.image], `image ${target.image}`);
  const network = known(plan.networks[target.network], `network ${target.network}`);
  return {
    machine,
    source,
    target,
    hypervisor: target.hypervisor,
    image,
    network: network.libvirt,
    read: (...verb) => virshRead(hypervisor.uri, ...verb),
    write: (...verb) => virshWrite(hypervisor.uri, ...verb),
  };
}

function known<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new LandfallError('bug', {
    what: `the plan has no ${what}, and its check did not say so`,
    next: ['report this with the plan'],
  });
}

/**
 * The target hypervisor, after it has proved that it is none of the source's hypervisors: asked before the first
 * write of every step that builds there.
 */
export async function targetHypervisor(
  context: StepContext,
  site: Target,
  signal: AbortSignal,
): Promise<Host> {
  const host = await context.host(site.hypervisor);
  const { stdout } = await host.exec(['cat', '/etc/machine-id'], { signal });
  const answered = stdout.toString('utf8').trim().toLowerCase();
  const expected = context.state.hypervisors[site.hypervisor]?.hostId;
  const source = context.state.hypervisors[site.source.hypervisor]?.hostId;
  if (expected !== undefined && answered === expected && answered !== source) return host;
  throw new LandfallError('identity.mismatch', {
    what:
      answered === source
        ? `${site.hypervisor} is the same host as the source hypervisor ${site.source.hypervisor}`
        : `${site.hypervisor} is not the host that the inventory saw`,
    why: 'nothing is built before it is certain which host it would be built on',
    where: { host: site.hypervisor, machine: site.machine, command: 'cat /etc/machine-id' },
    evidence: [
      `recorded: ${expected ?? 'nothing'}`,
      `answered: ${answered}`,
      `source:   ${source ?? 'unknown'}`,
    ],
    next: [
      `look at the address of ${site.hypervisor} in the plan and in ssh_config`,
      'if the host was replaced on purpose, take a new inventory: landfall inventory PLAN',
    ],
  });
}
