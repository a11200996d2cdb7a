import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { askVirsh, needVirsh, unreadable, VIRSH_CODES, virshError } from '../../tools/virsh.ts';
import { beginningOf, evacuationOf, runtimeDirectory, stepId } from '../names.ts';
import { notObserved } from '../replica/replica.ts';
import { type Target, targetHypervisor, targetOf } from '../site.ts';
import { nvramPath } from './firmware.ts';
import { type Found, isOwn, readMark } from './mark.ts';
import {
  foreignDomain,
  notRecorded,
  refusedDefinition,
  running,
  sameName,
  unfitTarget,
  unreadableVariables,
} from './refusals.ts';
import { nameClash, type WantedStandby, wantedStandby } from './wanted.ts';
import { laidOut } from './xml-diff.ts';

type ExecAction = Action & { kind: 'exec' };

/** What the run performs, by name; the preview lists the same values. */
interface Deeds {
  readonly readVariables: ExecAction | undefined;
  readonly writeVariables: ExecAction | undefined;
  readonly xml: Action & { kind: 'write' };
  readonly define: ExecAction;
  readonly noAutostart: ExecAction;
}

/**
 * The domain at the target that would boot from the replica: the source's definition as the target can run it, held
 * against an accidental start. Defined again where the source's definition, the plan or landfall changed it.
 */
export function standbyStep(plan: Plan, machine: string): Step {
  const site = targetOf(plan, machine);
  return {
    id: stepId(machine, 'standby'),
    phase: 'build',
    subject: machine,
    title: `define the standby of ${machine}, held until cutover`,
    needs: [stepId(machine, 'replica')],
    resources: [{ key: `host:${site.hypervisor}`, units: 1 }],
    retry: LINK_RETRY,
    preview: view => preview(view, site),
    async done(context, signal) {
      const wanted = wantedStandby(context, machine);
      if (wanted === undefined || context.state.machines[machine]?.standby?.digest !== wanted.digest)
        return false;
      const host = await context.host(site.hypervisor);
      const found = await findDomain(host, site, handleOf(wanted), signal);
      return (
        found?.digest === wanted.digest &&
        isOwn(found, ownerOf(context, site)) &&
        (await stateOf(host, site, handleOf(wanted), signal)) === SHUT_OFF
      );
    },
    run: (context, signal) => run(context, site, signal),
  };
}

const SHUT_OFF = 'shut off';

/** virsh takes a name of digits for the number of whatever domain runs, and one with a dash for an option. */
const handleOf = ({ domain, uuid }: WantedStandby): string => (/^(?:\d+$|-)/.test(domain) ? uuid : domain);

const ownerOf = (view: View, site: Target) => ({
  evacuation: evacuationOf(view),
  begun: beginningOf(view),
  machine: site.machine,
});

async function run(context: StepContext, site: Target, signal: AbortSignal): Promise<void> {
  const { machine, hypervisor } = site;
  const before = context.state.machines[machine];
  if (before?.observed === undefined) throw notObserved(machine);
  const wanted = wantedStandby(context, machine);
  if (wanted === undefined) throw notRecorded(site);
  if (wanted.unfit.length > 0) throw unfitTarget(site, wanted.unfit);
  const clash = nameClash(context.plan, context.state, machine);
  if (clash !== undefined) throw sameName(site, wanted.domain, clash);

  const host = await targetHypervisor(context, site, signal);
  const existing = await findDomain(host, site, handleOf(wanted), signal);
  if (existing !== undefined) {
    if (!isOwn(existing, ownerOf(context, site))) throw foreignDomain(site, wanted.domain, existing);
    const state = await stateOf(host, site, handleOf(wanted), signal);
    if (state !== SHUT_OFF) throw running(site, wanted.domain, state);
  }
  if (existing?.digest !== wanted.digest) await define(context, site, wanted, signal);

  const redefined = existing !== undefined && existing.digest !== wanted.digest;
  await context.emit({
    type: 'standby.defined',
    machine,
    hypervisor,
    domain: wanted.domain,
    uuid: wanted.uuid,
    changes: redefined ? [DEFINED_ANEW, ...wanted.changes] : [...wanted.changes],
    digest: wanted.digest,
  });
}

