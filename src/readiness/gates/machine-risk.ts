import { formatBytes, formatDuration } from '../../foundation/units.ts';
import { databasesOn, runsContainers } from '../../journal/database-processes.ts';
import type { GuestFacts } from '../../journal/facts.ts';
import { cadenceOf } from '../../pace/cadence.ts';
import type { View } from '../../step/step.ts';
import { onReceiver, onSource, writtenSince } from '../by-hand.ts';
import { newestEnded, safeCopy } from '../copy.ts';
import { databaseRemedies, isLeftOut } from '../database-remedies.ts';
import { ago } from '../evidence.ts';
import { exposureOf } from '../exposure.ts';
import type { GateFacts } from '../gate.ts';
import { swapFilesOf } from '../not-copied.ts';
import { isExcluded } from './machine-build.ts';
import { endOf } from './machine-copy.ts';
import type { MachineSubject } from './subject.ts';

/** Checks of what a good copy is still exposed to: loss of recent work, torn databases, failures, an old key. */
export function riskGates(subject: MachineSubject, view: View): GateFacts[] {
  return [
    exposure(subject, view),
    consistency(subject),
    noFailure(subject),
    pathKey(subject),
    swapFiles(subject),
  ];
}

/**
 * A copy that could be kept fresh, and is twice as old as allowed and by more than two hours, is no copy to be ready
 * with; what is late by less is a warning, and the schedule may still make it good.
 */
const STALE = { times: 2, lateMs: 2 * 3600e3 };

function exposure({ plan, wanted, name, machine, now }: MachineSubject, view: View): GateFacts {
  const { ageMs, bytes, rpoMs, why } = exposureOf(view, name, now);
  const copy = safeCopy(machine);
  const { late, tight, standing } = cadenceOf(view, name, now);
  const isStale =
    late !== undefined &&
    tight === undefined &&
    standing !== 'over' &&
    ageMs !== undefined &&
    rpoMs !== undefined &&
    ageMs > Math.max(STALE.times * rpoMs, rpoMs + STALE.lateMs);
  const runs = view.state.evacuation?.phase === 'running';
  return {
    check: 'exposure',
    title: `What would be lost now is within the recovery point of tier ${wanted.tier}`,
    severity: isStale ? 'critical' : 'warning',
    verdict: ageMs === undefined || rpoMs === undefined ? 'unproven' : ageMs <= rpoMs ? 'pass' : 'fail',
    evidence: [
      ageMs === undefined
        ? `nothing is safe yet: ${why ?? 'there is no verified copy'}`
        : `${formatDuration(ageMs)} of work would be lost, ${bytes === undefined ? 'an unknown number of bytes' : `about ${formatBytes(bytes)}`}`,
      rpoMs === undefined
        ? `the plan has no tier ${wanted.tier}`
        : `the tier allows ${formatDuration(rpoMs)}`,
      ...(tight === undefined || late === undefined ? [] : [tight]),
      ...(isStale && !runs ? ['it was fresh once, and no engine runs that would keep it so'] : []),
    ],
    evidenceAt: copy.kind === 'verified' ? copy.verifiedAt : undefined,
    checkByHand: copy.kind === 'verified' ? writtenSince(plan, wanted, copy.since) : undefined,
    remedy:
      isStale && !runs
        ? [
            'run another pass and verify it: landfall run <the plan file>',
            'have it kept fresh by itself: landfall standby <the plan file> install',
          ]
        : 'run another pass and verify it: landfall run <the plan file>',
    costOfIgnoring: 'this much work is gone if the source is lost now',
  };
}

/** The plan or an engineer wanted the other mover: what the copy is worth is not what was asked for. */
const fallbackWords = (chosen: NonNullable<MachineSubject['machine']>['mover']): string[] =>
  chosen?.decided === 'fallback' ? [`it travels by ${chosen.mover}: ${chosen.reasons.join('; ')}`] : [];

