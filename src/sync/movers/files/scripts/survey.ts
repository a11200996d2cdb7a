/** Shell scripts of the survey, for `sh -c`, fit for dash. What they make lies in the source's tmpfs and goes with them. */

/** Priority of whatever a survey does on production: it waits for everybody. */
const POLITE = `renice -n 10 -p $$ >/dev/null 2>&1
ionice -c3 -p $$ 2>/dev/null
LC_ALL=C
export LC_ALL`;

/** What the forced command answers line by line: how long a line takes there and back is asked with it. */
export const ECHO_COMMAND = 'landfall echo';

/**
 * Prints the microseconds of six lines to the receiver and back over one connection, one number a line; fewer where the
 * clock of this host has no nanoseconds. Argument: directory of the path.
 */
export const ROUND_TRIP_SCRIPT = `umask 077
trap '' PIPE
work=$1/echo
rm -rf -- "$work"
mkdir -p -- "$work" && mkfifo -- "$work/to" "$work/from" || exit 1
trap 'rm -rf -- "$work"' EXIT
sh "$1/rsh" standby '${ECHO_COMMAND}' < "$work/to" > "$work/from" 2>/dev/null &
exec 3> "$work/to" 4< "$work/from"
for number in 1 2 3 4 5 6; do
  before=$(date +%s%N)
  case $before in *[!0-9]*) break ;; esac
  printf 'x\\n' >&3 || break
  IFS= read -r answer <&4 || break
  after=$(date +%s%N)
  printf '%s\\n' "$(((after - before) / 1000))"
done
exec 3>&- 4<&-
wait
exit 0
`;

/** Bytes of one piece of the sample, and pieces of all: together 8 MiB are read. */
export const PIECE_BYTES = 131_072;
export const PIECES = 64;

/**
 * Takes pieces of files at random, large files as often as their bytes ask for, and lets rsync itself send them from one
 * of its processes to another on this host, with each compression. Prints the size of the sample, then a line for each:
 * its name, the bytes that travelled, the nanoseconds that it took.
 * Arguments: directory of the path, compressions, mount points.
 */
export const SAMPLE_SCRIPT = `umask 077
${POLITE}
work=$1/sample choices=$2
shift 2
rm -rf -- "$work"
mkdir -p -- "$work" || exit 1
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
printf '%s\\n' 'shift' 'exec "$@"' > "$work/rsh"
small() { find "$@" -xdev -type f -size +128k ! -size +16384k "$how" "$format" 2>/dev/null; }
large() { find "$@" -xdev -type f -size +16384k "$how" "$format" 2>/dev/null; }
sum() { awk '{ s += $1 } END { printf "%.0f", s / 1024 }'; }
how=-printf format='%s\\n'
few=$(large "$@" | sum)
many=$(small "$@" | sum)
[ "$((few + many))" -gt 0 ] || exit 0
pieces() {
  shuf -r -z -n "$1" | xargs -0 -r -n 1 sh -c '
    size=$(stat -c %s -- "$1") || exit 0
    last=$((size / ${PIECE_BYTES} - 1))
    [ "$last" -gt 0 ] || last=0
    exec dd if="$1" bs=${PIECE_BYTES} count=1 skip="$(shuf -i "0-$last" -n 1)" 2>/dev/null' sh
}
format='%p\\0'
share=$((${PIECES} * few / (few + many)))
{
  [ "$share" -eq 0 ] || large "$@" | pieces "$share"
  [ "$share" -eq ${PIECES} ] || small "$@" | pieces "$((${PIECES} - share))"
} > "$work/data"
printf 'sample %s\\n' "$(stat -c %s -- "$work/data")"
for choice in none $choices; do
  case $choice in
    none) set -- ;;
    zlib) set -- --compress --compress-level=1 ;;
    zstd) set -- --compress --compress-choice=zstd --compress-level=1 ;;
    *) set -- --compress "--compress-choice=$choice" ;;
  esac
  rm -f -- "$work/copy"
  before=$(date +%s%N)
  said=$(rsync --stats "$@" -e "sh $work/rsh" "$work/data" "here:$work/copy" 2>/dev/null) || continue
  after=$(date +%s%N)
  sent=$(printf '%s\\n' "$said" | sed -n 's/^Total bytes sent: //p' | tr -cd 0-9)
  printf '%s %s %s\\n' "$choice" "$sent" "$((after - before))"
done
exit 0
`;
