/** The shell side of what is left of a measurement that was killed. */

/**
 * `each`: the entries of a measurement below the evacuation's directory, `$run`. Jobs are told by their argv: a machine may
 * be called `link-to-somewhere`.
 */
const EACH = `run=$1
each() {
  for entry in "$run"/link-from-* "$run"/link-to-*; do
    [ -e "$entry" ] || continue
    [ -e "$entry/argv" ] || "$@" "$entry"
  done
}`;

/** One path a line. Argument: the evacuation's directory. */
export const LEFT_SCRIPT = `${EACH}
each printf '%s\\n'
exit 0`;

/** Exit code where a measurement runs. */
export const MEASURING = 96;

/**
 * Removes what LEFT_SCRIPT finds, and the evacuation's directory where it is empty then. A measurement is told by its
 * processes, which have its directory among their words; grep takes the pattern from a pipe, or it would find itself.
 */
export const SWEEP_SCRIPT = `${EACH}
measuring=$(printf '%s/link-\\n' "$run" | grep -l -a -F -f - /proc/[0-9]*/cmdline 2>&-)
[ -z "$measuring" ] || exit ${MEASURING}
gone() { rm -rf -- "$1" || exit 1; }
each gone
rmdir -- "$run" 2>&-
exit 0`;
