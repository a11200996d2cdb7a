import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import { uncovered } from '../../journal/coverage.ts';
import type { MachineState } from '../../journal/state.ts';
import { compareEtc, onReceiver, onSource } from '../by-hand.ts';
import { comparedWords } from '../compared.ts';
import {
  type EndedPass,
  endedPasses,
  isGivenUp,
  literalBytes,
  newestEnded,
  openPass,
  passAfter,
  safeCopy,
} from '../copy.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { isExcluded } from './machine-build.ts';
import type { MachineSubject } from './subject.ts';

/** Checks of the copy itself: is it whole, is it at rest, and was it compared with its source. */
export function copyGates(subject: MachineSubject): GateFacts[] {
  return [
    firstPass(subject),
    atRest(subject),
    converged(subject),
    verified(subject),
    verificationRecent(subject),
    lastPassClean(subject),
    attributes(subject),
  ];
}

const CLEAN_CODES: ReadonlySet<number> = new Set([0, 24]);
/** Some files could not be copied (rsync(1)); any other code means that it did not come to its end. */
const PARTIAL = 23;

const RUN_AGAIN = 'run the evacuation: landfall run <the plan file>';

export const endOf = (pass: EndedPass): number => pass.ended.startedAt + pass.ended.ms;

function describePass(pass: EndedPass, now: number): string {
  return `pass ${pass.pass} (${pass.kind}) ended ${ago(endOf(pass), now)}: ${formatBytes(literalBytes(pass))} literal in ${formatDuration(pass.ended.ms)}`;
}

function firstPass({ plan, wanted, machine, now }: MachineSubject): GateFacts {
  const full = endedPasses(machine).findLast(pass => pass.kind === 'full' && pass.ended.runs.length > 0);
  // Of a long series only the newest passes are kept; the first of those before them was full.
  const older = machine?.olderPasses?.count ?? 0;
  const begun = full !== undefined || older > 0;
  const missing = uncopied(machine, wanted.exclude);
  return {
    check: 'first-pass',
    title: 'A first full pass over every file system is complete',
    severity: 'critical',
    verdict: !begun ? 'unproven' : missing.length > 0 ? 'fail' : 'pass',
    evidence: [
      full !== undefined
        ? describePass(full, now)
        : begun
          ? `it is one of the first ${older} passes`
          : 'no full pass has been completed',
      ...(begun ? missing.map(each => `no pass has copied ${each}`) : []),
    ],
    evidenceAt: full === undefined ? undefined : endOf(full),
    checkByHand: onReceiver(plan, wanted, machine, ['df', '-P', '-k', '/mnt/t']),
    remedy:
      begun && missing.length > 0
        ? [
            'exclude these paths in the plan where they need not travel',
            'otherwise build and copy again: landfall run <the plan file>',
          ]
        : RUN_AGAIN,
    costOfIgnoring: 'the machine is lost with the source site',
  };
}

/**
 * What of the source no completed pass has covered: mount points that the plan does not exclude, or disks where blocks
 * brought whole ones.
 */
function uncopied(machine: MachineState | undefined, exclude: readonly string[]): string[] {
  const byBlocks = endedPasses(machine).filter(({ mover }) => mover === 'blocks');
  if (byBlocks.length > 0) {
    const disks = new Set(byBlocks.flatMap(({ ended }) => ended.runs.map(run => run.disk ?? run.mountpoint)));
    return (machine?.observed?.domain.disks ?? []).flatMap(({ target, capacity }) =>
      capacity <= 0 || disks.has(target) ? [] : [`disk ${target}`],
    );
  }
  const copied = new Set(
    endedPasses(machine).flatMap(pass => pass.ended.runs.map(run => bare(run.mountpoint))),
  );
  return (machine?.observed?.guest.fileSystems ?? [])
    .map(each => each.mountpoint)
    .filter(mountpoint => !copied.has(bare(mountpoint)) && !isExcluded(mountpoint, exclude));
}

const bare = (mountpoint: string): string => mountpoint.replace(/(?<=.)\/+$/, '');

