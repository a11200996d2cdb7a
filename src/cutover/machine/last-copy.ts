import { LandfallError } from '../../foundation/errors.ts';
import { counted, formatBytes } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import { hasLogin } from '../../plan/login.ts';
import { moverOf } from '../../step/mover.ts';
import type { StepContext, View } from '../../step/step.ts';
import { nextPass, nextVerify } from '../../sync/index.ts';
import type { Deed } from '../deed.ts';
import {
  isExact,
  isOfBlocks,
  lastVerified,
  lateWrites,
  notSystemsOwn,
  quietSince,
  type Verified,
} from './exact.ts';
import { freshFiles, freshFilesLook } from './fresh-files.ts';
import { LAST_COPY_REASON } from './quiet.ts';

/**
 * One more pass of the quiet source, compared byte by byte. The pass and the comparison are those of sync; this deed
 * waits for them and judges. What it cannot accept brings one more pass, so that ordering it again is enough.
 */
export function lastCopyDeed(machine: string): Deed {
  return {
    needs: view => passesToCome(view, machine),
    preview: view => (asksSource(view, machine) ? [freshFilesLook(view, machine)] : []),
    // Judging asks no host: it is done once more rather than to lose what it found.
    done: async ({ state }) => state.cutover?.items[`last-copy/${machine}`]?.outcome === 'done',
    run: (context, signal) => run(context, machine, signal),
  };
}

/** Ids of sync's steps (sync/names.ts) that are due; the planner is asked again after each, so repairs come one by one. */
function passesToCome(view: View, machine: string): string[] {
  const pass = nextPass(view, machine)?.pass;
  const verify = nextVerify(view, machine);
  if (pass !== undefined) return [`sync/${machine}/pass-${pass}`, `sync/${machine}/verify-${pass}`];
  return verify === undefined ? [] : [`sync/${machine}/verify-${verify}`];
}

/** Where blocks travelled, the source itself says which files changed since. One that nobody logs in to cannot be asked. */
const asksSource = (view: View, machine: string): boolean =>
  moverOf(view, machine) === 'blocks' && hasLogin(view.plan, machine);

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const verified = lastVerified(context, machine);
  const late = verified === undefined ? undefined : lateWrites(verified);
  if (verified === undefined || !isExact(verified)) {
    const isComing = nextPass(context, machine) !== undefined || nextVerify(context, machine) !== undefined;
    if (!isComing) await context.emit({ type: 'pass.requested', machine, reason: LAST_COPY_REASON });
    if (verified === undefined) throw notCompared(context, machine);
    throw verified.mismatches.length > 0
      ? differs(machine, verified.mismatches)
      : stillWriting(machine, verified.live, late);
  }
  if (isOfBlocks(verified)) return blocksEvidence(context, machine, verified, signal);
  const own = (verified.livePaths ?? []).length;
  const left = verified.excluded ?? [];
  return [
    `pass ${verified.pass} began when nothing wrote any more and brought everything that travels`,
    `${counted(verified.filesCompared, 'file')}, ${formatBytes(verified.bytesCompared)} compared byte by byte: no difference`,
    ...(own === 0
      ? []
      : [
          `written since by the system itself, and not in the copy: ${(verified.livePaths ?? []).slice(0, 5).join(', ')}`,
        ]),
    ...(left.length === 0
      ? []
      : [
          `left out by the plan, neither copied nor compared: ${left.slice(0, 8).join(', ')}${left.length > 8 ? ` and ${left.length - 8} more` : ''}`,
        ]),
  ];
}

async function blocksEvidence(
  context: StepContext,
  machine: string,
  verified: Verified,
  signal: AbortSignal,
): Promise<string[]> {
  const pass = get(context.state.machines, machine)?.passes.find(each => each.pass === verified.pass);
  const since = pass?.startedAt ?? verified.passStartedAt;
  const fresh = asksSource(context, machine) ? await freshFiles(context, machine, since, signal) : undefined;
  const late = fresh === undefined ? [] : notSystemsOwn(fresh);
  if (late.length > 0) {
    await context.emit({ type: 'pass.requested', machine, reason: LAST_COPY_REASON });
    throw stillWriting(machine, late.length, late);
  }
  const written = (verified.livePaths ?? []).join(', ');
  return [
    `pass ${verified.pass} began when nothing wrote any more and brought every block that was written`,
    `${counted(verified.disks?.length ?? 0, 'disk')}, ${formatBytes(verified.bytesCompared)} compared block by block: no difference`,
    ...(fresh === undefined
      ? [
          `which files changed since could not be asked${written === '' ? '' : `; ${written}`}: what still runs on it writes, and that is not in the copy`,
        ]
      : fresh.length === 0
        ? ['no file changed since']
        : [`written since by the system itself, and not in the copy: ${fresh.slice(0, 5).join(', ')}`]),
  ];
}

function notCompared(view: View, machine: string): LandfallError {
  const isQuiet = quietSince(view, machine) !== undefined;
  return new LandfallError('cutover.still-writing', {
    what: isQuiet
      ? `no pass of ${machine} has been made and compared since its source is quiet`
      : `the source of ${machine} is not known to be quiet`,
    why: 'only a copy of a source that nothing writes to is the last one',
    where: { machine },
    next: isQuiet
      ? ['a pass was asked for now', `when it is compared, order this again: last-copy/${machine}`]
      : [`do quiet/${machine} first`],
  });
}

const differs = (machine: string, mismatches: readonly string[]): LandfallError =>
  new LandfallError('sync.mismatch', {
    what: `the last copy of ${machine} differs from its source in ${counted(mismatches.length, 'path')}, although nothing wrote`,
    why: 'the standby would start with other contents than the source had',
    where: { machine },
    evidence: mismatches.slice(0, 10),
    next: [
      'another pass was asked for; it compares contents',
      `then order this again: last-copy/${machine}`,
      'where the same paths differ again, look at the disk of the source and its kernel log',
    ],
  });

function stillWriting(machine: string, live: number, late: readonly string[] | undefined): LandfallError {
  const paths = (late ?? []).slice(0, 10);
  return new LandfallError('cutover.still-writing', {
    what: `something still writes on ${machine}: ${counted(late?.length ?? live, 'path')} changed after its last pass had begun`,
    why: 'what is written now would be lost',
    where: { host: machine, machine },
    evidence: paths,
    next: [
      paths[0] === undefined
        ? `see who writes, on ${machine}: find / -xdev -mmin -10 -type f; ps -eo pid,unit,args`
        : `see who writes, on ${machine}: fuser -v ${paths[0]}; ls -l --time-sort ${paths[0]}`,
      `stop it there, or name its unit in the plan (machines.${machine}.stop) and do quiet/${machine} again`,
      `another pass was asked for; then order this again: last-copy/${machine}`,
    ],
  });
}
