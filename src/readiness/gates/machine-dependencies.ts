import { externalsOf } from '../../estate/dependencies/places.ts';
import { isInNetwork, parseIp } from '../../foundation/ip.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { onSource } from '../by-hand.ts';
import { own, safeCopy } from '../copy.ts';
import { databaseExposureMs } from '../database-exposure.ts';
import type { GateFacts } from '../gate.ts';
import type { MachineSubject } from './subject.ts';

/** Whether what it waits for comes along, and whether it hangs on something that stays behind. */
export function dependencies(subject: MachineSubject, { state }: View): GateFacts {
  const { plan, wanted, name, machine, now } = subject;
  const awaited = wanted.after.map(each => awaitedOf(each, plan, state, now));
  const missing = awaited.filter(({ is }) => is === 'absent');
  const open = awaited.filter(({ is }) => is === 'open');
  const guest = machine?.observed?.guest;
  const behind = leftBehind(subject);
  const dead = behind.filter(({ isDead }) => isDead);
  const isKnown = guest?.fstab !== undefined;
  return {
    check: 'dependencies',
    title: 'Everything it needs comes along',
    // A mount from a site that will be gone hangs the boot; one from elsewhere may well answer.
    severity: missing.length + open.length + dead.length > 0 || behind.length === 0 ? 'critical' : 'warning',
    verdict: missing.length + behind.length > 0 ? 'fail' : open.length > 0 || !isKnown ? 'unproven' : 'pass',
    evidence: [
      ...awaited.map(({ words }) => words),
      ...behind.map(({ words }) => words),
      ...(awaited.length === 0 ? ['the plan names nothing that must be up before it'] : []),
      ...(isKnown
        ? behind.length === 0
          ? ['no line of its fstab mounts from another server that stays behind']
          : []
        : ['its fstab is not known']),
    ],
    evidenceAt: machine?.observed?.at,
    checkByHand: onSource(plan, wanted, ['ss', '-Htn', 'state', 'established']),
    remedy: [
      ...missing.map(({ of }) => `put ${of} into the plan, or take it out of machines.${name}.after`),
      ...open.map(({ of }) => `see to ${of} first: it is not ready itself`),
      ...behind.map(({ host }) => `evacuate ${host}, too, or take its mount out of the fstab of ${name}`),
      ...(!isKnown ? ['take the inventory: landfall inventory <the plan file>'] : []),
      ...(missing.length + open.length + behind.length === 0 && isKnown ? ['nothing'] : []),
    ],
    costOfIgnoring: 'it boots at the target and waits for a server that is not there',
  };
}

interface Awaited {
  readonly of: string;
  readonly is: 'there' | 'open' | 'absent';
  readonly words: string;
}

function awaitedOf(of: string, plan: Plan, state: State, now: number): Awaited {
  if (own(plan.machines, of) !== undefined) {
    const copy = safeCopy(own(state.machines, of));
    return copy.kind === 'verified'
      ? { of, is: 'there', words: `after ${of}, whose pass ${copy.pass} is verified` }
      : { of, is: 'open', words: `after ${of}: ${copy.why}` };
  }
  if (own(plan.databases, of) === undefined)
    return { of, is: 'absent', words: `after ${of}, which the plan does not evacuate` };
  const database = own(state.databases, of);
  if (database?.handover?.ended !== undefined)
    return { of, is: 'there', words: `after ${of}, which was handed over` };
  const behindMs = databaseExposureMs(database, now);
  return behindMs === undefined
    ? { of, is: 'open', words: `after ${of}: no commit of it is proven to be in the copy` }
    : { of, is: 'there', words: `after ${of}, whose copy is ${formatDuration(behindMs)} behind` };
}

interface LeftBehind {
  readonly host: string;
  /** It lies in a network of the source site. */
  readonly isDead: boolean;
  readonly words: string;
}

/** Servers of network file systems that the plan neither evacuates nor knows as something that outlives the source. */
function leftBehind({ plan, machine }: MachineSubject): LeftBehind[] {
  const sources = Object.values(plan.networks).flatMap(each =>
    own(plan.sites, each.site)?.role === 'source' && each.cidr !== undefined ? [each.cidr] : [],
  );
  const known = new Set(
    Object.entries(plan.machines).flatMap(([name, { source }]) => [name, source.address]),
  );
  const outlives = externalsOf(plan).filter(({ afterLoss }) => afterLoss !== 'lost');
  return (machine?.observed?.guest.fstab ?? []).flatMap(({ spec, mountpoint, type, options }) => {
    const host = serverOf(spec, type);
    if (host === undefined || options.includes('noauto') || known.has(host)) return [];
    // A short name may be that of a machine under another domain; the address decides.
    if (parseIp(host) === undefined && known.has(host.split('.')[0] ?? host)) return [];
    if (outlives.some(each => each.matches(parseIp(host), [host.toLowerCase()], undefined))) return [];
    const isDead = sources.some(cidr => isInNetwork(host, cidr) === true);
    const where = isDead ? 'at the source site' : 'which is no machine of the plan';
    return [{ host, isDead, words: `${mountpoint} is mounted from ${host} (${type}), ${where}` }];
  });
}

function serverOf(spec: string, type: string): string | undefined {
  if (/^(?:nfs4?|glusterfs|ceph)$/.test(type)) {
    const host = /^\[([^\]]+)\]:|^([^:/]+):/.exec(spec);
    return host?.[1] ?? host?.[2];
  }
  if (/^(?:cifs|smb3?|smbfs)$/.test(type)) return /^\/\/(?:[^@/]*@)?([^/\\]+)/.exec(spec)?.[1];
  return undefined;
}
