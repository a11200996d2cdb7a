import { harmless } from '../../foundation/text.ts';
import { get } from '../../journal/maps.ts';
import type { StepContext, View } from '../../step/step.ts';
import { type ExecAction, look } from './hands.ts';

/**
 * Blocks say that something was written, not what. So that a last copy by blocks is held to the same as one of files, the
 * source itself is asked which of its files changed since the pass began.
 */

/** Enough to name who still writes; a machine at rest has a handful. */
const MOST_BYTES = 65_536;
const NOT_ASKABLE = 4;

/**
 * Arguments: seconds, then directories. Prints each plain file below them, on their own file systems, whose inode changed in
 * these seconds, ended by NUL. By the clock of the source alone: nobody else's dates are compared with its own.
 */
const FRESH_SCRIPT = `age=$1
shift
now=$(date +%s) || exit ${NOT_ASKABLE}
since=$((now - age))
find / -maxdepth 0 -newerct "@$since" >/dev/null 2>&1 || exit ${NOT_ASKABLE}
for dir; do find "$dir" -xdev -type f -newerct "@$since" -print0 2>/dev/null; done | head -c ${MOST_BYTES}
exit 0`;

/** A scan of every inode; a million files on a slow disk take minutes. */
const TIMEOUT_MS = 900_000;

function mountpointsOf({ state }: Pick<View, 'state'>, machine: string): string[] {
  return (get(state.machines, machine)?.observed?.guest.fileSystems ?? []).map(
    ({ mountpoint }) => mountpoint,
  );
}

export const freshFilesLook = (view: View, machine: string, seconds = 0): ExecAction =>
  look(
    machine,
    ['sh', '-c', FRESH_SCRIPT, 'sh', String(seconds), ...mountpointsOf(view, machine)],
    'which files changed since the last pass began',
  );

/** The paths, harmless; undefined where the source has no find that could tell. Rejects as `exec` does. */
export async function freshFiles(
  context: StepContext,
  machine: string,
  sinceMs: number,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const seconds = Math.max(0, Math.ceil((context.clock.now() - sinceMs) / 1000));
  const [program = '', ...words] = freshFilesLook(context, machine, seconds).argv.map(String);
  // A source that does not answer is asked again: without its word the last copy is no last copy.
  const host = await context.host(machine);
  const { code, stdout } = await host.exec([program, ...words], {
    codes: [0, NOT_ASKABLE],
    timeoutMs: TIMEOUT_MS,
    maxBytes: 2 * MOST_BYTES,
    signal,
  });
  return code === 0 ? pathsIn(stdout) : undefined;
}

/** Names are bytes from outside; the last one may have been cut off by the limit, and still says that there are more. */
export const pathsIn = (stdout: Buffer): string[] =>
  stdout
    .toString('utf8')
    .split('\0')
    .filter(path => path !== '')
    .map(harmless);
