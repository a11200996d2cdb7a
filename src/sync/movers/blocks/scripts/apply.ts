/**
 * The marks of a directory of pieces lie beside it, where the key of the path cannot write: what arrives cannot say of
 * itself that it was merged.
 */
export const marksOf = (directory: string): string => `marks=\${${directory}%/*}/.marks-\${${directory}##*/}`;

const LEFT_OF = `left_of() { set -- "\${1##*/}"; printf '%s.left' "\${1%.qcow2}"; }`;

/** `is_alone FILE`: it is an image that opens nothing but itself; of a delta the base is named anew before it is opened. */
export const IS_ALONE = `# A head decides what else qemu-img opens with an image: another file for its data, or one below it.
is_alone() {
  [ -f "$1" ] && [ ! -L "$1" ] || return 1
  case $(od -An -v -tx1 -N8 < "$1" | tr -d ' \\n') in
    514649fb0000000[3-9]*)
      flags=$(od -An -v -tu1 -j79 -N1 < "$1")
      [ $((flags & 4)) -eq 0 ] || return 1 ;;
    514649fb*) ;;
    *) return 0 ;;
  esac
  [ "$kind" != full ] || [ -z "$(od -An -v -tx1 -j8 -N8 < "$1" | tr -d '0 \\n')" ]
}
`;

/**
 * Brings the pieces of a pass into the replica, on the target's hypervisor, as one remote job. Each piece is compared with
 * the sum that the source took of it and looked through by qemu-img, and only when all of them are whole the first is
 * merged. What was done is marked by files,
 * so that the job can be broken off anywhere and begun again: a piece merged twice is the same as once.
 *
 * A full copy never touches the replica that is there before every disk of it is whole.
 *
 * Arguments: `delta` or `full`, directory of the pieces, then for each disk the name of its piece and the replica.
 */
export const APPLY_EXIT = {
  staging: 41,
  sum: 42,
  check: 43,
  replica: 44,
  commit: 45,
  place: 46,
} as const;