function consistency({ plan, wanted, name, machine, now }: MachineSubject): GateFacts {
  const observed = machine?.observed;
  const guest = observed?.guest;
  const newest = newestEnded(machine);
  const label = newest?.ended.consistency;
  const found = guest === undefined ? [] : databasesOn(guest);
  const leftOut = found.filter(product => isLeftOut(product, wanted.exclude));
  const databases = found.filter(product => !leftOut.includes(product));
  const containers = guest !== undefined && runsContainers(guest);
  const smeared = label === 'smeared';
  const known = guest !== undefined && label !== undefined;
  const isTorn = smeared && databases.length > 0;
  // What was open says so even where no name of a product is known.
  const open = openFiles(guest, wanted.exclude);
  const isDoubtful = smeared && open.length > 0;
  const running =
    found.length > 0
      ? `it runs ${found.join(', ')}`
      : containers
        ? 'it runs containers, and databases inside them are not seen'
        : 'no database is among its services and listening processes';
  const takenAt =
    newest === undefined || observed === undefined || !smeared || (found.length === 0 && !containers)
      ? []
      : [
          `pass ${newest.pass} ended ${ago(endOf(newest), now)}; what the machine runs is from the inventory of ${ago(observed.at, now)}`,
        ];
  return {
    check: 'consistency',
    title: 'The consistency of the last pass is good enough for what the machine runs',
    // A torn database is no copy; what is not seen inside containers is a doubt.
    severity: isTorn ? 'critical' : 'warning',
    verdict: !known
      ? 'unproven'
      : isTorn || isDoubtful
        ? 'fail'
        : smeared && (containers || leftOut.length > 0)
          ? 'unproven'
          : 'pass',
    evidence: !known
      ? ['an inventory and a completed pass are needed to say so']
      : [
          `${running}; the last pass caught a state that is ${label}`,
          ...fallbackWords(machine?.mover),
          ...(isTorn
            ? [
                'files of a database that were copied at many instants may not start, or lose commits silently',
              ]
            : []),
          ...(isDoubtful ? openWords(open) : []),
          ...(smeared && leftOut.length > 0
            ? [
                `the files of ${leftOut.join(', ')} do not travel: the plan excludes them, so it has to come by another way`,
              ]
            : []),
          ...takenAt,
        ],
    // Of the pass that is judged; the age of the inventory has a gate of its own.
    evidenceAt: newest === undefined ? undefined : endOf(newest),
    // Of the two sides, what the machine runs can be looked at by hand; when each file was copied cannot.
    checkByHand: onSource(plan, wanted, ['ss', '-H', '-tulnp']),
    remedy:
      guest !== undefined && found.length > 0
        ? [
            ...databaseRemedies(found, guest),
            `or stop it for the last pass; who takes the risk with open eyes: landfall waive ${plan.name} machine/${name}/consistency`,
          ]
        : [
            ...(open.length > 0
              ? [
                  `one instant of these files: machines.${name}.snapshot: auto in the plan (LVM with free room), or the blocks mover`,
                  `or bring what writes them to rest around each pass: machines.${name}.hooks`,
                ]
              : []),
            'dump what writes on the source before a pass, replicate it (and exclude its files), or stop it for the last pass',
          ],
    costOfIgnoring: 'the machine boots at the target and its database does not start, or lacks commits',
  };
}

type HotFile = NonNullable<GuestFacts['hotFiles']>[number];

/** Files of databases that were open when the inventory looked, and that travel. */
function openFiles(guest: GuestFacts | undefined, exclude: readonly string[]): HotFile[] {
  return (guest?.hotFiles ?? []).filter(({ path }) => !isExcluded(path, exclude));
}

/** How many open files a gate names. */
const NAMED = 5;

const openWords = (open: readonly HotFile[]): string[] => [
  ...open
    .slice(0, NAMED)
    .map(({ path, engine, process }) => `open while it is copied: ${path} (${engine}, ${process})`),
  ...(open.length > NAMED ? [`and ${open.length - NAMED} more such files`] : []),
];