function converged({ plan, wanted, machine }: MachineSubject): GateFacts {
  const newest = newestEnded(machine);
  const judged = newest?.judged;
  const hot = newest?.ended.hot ?? [];
  const bad = judged?.verdict === 'not-converging' || judged?.verdict === 'exhausted';
  return {
    check: 'converged',
    title: 'The passes have converged: another one would not be cheaper',
    severity: 'critical',
    verdict: judged?.verdict === 'converged' ? 'pass' : bad ? 'fail' : 'unproven',
    evidence:
      judged === undefined
        ? [
            newest === undefined
              ? 'no pass has been completed'
              : `pass ${newest.pass} has not been judged yet`,
          ]
        : [
            `pass ${newest?.pass ?? '?'} was judged ${judged.verdict}: ${judged.why}`,
            ...(bad ? hot.map(each => `hot: ${each.path} (${formatBytes(each.bytes)})`) : []),
          ],
    evidenceAt: newest === undefined ? undefined : endOf(newest),
    checkByHand: onSource(plan, wanted, ['find', '/', '-xdev', '-type', 'f', '-mmin', '-15']),
    remedy: judged !== undefined && judged.help.length > 0 ? judged.help : RUN_AGAIN,
    costOfIgnoring: 'the last pass of the cutover takes as long as this one, with the machine stopped',
  };
}

function atRest({ plan, wanted, machine, now }: MachineSubject): GateFacts {
  const open = openPass(machine);
  const copied = newestEnded(machine) !== undefined;
  return {
    check: 'at-rest',
    title: 'No pass is half-written: the replica is in one state',
    severity: 'critical',
    verdict: open !== undefined || !copied ? 'unproven' : 'pass',
    evidence:
      open !== undefined
        ? [
            `pass ${open.pass} (${open.kind}) began ${ago(open.startedAt, now)} and ${isGivenUp(machine, open) ? 'was given up' : 'has not ended'}`,
          ]
        : [copied ? 'every pass that began has ended' : 'no pass has been completed'],
    evidenceAt: open?.startedAt,
    checkByHand: onSource(plan, wanted, ['ps', '-e', '-o', 'args=']),
    remedy: ['let the pass end', 'where nothing is running any more, resume: landfall run <the plan file>'],
    costOfIgnoring: 'files of two different times lie side by side in the replica',
  };
}

function verified({ plan, wanted, machine, now }: MachineSubject): GateFacts {
  const copy = safeCopy(machine);
  const later = copy.kind === 'verified' ? passAfter(machine, copy.pass) : undefined;
  const last = machine?.verified;
  const mismatches = last?.mismatches ?? [];
  const missing = uncovered(machine, wanted.exclude);
  const current = copy.kind === 'verified' && later === undefined && missing.length === 0;
  return {
    check: 'verified',
    title: `The copy was compared with the source by ${last?.sample === undefined ? 'checksum' : 'a sample of checksums'} after the last pass`,
    severity: 'critical',
    verdict: current ? 'pass' : mismatches.length > 0 ? 'fail' : 'unproven',
    evidence: [
      ...(copy.kind === 'none' ? [copy.why] : []),
      ...(copy.kind === 'verified' && later !== undefined
        ? [`pass ${copy.pass} was verified, but pass ${later.pass} has been written since`]
        : []),
      ...(last === undefined
        ? []
        : [
            `pass ${last.pass} verified ${ago(last.at, now)}: ${comparedWords(last)} compared, ${last.live} changed on the source meanwhile, ${mismatches.length} unexplained`,
          ]),
      ...mismatches.map(path => `differs: ${path}`),
      ...missing.map(path => `not compared: ${path}, which the plan or the inventory asks for since`),
    ],
    evidenceAt: last?.at,
    checkByHand: compareEtc(plan, wanted, machine),
    remedy:
      mismatches.length > 0
        ? [
            'copy and verify again: landfall run <the plan file>',
            'where the same paths differ again, look for something that writes to the replica',
          ]
        : 'verify the copy: landfall run <the plan file>',
    costOfIgnoring: 'nobody knows whether the replica holds what the source holds',
  };
}