export const APPLY_SCRIPT = `kind=$1 staging=$2
shift 2
${marksOf('staging')}
LC_ALL=C
export LC_ALL
say() { printf 'landfall %s\\n' "$*"; }
cd -- "$staging" || exit ${APPLY_EXIT.staging}
umask 077
mkdir -p -- "$marks" || exit ${APPLY_EXIT.staging}
${LEFT_OF}
# The sum of one file against the one that was told; what else stands there names nothing.
is_sum() {
  told=
  read -r told rest < "$2" || [ -n "$told" ] || return 1
  sum=$(sha256sum < "$1") || return 1
  [ "\${sum%% *}" = "$told" ]
}
${IS_ALONE}whole() {
  [ ! -e "$marks/$1.checked" ] || return 0
  say checking "$1"
  is_alone "$1" && is_sum "$1" "$1.sha256" || {
    say damaged "$1"
    printf '%s is not the piece that the source has made\\n' "$1" >&2
    exit ${APPLY_EXIT.sum}
  }
  # Its bytes are on the disk before the mark is: after a power cut the mark must not lie.
  sync "$1" "$1.sha256"
  : > "$marks/$1.checked" || exit ${APPLY_EXIT.staging}
}
fit() {
  [ -e "$2" ] || { say missing "$2"; exit ${APPLY_EXIT.replica}; }
  # The piece names a file of the source as what it lies on: the replica takes its place.
  qemu-img rebase -u -f qcow2 -F qcow2 -b "$2" "$1" >&2 || exit ${APPLY_EXIT.check}
  qemu-img check -q -f qcow2 "$1" >&2 || exit ${APPLY_EXIT.check}
}
merge() {
  # The piece stays as it is: merged once more, after whatever has ended this, it is all of it.
  qemu-img commit -q -d -f qcow2 "$1" >&2 || exit ${APPLY_EXIT.commit}
}
arrive() {
  # The move may have been broken off after it was done and before it was marked; from another file system it is a copy.
  if [ ! -e "$1" ] && [ -e "$2.incoming" ]; then
    is_sum "$2.incoming" "$1.sha256" || { say damaged "$1"; exit ${APPLY_EXIT.sum}; }
    return 0
  fi
  qemu-img check -q -f qcow2 "$1" >&2 || exit ${APPLY_EXIT.check}
  if [ -e "$2" ]; then
    chown --reference="$2" -- "$1" && chmod --reference="$2" -- "$1" || exit ${APPLY_EXIT.place}
  fi
  mv -f -- "$1" "$2.incoming" || exit ${APPLY_EXIT.place}
  sync "$2.incoming"
}
# Who has it open would go on with a file that is the replica no more, and lose what it writes. Asked with a lock for writing.
free() {
  why=$(qemu-img check -q -r leaks -f qcow2 "$1" 2>&1) && return 0
  case $why in *'" lock'*) printf '%s\\n' "$why" >&2; return 1 ;; esac
}
# All before the first is merged: a damaged one found behind a merged one would leave disks of two instants.
left=$#
while [ "$left" -gt 0 ]; do
  piece=$1 replica=$2
  shift 2
  left=$((left - 2))
  set -- "$@" "$piece" "$replica"
  if [ ! -e "$marks/$piece.applied" ]; then
    whole "$piece"
    [ "$kind" = full ] || fit "$piece" "$replica"
  fi
done
left=$#
while [ "$left" -gt 0 ]; do
  piece=$1 replica=$2
  shift 2
  left=$((left - 2))
  set -- "$@" "$piece" "$replica"
  if [ ! -e "$marks/$piece.applied" ]; then
    say applying "$piece"
    if [ "$kind" = full ]; then arrive "$piece" "$replica"; else merge "$piece" "$replica"; fi
    : > "$marks/$piece.applied" || exit ${APPLY_EXIT.staging}
  fi
  say applied "$piece"
done
if [ "$kind" = full ]; then
  for word; do
    if [ -e "$word.incoming" ] && [ -e "$word" ]; then free "$word" || exit ${APPLY_EXIT.place}; fi
  done
fi
while [ "$#" -ge 2 ]; do
  if [ "$kind" = full ] && [ -e "$2.incoming" ]; then
    mv -f -- "$2.incoming" "$2" || exit ${APPLY_EXIT.place}
    sync "\${2%/*}"
  fi
  # As this leaves it: whoever writes to it later is seen by its time.
  stat -c '%i %y' -- "$2" > "$marks/$(left_of "$2")" || exit ${APPLY_EXIT.staging}
  shift 2
done
[ "$kind" != full ] || say placed
`;

/**
 * Says which replica somebody has written to since a pass was merged into it, one path a line. Arguments: directory of the
 * pieces, replicas.
 */
export const TOUCHED_SCRIPT = `dir=$1
shift
${marksOf('dir')}
${LEFT_OF}
for replica; do
  left=$marks/$(left_of "$replica")
  [ -e "$left" ] || continue
  [ "$(stat -c '%i %y' -- "$replica" 2>&-)" = "$(cat -- "$left")" ] || printf '%s\\n' "$replica"
done`;

/** Takes pieces, chunks of them, and all their marks away. Arguments: directory, names. */
export const DISCARD_SCRIPT = `dir=$1
shift
${marksOf('dir')}
for piece; do
  rm -rf -- "$dir/$piece" "$dir/$piece.sha256" "$dir/.rsync-partial/$piece" "$marks/$piece.checked" "$marks/$piece.applied" || exit 1
  case $piece in
    *.qcow2) rm -rf -- "$dir/\${piece%.qcow2}"-c[0-9]* "$marks/\${piece%.qcow2}"-c[0-9]* "$dir/.rsync-partial/\${piece%.qcow2}"-c[0-9]* || exit 1 ;;
  esac
done`;
