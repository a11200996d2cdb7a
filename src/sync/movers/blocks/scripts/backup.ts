import { marksOf } from './apply.ts';

/**
 * One backup of a domain, from the freeze to the sums of its pieces, as one remote job on the source's hypervisor: it
 * goes on whatever becomes of landfall, and its exit code says whether the pieces are whole.
 *
 * The file systems of the guest stand still only while libvirt begins the backup. Three things thaw them: the line after
 * it, the trap of the script, and a watchdog in a session of its own, which a signal for the job does not reach.
 *
 * Arguments: libvirt URI, domain, `freeze` or `as-it-is`, mark of the freeze, directory of the pieces, XML of the backup,
 * XML of the checkpoint, KiB that must stay free, then the names of the pieces. What it says begins with `landfall`; the rest is libvirt's.
 */
export const BACKUP_EXIT = {
  /** libvirt did not begin: its reason is on standard error. */
  refused: 31,
  /** Begun, and ended by somebody or something before it was complete. */
  brokenOff: 32,
  /** No room for the sums, or a piece is missing. */
  sums: 33,
  /** Too little room is left beside what the plan keeps free. */
  space: 37,
} as const;

/** After so many seconds the watchdog thaws: longer than a freeze may take, shorter than users wait. */
const WATCH_S = 20;
const AGENT_S = 15;

/**
 * From the freeze to the thaw, with the backup begun in between: for a backup in push mode and for one in pull mode. What
 * uses it says in `leave` what else is to be done at its end, however that comes.
 */
export const BEGIN = `LC_ALL=C
export LC_ALL
say() { printf 'landfall %s\\n' "$*"; }
v() { virsh -c "$uri" "$@"; }
within() {
  seconds=$1
  shift
  if command -v timeout >&2; then timeout -k 5 "$seconds" "$@"; else "$@"; fi
}
ms() { date +%s%3N; }
thaw() {
  [ -e "$mark" ] || return 0
  for try in 1 2 3 4 5; do
    if within ${AGENT_S} virsh -c "$uri" domfsthaw "$dom" >&2; then
      rm -f -- "$mark"
      return 0
    fi
    sleep 2
  done
  return 1
}
WATCH='sleep "$4"
for try in 1 2 3 4 5 6 7 8 9 10; do
  [ -e "$3" ] || exit 0
  # Said before it is done: what begins from now on is no instant at which everything stood still.
  echo late > "$3"
  virsh -c "$1" domfsthaw "$2" && rm -f -- "$3"
  sleep 3
done'
trap 'thaw; leave' EXIT
trap 'exit 143' TERM INT HUP
umask 077
if [ "$wish" = freeze ]; then
  : > "$mark" || exit ${BACKUP_EXIT.sums}
  alone=setsid
  command -v setsid >&2 || alone=
  $alone sh -c "$WATCH" sh "$uri" "$dom" "$mark" ${WATCH_S} < /dev/null > /dev/null 2>&1 &
  froze=$(ms)
  answer=$(within ${AGENT_S} virsh -c "$uri" domfsfreeze "$dom" 2>&1)
  code=$?
  printf '%s\\n' "$answer" >&2
  # An agent may answer and have nothing that it can freeze.
  case $answer in *'Froze 0 '*) code=1 ;; esac
  if [ "$code" -eq 0 ]; then say frozen; else
    say not-frozen
    wish=as-it-is
    # An agent that was too slow may still freeze; one that refused has at most frozen a part.
    if [ "$code" -ge 124 ]; then thaw; else
      within ${AGENT_S} virsh -c "$uri" domfsthaw "$dom" >&2
      rm -f -- "$mark"
    fi
  fi
fi
v backup-begin "$dom" "$backup" "$checkpoint" >&2
begun=$?
if [ "$wish" = freeze ]; then
  # Nothing was held still where the watchdog came first.
  [ -e "$mark" ] && [ ! -s "$mark" ] && held=yes || held=no
  if thaw; then say "thawed $(($(ms) - froze)) $held"; else say not-thawed; fi
fi
[ "$begun" -eq 0 ] || exit ${BACKUP_EXIT.refused}
`;

