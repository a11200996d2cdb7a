import { LandfallError } from '../../foundation/errors.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { PassState } from '../../journal/state.ts';

/** Job times are whole seconds of the host's clock. */
const WHOLE_SECOND_MS = 1000;

/**
 * By how much the source's clock was set back at least since a pass over a file system, in ms; 0 where nothing shows it. A
 * comparison that began before that pass had ended, by one and the same clock, tells.
 */
export function setBackBy(pass: PassState['ended'], mountpoint: string, comparedAt: number): number {
  const run = pass?.runs.findLast(each => each.mountpoint === mountpoint);
  if (run?.startedAt === undefined) return 0;
  const back = run.startedAt + run.ms - comparedAt;
  return back > WHOLE_SECOND_MS ? back : 0;
}

/**
 * A file that changed after such a jump has a change time before the pass: it would be called damaged. One that was
 * damaged could not be told from it. So neither is said.
 */
export const clockSetBack = (machine: string, pass: number, ms: number, differences: number): LandfallError =>
  new LandfallError('sync.source-suspicious', {
    what: `the clock of ${machine} was set back by at least ${formatDuration(ms)} since pass ${pass}: whether ${differences} differences are damage cannot be told`,
    why: 'what changed since a pass is known by change times, and these say nothing across such a jump',
    where: { host: machine, machine },
    next: [
      `see that the clock of ${machine} is right and stays so: timedatectl, chronyc tracking`,
      'then one more pass, and compare that: landfall sync PLAN',
    ],
  });