function verificationRecent({ machine, now }: MachineSubject): GateFacts {
  const at = machine?.verified?.at;
  return {
    check: 'verification-recent',
    title: 'The last verification is at most 24 h old',
    severity: 'critical',
    verdict: at !== undefined && isRecent(at, now) ? 'pass' : 'unproven',
    evidence: [at === undefined ? 'no copy has been verified yet' : `verified ${ago(at, now)}`],
    evidenceAt: at,
    remedy: 'copy and verify again: landfall run <the plan file>',
    costOfIgnoring: 'readiness is claimed on evidence of another day',
  };
}

function lastPassClean({ machine }: MachineSubject): GateFacts {
  const newest = newestEnded(machine);
  const runs = newest?.ended.runs ?? [];
  const unclean = runs.filter(run => !CLEAN_CODES.has(run.code) || run.troubles.length > 0);
  const cutOff = runs.some(run => !CLEAN_CODES.has(run.code) && run.code !== PARTIAL);
  return {
    check: 'last-pass-clean',
    title: 'The last pass could copy every path',
    // Some paths are missing, or nobody knows which.
    severity: cutOff ? 'critical' : 'warning',
    verdict: newest === undefined ? 'unproven' : unclean.length > 0 ? 'fail' : 'pass',
    evidence:
      newest === undefined
        ? ['no pass has been completed']
        : unclean.length === 0
          ? [
              `pass ${newest.pass}: ${counted(runs.length, newest.mover === 'blocks' ? 'disk' : 'file system')} without trouble`,
            ]
          : unclean.flatMap(run => [
              `${run.mountpoint}: rsync ended with code ${run.code}`,
              ...run.troubles.map(trouble => `${run.mountpoint}: ${trouble}`),
            ]),
    evidenceAt: newest === undefined ? undefined : endOf(newest),
    remedy: 'read the log of the pass, repair these paths or exclude them in the plan, and copy again',
    costOfIgnoring: 'these paths are missing or old at the target',
  };
}

/** Neither a pass nor a comparison sees what one of the two programs was built without. */
function attributes(subject: MachineSubject): GateFacts {
  return subject.mover === 'blocks' ? attributesOfBlocks(subject) : attributesOfFiles(subject);
}

/** Whoever brings disks as they are leaves nothing of their files behind. */
const attributesOfBlocks = ({ machine }: MachineSubject): GateFacts => ({
  check: 'attributes',
  title: 'Access control lists and extended attributes travel with the files',
  severity: 'warning',
  verdict: machine?.observed === undefined ? 'unproven' : 'pass',
  evidence:
    machine?.observed === undefined
      ? ['nothing is recorded about this machine']
      : ['its disks travel block by block: everything that is on them arrives'],
  evidenceAt: machine?.observed?.at,
  remedy: 'take the inventory: landfall inventory <the plan file>',
  costOfIgnoring: 'files are at the target with other rights; programs that need capabilities do not work',
});

function attributesOfFiles({ plan, wanted, machine }: MachineSubject): GateFacts {
  const source = machine?.observed?.guest.rsync;
  const target = machine?.receiver?.prepared?.rsync;
  const known = source !== undefined && target !== undefined;
  const isEnforcing = machine?.observed?.guest.selinux === 'enforcing';
  const lost = known
    ? [
        ...(source.acls && target.acls ? [] : ['access control lists stay behind']),
        ...(source.xattrs && target.xattrs
          ? []
          : ['extended attributes stay behind, with file capabilities and SELinux labels']),
      ]
    : [];
  return {
    check: 'attributes',
    title: 'Access control lists and extended attributes travel with the files',
    // Without its labels a system that enforces them does not come up.
    severity: known && isEnforcing && !(source.xattrs && target.xattrs) ? 'critical' : 'warning',
    verdict: !known ? 'unproven' : lost.length > 0 ? 'fail' : 'pass',
    evidence: known
      ? [...lost, `rsync ${source.version} at the source, ${target.version} in the receiver`]
      : ['the rsync of both sides is not known yet'],
    evidenceAt: machine?.observed?.at,
    checkByHand: onSource(plan, wanted, ['rsync', '--version']),
    remedy:
      'use an rsync that is built with ACLs and xattrs on both sides, or set them at the target by hand',
    costOfIgnoring: 'files are at the target with other rights; programs that need capabilities do not work',
  };
}
