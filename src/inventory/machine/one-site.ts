import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Plan } from '../../plan/schema.ts';
import { type Action, fact } from '../../step/action.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { askVirsh, virshError, virshRead } from '../../tools/virsh.ts';

/**
 * On the way home the machine's old domain may still be there, with the same name and UUID: two of them running would
 * both write, answer and send. Whoever looks at the machine looks at its old place as well, and nothing is built or
 * copied before the old one is seen to be off.
 */
export function onOneSiteOnly(step: Step, plan: Plan, machine: string): Step {
  const wanted = plan.machines[machine];
  if (plan.failback_of === undefined || wanted === undefined) return step;
  const { hypervisor } = wanted.target;
  const uri = plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';

  const look = async (context: StepContext, signal: AbortSignal): Promise<void> => {
    const observed = context.state.machines[machine]?.observed?.domain;
    const host = await context.host(hypervisor);
    // By its UUID wherever it was renamed; by its name where it was never seen.
    for (const domain of observed === undefined ? [] : [observed.uuid, observed.name]) {
      const argv = virshRead(uri, 'domstate', domain);
      const answer = await askVirsh(host, argv, { signal });
      if (!answer.ok && answer.refusal === 'domain-absent') continue;
      if (!answer.ok) throw virshError(host.id, argv, answer.result);
      const state = answer.text.trim();
      if (state !== 'shut off')
        throw bothRun(machine, hypervisor, wanted.source.hypervisor, observed?.name ?? machine, state);
    }
  };

  return {
    ...step,
    preview: view => [...step.preview(view), ...asked(view, machine, hypervisor, uri)],
    async done(context, signal) {
      if (!(await step.done(context, signal))) return false;
      await look(context, signal);
      return true;
    },
    async run(context, signal) {
      await step.run(context, signal);
      await look(context, signal);
    },
  };
}

function asked({ state }: View, machine: string, host: string, uri: string): Action[] {
  const domain = state.machines[machine]?.observed?.domain;
  return (['uuid', 'name'] as const).map(
    (key): Action => ({
      kind: 'exec',
      host,
      argv: [
        ...virshRead(uri, 'domstate'),
        fact(domain?.[key], `${key} of the domain of ${machine}`, `inventory/${machine}`),
      ],
      reads: true,
      note: 'the old domain has to be off, or gone',
    }),
  );
}

const bothRun = (machine: string, old: string, now: string, domain: string, state: string): LandfallError =>
  new LandfallError('cutover.two-run', {
    what: `${machine} is at both sites: its old domain on ${old} is not shut off (libvirt says "${harmless(state)}") while the one on ${now} is the source`,
    why: 'both would write and answer as the same machine, and what the old one writes is lost with the way home',
    where: { host: old, machine },
    next: [
      `find out who started it, and what was written there: virsh console ${domain} on ${old}`,
      `then shut it down there: virsh shutdown ${domain}`,
      'and run the same command again',
    ],
  });
