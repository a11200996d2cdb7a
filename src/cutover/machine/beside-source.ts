import { type Target, targetOf } from '../../build/index.ts';
import { get } from '../../journal/maps.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { virshRead } from '../../tools/virsh.ts';
import { askDomain, type DomainLook, handleOf, look, observedOf, SHUT_OFF } from './hands.ts';
import { twoRun } from './power-off.ts';

/**
 * The split-brain guard: throws `cutover.two-run` where the source of a machine runs, or would be started with its host.
 * It is asked for by its name, and, where that is another domain's now or nobody's, by its UUID: a domain that was renamed
 * runs on under it. Throws what the link throws: an answer that does not come is no answer.
 */
export async function refuseBesideSource(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<string> {
  const site = targetOf(context.plan, machine);
  const { hypervisor } = site.source;
  const { domain } = observedOf(context, machine);
  const handle = handleOf({ domain });
  const host = await context.host(hypervisor);
  const named = await askDomain(host, dominfo(context, site, handle), signal);
  refuseAlive(site, machine, handle, named);
  const uuid = domain.uuid.toLowerCase();
  if (handle !== domain.uuid && !(named.isThere && named.uuid === uuid))
    refuseAlive(site, machine, domain.uuid, await askDomain(host, dominfo(context, site, uuid), signal));
  return `the source is off on ${hypervisor}`;
}

function refuseAlive(site: Target, machine: string, handle: string, found: DomainLook): void {
  const { hypervisor } = site.source;
  if (!found.isThere) return;
  if (found.state !== SHUT_OFF)
    throw twoRun(
      site,
      `the source of ${machine} runs on ${hypervisor} (${found.state}): its standby must not run beside it`,
      [
        `do power-off/${machine} first`,
        `somebody may have started it by hand; on ${hypervisor}: virsh shutdown ${handle}`,
      ],
    );
  if (found.autostart)
    throw twoRun(
      site,
      `the source of ${machine} is off, but starts with ${hypervisor}: its autostart is on`,
      [
        `do power-off/${machine} first`,
        `somebody may have switched it on by hand; on ${hypervisor}: virsh autostart --disable ${handle}`,
      ],
    );
}

const dominfo = ({ plan }: Pick<View, 'plan'>, { source }: Target, handle: string) =>
  virshRead(get(plan.hypervisors, source.hypervisor)?.uri ?? '', 'dominfo', handle);

/** The questions of the guard, as they are asked. */
export function besideSourceActions(view: View, machine: string): Action[] {
  const site = targetOf(view.plan, machine);
  const { hypervisor } = site.source;
  const uri = get(view.plan.hypervisors, hypervisor)?.uri ?? '';
  const domain = get(view.state.machines, machine)?.observed?.domain;
  const known = (word: string | undefined, what: string): Word =>
    fact(word, `${what} of the domain of ${machine}`, `inventory/${machine}`);
  const name = known(domain === undefined ? undefined : handleOf({ domain }), 'name');
  return [
    look(hypervisor, [...virshRead(uri, 'dominfo'), name], 'the standby never runs beside its source'),
    look(
      hypervisor,
      [...virshRead(uri, 'dominfo'), known(domain?.uuid.toLowerCase(), 'UUID')],
      'only where no domain has that name any more, or another one',
    ),
  ];
}