function noFailure({ machine, now }: MachineSubject): GateFacts {
  const failure = machine?.failure;
  return {
    check: 'no-failure',
    title: 'No failure stands open',
    severity: 'critical',
    verdict: failure === undefined ? (machine === undefined ? 'unproven' : 'pass') : 'fail',
    evidence:
      failure === undefined
        ? [
            machine === undefined
              ? 'nothing is recorded about this machine'
              : 'the last steps ended without failure',
          ]
        : [
            `${failure.step} failed ${ago(failure.at, now)}: ${failure.error.what} (${failure.error.code})`,
            ...(failure.error.why === undefined ? [] : [failure.error.why]),
            ...(failure.error.evidence ?? []),
          ],
    evidenceAt: failure?.at,
    remedy:
      failure === undefined || failure.error.next.length === 0
        ? 'run the evacuation again: landfall run <the plan file>'
        : failure.error.next,
    costOfIgnoring: 'nothing after the failed step happens for this machine',
  };
}

const KEY_MARGIN_MS = 3600e3;

function pathKey({ plan, wanted, machine, now }: MachineSubject): GateFacts {
  const path = machine?.path;
  const left = path === undefined ? undefined : path.expiresAt - now;
  // The next pass may take as long as the last one did, and the key must outlive it.
  const margin = Math.max(KEY_MARGIN_MS, newestEnded(machine)?.ended.ms ?? 0);
  return {
    check: 'path-key',
    title: 'The key of the data path outlives the next pass',
    severity: 'warning',
    verdict:
      path === undefined || left === undefined || !path.opened ? 'unproven' : left > margin ? 'pass' : 'fail',
    evidence: [
      path === undefined || left === undefined
        ? 'no data path has been made'
        : !path.opened
          ? 'the key of the data path has been made, but the receiver does not accept it yet'
          : left <= 0
            ? `the key expired ${ago(path.expiresAt, now)}`
            : `the key expires in ${formatDuration(left)}; the next pass may need ${formatDuration(margin)}`,
    ],
    evidenceAt: undefined,
    checkByHand: onReceiver(plan, wanted, machine, ['cat', '.ssh/authorized_keys']),
    remedy: 'open the data path again, with a new key: landfall run <the plan file>',
    costOfIgnoring: 'the next pass is refused by the receiver',
  };
}

function swapFiles({ plan, wanted, machine, mover }: MachineSubject): GateFacts {
  const guest = machine?.observed?.guest;
  // Blocks bring whole disks, with all that swaps on them.
  const files = guest === undefined || mover === 'blocks' ? [] : swapFilesOf(guest);
  return {
    check: 'swap-files',
    title: 'No swap file is left behind',
    severity: 'warning',
    verdict: guest === undefined ? 'unproven' : files.length > 0 ? 'fail' : 'pass',
    evidence:
      guest === undefined
        ? ['nothing is recorded about this machine']
        : files.length > 0
          ? files.map(({ path, size }) => `${path} (${formatBytes(size)}) does not travel`)
          : [mover === 'blocks' ? 'its disks travel whole, swap files among them' : 'it swaps to no file'],
    evidenceAt: machine?.observed?.at,
    checkByHand: onSource(plan, wanted, ['cat', '/proc/swaps']),
    remedy:
      files.length === 0
        ? 'take the inventory: landfall inventory <the plan file>'
        : files.map(({ path, size }) => {
            const argv = ['sh', '-c', MAKE_SWAP, 'sh', `/mnt/t${path}`, String(Math.ceil(size / MIB))];
            const command = onReceiver(plan, wanted, machine, argv);
            return `make ${path} at the target before cutover${command === undefined ? ', once the receiver is there' : `: ${command}`}`;
          }),
    costOfIgnoring: 'the machine starts without this swap, or waits for it where its fstab says so',
  };
}

const MIB = 1024 ** 2;

/** Written in full, because a swap file may have no holes (mkswap(8)). */
const MAKE_SWAP = 'umask 077; dd if=/dev/zero of="$1" bs=1048576 count="$2" && chmod 600 "$1" && mkswap "$1"';
