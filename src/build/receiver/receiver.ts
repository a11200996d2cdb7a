import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Plan } from '../../plan/schema.ts';
import type { ExecResult, Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { askVirsh, needVirsh, refusalOf, unreadable, VIRSH_CODES, virshError } from '../../tools/virsh.ts';
import {
  beginningOf,
  evacuationOf,
  receiverConsole,
  receiverDomain,
  receiverMac,
  receiverVolume,
  runtimeDirectory,
  seedVolume,
  stepId,
} from '../names.ts';
import { notObserved } from '../replica/replica.ts';
import { findVolume } from '../replica/volumes.ts';
import { type Target, targetHypervisor, targetOf } from '../site.ts';
import { domainKind, limitsTranslation } from './fitness.ts';
import { type ExistingReceiver, readReceiver, receiverXml } from './receiver-xml.ts';
import { ensureSeed, seedActions } from './seed-volume.ts';

type ExecAction = Action & { kind: 'exec' };

/** What the run performs, by name; the preview lists the same values. */
interface Deeds {
  readonly overlay: ExecAction;
  readonly xml: Action & { kind: 'write' };
  readonly define: ExecAction;
  readonly start: ExecAction;
}

/** A throw-away domain over the golden image. It boots without the replica, which is plugged in when it is up. */
export function receiverStep(plan: Plan, machine: string): Step {
  const site = targetOf(plan, machine);
  return {
    id: stepId(machine, 'receiver'),
    phase: 'build',
    subject: machine,
    title: `start the receiver of ${machine} from the image ${site.target.image}`,
    needs: [stepId(machine, 'replica')],
    resources: [{ key: `host:${site.hypervisor}`, units: 1 }],
    retry: LINK_RETRY,
    preview: view => preview(view, site),
    async done(context, signal) {
      const recorded = context.state.machines[machine]?.receiver;
      if (recorded === undefined) return false;
      const host = await context.host(site.hypervisor);
      const existing = await findReceiver(context, host, site, signal);
      if (existing?.uuid !== recorded.uuid || !existing.ours) return false;
      return (await stateOf(host, site, recorded.domain, signal)) === 'running';
    },
    run: (context, signal) => run(context, site, signal),
  };
}

async function run(context: StepContext, site: Target, signal: AbortSignal): Promise<void> {
  const { machine } = site;
  if (context.state.machines[machine]?.observed === undefined) throw notObserved(machine);
  const domain = receiverDomain(evacuationOf(context), machine);
  const host = await targetHypervisor(context, site, signal);
  const { overlay, xml, define, start } = deeds(context, site);

  const existing = await findReceiver(context, host, site, signal);
  if (existing !== undefined) {
    if (!existing.ours) throw foreignDomain(site, domain, existing);
  } else {
    await ensureOverlay(context, host, site, overlay, signal);
    await ensureSeed(context, host, site, signal);
    await context.perform(xml);
    await context.perform(define, { signal });
  }

  if ((await stateOf(host, site, domain, signal)) !== 'running') {
    if (existing !== undefined) {
      if (existing.serials.length > 0) throw oldReceiver(site, domain, existing);
      // Its console log lies beside this file, in a directory that a restart of the hypervisor has emptied.
      await context.perform(xml);
    }
    refuseFailedStart(site, start, await context.perform(start, { codes: VIRSH_CODES, signal }));
  }
  const started = await findReceiver(context, host, site, signal);
  if (started === undefined) throw new LandfallError('remote.command-failed', gone(site, domain));
  await context.emit({ type: 'receiver.started', machine, domain, uuid: started.uuid });
}

/** The overlay is made once; a volume of that name over another image is not ours to use. */
async function ensureOverlay(
  context: StepContext,
  host: Host,
  site: Target,
  creation: ExecAction,
  signal: AbortSignal,
): Promise<void> {
  const name = receiverVolume(evacuationOf(context), site.machine);
  const found = await findVolume(host, site, site.image.pool, name, signal);
  if (found === undefined) {
    await context.perform(creation, { signal });
    return;
  }
  const image = context.state.hypervisors[site.hypervisor]?.images?.[site.target.image];
  if (found.backing !== undefined && found.backing === image?.path) return;
  throw new LandfallError('build.foreign-object', {
    what: `the volume ${name} exists, but it is no overlay of the image ${site.target.image}`,
    where: { host: site.hypervisor, machine: site.machine },
    evidence: [`its base: ${found.backing ?? 'none'}`, `the image: ${image?.path ?? 'not observed'}`],
    next: [`if it is a leftover: virsh vol-delete ${name} --pool ${site.image.pool}`],
  });
}

async function findReceiver(
  view: View,
  host: Host,
  site: Target,
  signal: AbortSignal,
): Promise<ExistingReceiver | undefined> {
  const evacuation = evacuationOf(view);
  const argv = site.read('dumpxml', receiverDomain(evacuation, site.machine));
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return undefined;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const wanted = { evacuation, begun: beginningOf(view), machine: site.machine };
  const found = readReceiver(answer.text, wanted);
  if (found === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  return found;
}

async function stateOf(host: Host, site: Target, domain: string, signal: AbortSignal): Promise<string> {
  return (await needVirsh(host, site.read('domstate', domain), { signal })).trim();
}

function deeds(view: View, site: Target): Deeds {
  const { machine } = site;
  const evacuation = evacuationOf(view);
  const domain = receiverDomain(evacuation, machine);
  const file = `${runtimeDirectory(evacuation)}/${domain}.xml`;
  const image = view.state.hypervisors[site.hypervisor]?.images?.[site.target.image];
  const onHypervisor = (argv: readonly Word[]): ExecAction => ({ kind: 'exec', host: site.hypervisor, argv });
  return {
    overlay: onHypervisor([
      ...site.write('vol-create-as', site.image.pool, receiverVolume(evacuation, machine)),
      fact(image?.capacity, `capacity of the image ${site.target.image}`, `inventory/${site.hypervisor}`),
      '--format',
      'qcow2',
      '--backing-vol',
      site.image.volume,
      '--backing-vol-format',
      'qcow2',
    ]),
    xml: { kind: 'write', host: site.hypervisor, path: file, mode: 0o600, content: xmlOf(view, site) },
    define: {
      ...onHypervisor(site.write('define', file)),
      note: `MAC address ${receiverMac(evacuation, machine)}, for a DHCP reservation`,
    },
    start: onHypervisor(site.write('start', domain)),
  };
}

function xmlOf(view: View, site: Target): Word {
  const { machine } = site;
  const observed = view.state.machines[machine]?.observed;
  if (observed === undefined) {
    return fact(undefined, `domain XML of the receiver of ${machine}`, `inventory/${machine}`);
  }
  const evacuation = evacuationOf(view);
  return receiverXml({
    domain: receiverDomain(evacuation, machine),
    evacuation,
    begun: beginningOf(view),
    machine,
    architecture: observed.guest.architecture,
    kind: domainKind(view.plan, site.hypervisor, view.state.hypervisors[site.hypervisor]?.virtualization),
    limitsTranslation: limitsTranslation(view.state.hypervisors[site.hypervisor]?.version),
    network: site.network,
    mac: receiverMac(evacuation, machine),
    console: receiverConsole(evacuation, machine),
    system: { pool: site.image.pool, volume: receiverVolume(evacuation, machine) },
    seed:
      site.image.seed === 'nocloud'
        ? { pool: site.image.pool, volume: seedVolume(evacuation, machine) }
        : undefined,
  });
}

function preview(view: View, site: Target): Action[] {
  const domain = receiverDomain(evacuationOf(view), site.machine);
  const read = (...verb: string[]): Action => ({
    kind: 'exec',
    host: site.hypervisor,
    argv: site.read(...verb),
    reads: true,
  });
  const { overlay, xml, define, start } = deeds(view, site);
  return [
    { kind: 'exec', host: site.hypervisor, argv: ['cat', '/etc/machine-id'], reads: true },
    read('dumpxml', domain),
    read('vol-dumpxml', '--pool', site.image.pool, receiverVolume(evacuationOf(view), site.machine)),
    overlay,
    ...seedActions(view, site),
    xml,
    define,
    read('domstate', domain),
    start,
  ];
}

function refuseFailedStart(site: Target, action: ExecAction, result: ExecResult): void {
  if (result.code === 0 || refusalOf(result.stderr.toString('utf8')) === 'already-active') return;
  throw virshError(site.hypervisor, action.argv.map(String), result);
}

function foreignDomain(site: Target, domain: string, { begun }: ExistingReceiver): LandfallError {
  if (begun !== undefined) {
    return new LandfallError('build.foreign-object', {
      what: `the receiver ${domain} belongs to another evacuation of this name, which began at ${harmless(begun)}`,
      why: 'it may be steered from another control machine right now: two of them would write into one replica',
      where: { host: site.hypervisor, machine: site.machine },
      next: [
        'find out who runs it, and go on there: landfall run PLAN',
        'or give this evacuation another name in the plan: it gets replicas of its own',
        `only where that evacuation is certainly over: virsh destroy ${domain}; virsh undefine ${domain}; then run again`,
      ],
    });
  }
  return new LandfallError('build.foreign-object', {
    what: `a domain named ${domain} exists on ${site.hypervisor} and does not bear landfall's mark for ${site.machine}`,
    why: 'landfall touches only domains that it made for this evacuation',
    where: { host: site.hypervisor, machine: site.machine },
    next: [
      `look at it: virsh dumpxml ${domain}`,
      `if nobody needs it: virsh destroy ${domain}; virsh undefine ${domain}`,
      'or give the evacuation another name in the plan',
    ],
  });
}

/** An early landfall had the replica's disks in the definition: a boot of it could take the replica for its root. */
function oldReceiver(site: Target, domain: string, existing: ExistingReceiver): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `the receiver ${domain} is off and has disks of the replica in its definition`,
    why: 'it could boot from the replica instead of its own disk, and a replica is never booted',
    where: { host: site.hypervisor, machine: site.machine },
    evidence: [`its replica disks: ${existing.serials.join(', ')}`],
    next: [`the replica keeps its data; remove the receiver and run again: virsh undefine ${domain}`],
  });
}

function gone(site: Target, domain: string) {
  return {
    what: `the receiver ${domain} vanished from ${site.hypervisor} right after it was started`,
    where: { host: site.hypervisor, machine: site.machine },
    next: ['see who removed it: journalctl -u libvirtd -n 50', 'run the same command again'],
  };
}
