import { LandfallError } from '../../foundation/errors.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Keeper } from './keeper.ts';
import type { HookTold, Told } from './keeper-lines.ts';

export function hookFailed(machine: string, pass: number, keeper: Keeper, hook: HookTold): LandfallError {
  const isBefore = hook.moment === 'before';
  const timedOut = hook.code === 124 || hook.code === 137;
  return new LandfallError('sync.hook-failed', {
    what: `the hook ${hook.moment} pass ${pass} of ${machine} ${timedOut ? 'took too long and was ended' : `ended with code ${hook.code}`}`,
    why: isBefore
      ? 'nothing was read; the hook after it has run'
      : 'the pass is whole, but what was brought to rest for it may still stand still',
    where: {
      host: machine,
      machine,
      command: formatArgv(isBefore ? keeper.hooks.before : keeper.hooks.after),
    },
    evidence: [...hook.output],
    next: [
      ...(isBefore ? [] : [`look at once whether production on ${machine} works: run the hook by hand`]),
      'mend the hook, or change machines.*.hooks in the plan, and run the same command again',
    ],
  });
}

export function snapshotUnusable(machine: string, pass: number, why: string, told: Told): LandfallError {
  return new LandfallError('sync.snapshot-unusable', {
    what: `pass ${pass} of ${machine} could not be read from snapshots: ${why}`,
    why: 'what was read from such a snapshot does not count',
    where: { host: machine, machine },
    evidence: [...told.failed.values(), ...told.stuck].slice(0, 5),
    next: [
      'nothing: landfall tries again, and reads that file system live in this pass',
      `for later passes: more free extents in its volume group on ${machine}, or snapshot: none in the plan`,
    ],
  });
}

/** A snapshot that stays fills up; nobody else will take it away. */
export function stuckOf(machine: string, { stuck }: Told): LandfallError | undefined {
  if (stuck.length === 0) return undefined;
  return new LandfallError('sync.snapshot-stuck', {
    what: `a snapshot of ours on ${machine} could not be removed`,
    why: 'it takes room of its volume group, and slows down what writes there',
    where: { host: machine, machine },
    evidence: [...stuck],
    next: [
      `look on ${machine} what holds it: findmnt, lsof; then landfall tries again at the next pass`,
      'or remove it by hand: umount its place below /run/landfall, then lvremove it',
    ],
  });
}
