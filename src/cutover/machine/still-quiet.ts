import { LandfallError } from '../../foundation/errors.ts';
import { isLinkFault } from '../../step/retry.ts';
import type { StepContext } from '../../step/step.ts';
import { doneTo } from './hands.ts';
import { statesOf } from './quiet.ts';

/**
 * What was stopped for the last copy must not have come up again before the source goes down: a watchdog, a colleague, a
 * configuration tool. What it wrote since would be on no copy. Throws `cutover.not-quiet`; a source that does not answer by
 * SSH cannot be asked, and is said to be so.
 */
export async function refuseAwakened(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const units = doneTo(context, machine).stopped?.units ?? [];
  if (units.length === 0) return [];
  try {
    const states = await statesOf(await context.host(machine), units, signal);
    const awake = states.filter(({ active }) => ['active', 'activating', 'reloading'].includes(active));
    if (awake.length > 0)
      throw awakened(
        machine,
        awake.map(({ unit }) => unit),
      );
    return [];
  } catch (error) {
    if (!(error instanceof LandfallError) || !isLinkFault(error)) throw error;
    return [`whether what was stopped on ${machine} had stayed down could not be asked: ${error.message}`];
  }
}

const awakened = (machine: string, units: readonly string[]): LandfallError =>
  new LandfallError('cutover.not-quiet', {
    what: `${units.slice(0, 5).join(', ')} on ${machine} ${units.length === 1 ? 'runs' : 'run'} again since the last copy was made`,
    why: 'what was written since is not in the copy, and would be lost with the shutdown',
    where: { host: machine, machine, command: `systemctl is-active ${units.slice(0, 3).join(' ')}` },
    next: [
      `copy it as well: landfall cutover PLAN reopen last-copy/${machine}, reopen quiet/${machine}, then run both again`,
      `where nothing of it matters: on ${machine}: systemctl stop ${units.slice(0, 3).join(' ')}; then order power-off/${machine} again`,
    ],
  });