export const BACKUP_SCRIPT = `uri=$1 dom=$2 wish=$3 mark=$4 dir=$5 backup=$6 checkpoint=$7 reserve=$8
shift 8
leave() { :; }
room() {
  set -- $(df -Pk -- "$dir")
  shift "$(($# - 3))"
  [ "$1" -ge "$reserve" ]
}
${BEGIN}say begun
nap=0.2
while :; do
  stats=$(v domjobinfo "$dom" --rawstats) || exit ${BACKUP_EXIT.brokenOff}
  case $stats in *'Job type: 0'*) break ;; esac
  # A full scratch stops the guests whose disks lie there, too.
  if ! room; then
    v backup-dumpxml "$dom" | grep -q -F "'$dir/" && v domjobabort "$dom" >&2
    exit ${BACKUP_EXIT.space}
  fi
  say progress $(printf '%s\\n' "$stats" | sed -n 's/^disk_processed: *//p;s/^disk_total: *//p' | sort -n)
  sleep "$nap"
  nap=1
done
v domjobinfo "$dom" --completed --keep-completed --rawstats > "$mark.stats" || exit ${BACKUP_EXIT.brokenOff}
cat -- "$mark.stats" >&2
grep -q '^operation: *9$' "$mark.stats" && grep -q '^Job type: *3$' "$mark.stats" || exit ${BACKUP_EXIT.brokenOff}
say copied $(sed -n 's/^disk_processed: *//p' "$mark.stats")
rm -f -- "$mark.stats"
cd -- "$dir" || exit ${BACKUP_EXIT.sums}
for piece; do
  [ -f "$piece" ] || exit ${BACKUP_EXIT.sums}
  # Its size and its blocks of 512 bytes: what is not written takes no room.
  say piece "$piece" $(stat -c '%s %b' -- "$piece")
  sha256sum -- "$piece" > "$piece.sha256" || exit ${BACKUP_EXIT.sums}
done
say whole
`;

/** Says what of the pieces is there. Arguments: directory, names. `PIECE absent|arrived|checked|applied`. */
export const PIECES_SCRIPT = `dir=$1
shift
${marksOf('dir')}
for piece; do
  state=absent
  [ ! -e "$dir/$piece" ] || state=arrived
  [ ! -e "$marks/$piece.checked" ] || state=checked
  [ ! -e "$marks/$piece.applied" ] || state=applied
  printf '%s %s\\n' "$piece" "$state"
done`;

/**
 * Removes checkpoints of this evacuation. A bitmap that is gone or broken cannot be merged: then only libvirt's record of
 * it goes. Arguments: URI, domain, prefix of the names, the one to keep (empty: none), `below` or `only`, a number: the
 * pass below which, or the only one which, is removed.
 */
export const DROP_SCRIPT = `uri=$1 dom=$2 prefix=$3 keep=$4 which=$5 number=$6
LC_ALL=C
export LC_ALL
failed=0
broken=
sweep() {
  names=$(virsh -c "$uri" checkpoint-list "$dom" --name) || exit 1
  for name in $names; do
    case $name in "$prefix"*) rest=\${name#"$prefix"} ;; *) continue ;; esac
    case $rest in '' | *[!0-9]*) continue ;; esac
    [ "$name" != "$keep" ] || continue
    if [ "$1" = only ]; then [ "$rest" -eq "$number" ] || continue; fi
    if [ "$1" = below ]; then [ "$rest" -lt "$number" ] || continue; fi
    if why=$(virsh -c "$uri" checkpoint-delete "$dom" "$name" 2>&1); then
      printf 'removed %s\\n' "$name"
      continue
    fi
    record=
    case $why in
      *'not found in backing chain'* | *inconsistent* | *'Bitmap '*) record=yes broken=yes ;;
      # Nothing is tracked any more once all of them go; a domain that is off keeps an empty name in its image.
      *inactive* | *'not running'*) [ "$1" != all ] || record=yes ;;
    esac
    if [ -n "$record" ] && virsh -c "$uri" checkpoint-delete "$dom" "$name" --metadata >&2; then
      printf 'removed %s\\n' "$name"
      continue
    fi
    printf '%s\\n' "$why" >&2
    failed=1
  done
}
sweep "$which"
# What the broken one had tracked went to no other: those before it are worth nothing, either.
if [ "$which" = only ] && [ -n "$broken" ]; then sweep all; fi
exit "$failed"`;
