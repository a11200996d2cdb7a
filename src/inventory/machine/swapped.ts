import { LandfallError } from '../../foundation/errors.ts';
import type { Plan } from '../../plan/schema.ts';
import { isLinkFault } from '../../step/retry.ts';
import type { StepContext } from '../../step/step.ts';
import { LANDFALL_NAMESPACE } from '../../tools/libvirt-xml.ts';
import { askVirsh, virshRead } from '../../tools/virsh.ts';

/**
 * Where the source has no running domain of that name, the plan may have its sites the wrong way round: then advice to
 * start something would start a standby. Refuses with `identity.mismatch` where the domain runs at the target, or where
 * the one at the source is a standby of landfall's own.
 */
export async function refuseSwapped(
  context: Pick<StepContext, 'plan' | 'host'>,
  machine: string,
  domain: string,
  signal: AbortSignal,
): Promise<void> {
  const { plan } = context;
  const places = placesOf(plan, machine);
  if (places === undefined) return;
  const { source, target } = places;
  const runsThere = await runsAt(context, target, domain, signal);
  const here = await context.host(source.name);
  const definition = await askVirsh(here, virshRead(source.uri, 'dumpxml', domain), { signal });
  const isStandby = definition.ok && definition.text.includes(LANDFALL_NAMESPACE);
  if (!runsThere && !isStandby) return;
  throw new LandfallError('identity.mismatch', {
    what: `source and target seem to be swapped in the plan: "${domain}" does not run on ${source.name}`,
    why: 'landfall would build over the servers that it is to save',
    where: { host: source.name, machine },
    evidence: [
      ...(runsThere ? [`the domain "${domain}" runs on ${target.name}, the target of the plan`] : []),
      ...(isStandby ? [`the domain "${domain}" on ${source.name} is a standby that landfall defined`] : []),
    ],
    next: [
      `see which address belongs to which site: hypervisors.${source.name}.address and hypervisors.${target.name}.address in the plan, and ssh_config`,
      'start nothing; nothing was written at either site',
    ],
  });
}

/** A target that cannot be reached says nothing here: its own inventory tells why, and must not hide what is wrong at the source. */
async function runsAt(
  context: Pick<StepContext, 'host'>,
  { name, uri }: Place,
  domain: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const host = await context.host(name);
    const state = await askVirsh(host, virshRead(uri, 'domstate', domain), { signal });
    return state.ok && state.text.trim() === 'running';
  } catch (error) {
    if (error instanceof LandfallError && (isLinkFault(error) || error.code.startsWith('ssh.'))) return false;
    throw error;
  }
}

interface Place {
  readonly name: string;
  readonly uri: string;
}

function placesOf(
  { machines, hypervisors }: Plan,
  machine: string,
): { source: Place; target: Place } | undefined {
  const known = machines[machine];
  if (known === undefined) return undefined;
  const place = (name: string): Place => ({ name, uri: hypervisors[name]?.uri ?? 'qemu:///system' });
  return { source: place(known.source.hypervisor), target: place(known.target.hypervisor) };
}