const DEFINED_ANEW =
  'defined anew: the source, the plan or the target is not what it was when it was defined first';

async function define(
  context: StepContext,
  site: Target,
  wanted: WantedStandby,
  signal: AbortSignal,
): Promise<void> {
  const deeds = deedsFor(context, site, wanted);
  if (
    wanted.variables !== undefined &&
    deeds.readVariables !== undefined &&
    deeds.writeVariables !== undefined
  ) {
    const read = await context.perform(deeds.readVariables, { codes: [0, 1], signal });
    if (read.code !== 0 || read.stdout.length === 0) throw unreadableVariables(site, wanted.variables, read);
    await context.perform(deeds.writeVariables, { stdin: read.stdout, signal });
  }
  await context.perform(deeds.xml);
  const defined = await context.perform(deeds.define, { codes: VIRSH_CODES, signal });
  if (defined.code !== 0) throw refusedDefinition(site, deeds.xml.path, defined);
  await context.perform(deeds.noAutostart, { signal });
}

async function findDomain(
  host: Host,
  site: Target,
  domain: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const argv = lookAt(site, domain);
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return undefined;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const found = readMark(answer.text, 'standby');
  if (found === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  return found;
}

/** What is defined, not what may be running: a start by hand must not change the answer. */
const lookAt = (site: Target, domain: string) => site.read('dumpxml', '--inactive', domain);

async function stateOf(host: Host, site: Target, domain: string, signal: AbortSignal): Promise<string> {
  return (await needVirsh(host, site.read('domstate', domain), { signal })).trim();
}

function deedsFor(view: View, site: Target, wanted: WantedStandby | undefined): Deeds {
  const { machine, hypervisor } = site;
  const evacuation = evacuationOf(view);
  const file = `${runtimeDirectory(evacuation)}/${machine}-standby.xml`;
  const name: Word =
    (wanted === undefined ? undefined : handleOf(wanted)) ??
    fact(undefined, `name of the domain of ${machine}`, `inventory/${machine}`);
  const variables = wanted?.variables;
  return {
    readVariables:
      variables === undefined
        ? undefined
        : { kind: 'exec', host: site.source.hypervisor, argv: ['cat', variables], reads: true },
    writeVariables:
      variables === undefined
        ? undefined
        : {
            kind: 'exec',
            host: hypervisor,
            argv: ['dd', `of=${nvramPath(evacuation, machine)}`, 'status=none'],
            note: `its input is ${variables} of ${site.source.hypervisor}`,
          },
    xml: {
      kind: 'write',
      host: hypervisor,
      path: file,
      mode: 0o600,
      content: fact(wanted?.xml, `definition of the standby of ${machine}`, `inventory/${machine}`),
      ...(wanted === undefined ? {} : { was: laidOut(wanted.sourceXml) }),
    },
    define: {
      kind: 'exec',
      host: hypervisor,
      argv: site.write('define', '--validate', file),
      ...(wanted === undefined ? {} : { note: wanted.changes.join('\n') }),
    },
    noAutostart: { kind: 'exec', host: hypervisor, argv: [...site.write('autostart', '--disable'), name] },
  };
}

function preview(view: View, site: Target): Action[] {
  const wanted = wantedStandby(view, site.machine);
  const { readVariables, writeVariables, xml, define, noAutostart } = deedsFor(view, site, wanted);
  const read = (...argv: Word[]): Action => ({ kind: 'exec', host: site.hypervisor, argv, reads: true });
  const name = noAutostart.argv.slice(-1);
  return [
    read('cat', '/etc/machine-id'),
    read(...site.read('dumpxml', '--inactive'), ...name),
    read(...site.read('domstate'), ...name),
    ...(readVariables === undefined ? [] : [readVariables]),
    ...(writeVariables === undefined ? [] : [writeVariables]),
    xml,
    define,
    noAutostart,
  ];
}
