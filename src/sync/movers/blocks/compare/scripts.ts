/**
 * The shell side of a comparison of disks: POSIX sh, run with `sh -c SCRIPT sh ARG…` as remote jobs. Nothing is needed on
 * a hypervisor but virsh, qemu-img and coreutils: a range of a disk becomes a small raw file, its parts that the source
 * has written since are blanked, and its SHA-256 is printed.
 */

export const COMPARE_EXIT = {
  /** virsh refused the backup: its words are on stderr. */
  refused: 3,
  /** The disk's export or its bitmap could not be read. */
  unreadable: 4,
  /** Nobody said which ranges to compare. */
  unasked: 5,
  /** Too little room is left where the guest's writes are kept meanwhile. */
  space: 7,
} as const;

/** Seconds that the source waits to be told the ranges. */
const WAIT_FOR_RANGES = 900;

/**
 * Ends the backup of that directory, and no other: its own paths stand in what libvirt tells of the job that runs. What
 * belongs to somebody else is left alone.
 */
const END_BACKUP = `end_backup() {
  virsh -c "$uri" backup-dumpxml "$domain" 2>/dev/null | grep -q -F "'$dir/" || return 0
  virsh -c "$uri" domjobabort "$domain" >&2
}`;

/**
 * `hash DISK NODE AT SIZE BLANKS…`: one line `sum DISK AT SIZE SUM`, where SUM is \`zero\` for a range of which the image says that
 * nothing was ever written. Blanks are \`FROM+LENGTH\` in units of 4 KiB from the beginning of the range.
 */
const HASH = `hash() {
  # One node for both questions: the range as a disk of its own.
  range=driver=raw,offset=$3,size=$4,$2
  name="$1 $3 $4" length=$4 sum=zero
  shift 4
  if ! qemu-img map $shared --output=json --image-opts "$range" > map; then return 1; fi
  if grep -q '"zero": false' map; then
    rm -f piece
    qemu-img convert $shared -O raw --image-opts "$range" piece || return 1
    for blank do
      dd if=/dev/zero of=piece bs=4096 seek="\${blank%+*}" count="\${blank#*+}" conv=notrunc status=none || return 1
    done
    # The last blank of a disk may reach beyond its end.
    [ $# -eq 0 ] || truncate -s "$length" piece || return 1
    sum=$(sha256sum < piece) || return 1
    sum=\${sum%% *}
    rm -f piece
  fi
  printf 'sum %s %s\\n' "$name" "$sum"
}
# The pause is as long as the limit allows for the bytes, whatever reading took: never faster than the limit.
debt=0
rest() {
  [ "$limit" -gt 0 ] || return 0
  debt=$((debt + $1))
  while [ "$debt" -ge "$limit" ]; do
    sleep 1
    debt=$((debt - limit))
    { read -r changed < limit; } 2>&- || continue
    case $changed in '' | *[!0-9]* | 0) ;; *) limit=$changed ;; esac
  done
}`;

/**
 * On the source hypervisor. Arguments: directory, libvirt URI, domain, bytes per second (0: no limit), KiB that must stay
 * free, disks. A backup of one instant is exported on a socket, what changed since the checkpoint is told, then the ranges
 * that are asked for are hashed. The backup ends with the job, however that ends.
 */
export const SOURCE_SCRIPT = `dir=$1 uri=$2 domain=$3 limit=$4 reserve=$5
shift 5
umask 077
cd -- "$dir" || exit
${END_BACKUP}
trap 'code=$?; end_backup; rm -f piece map s scratch-*; exit "$code"' EXIT
trap 'exit 143' TERM INT HUP
end_backup
rm -f list s scratch-*
# libvirt would let us wait for half a minute and then say less.
if virsh -c "$uri" backup-dumpxml "$domain" > map 2>/dev/null; then
  echo "a backup job of somebody else runs on $domain" >&2
  exit ${COMPARE_EXIT.refused}
fi
virsh -c "$uri" backup-begin "$domain" "$dir/backup.xml" >&2 || exit ${COMPARE_EXIT.refused}
node=file.driver=nbd,file.server.type=unix,file.server.path=s,file.export=
shared=
for disk do
  printf 'written %s\\n' "$disk"
  qemu-img map --output=json --image-opts \\
    "driver=nbd,server.type=unix,server.path=s,export=$disk,x-dirty-bitmap=qemu:dirty-bitmap:backup-$disk" ||
    exit ${COMPARE_EXIT.unreadable}
done
printf '\\nasked\\n'
waited=0
until [ -e list ]; do
  waited=$((waited + 1))
  [ "$waited" -le ${WAIT_FOR_RANGES} ] || exit ${COMPARE_EXIT.unasked}
  sleep 1
done
${HASH}
while read -r disk at size blanks <&3; do
  set -- $(df -Pk .)
  shift "$(($# - 3))"
  [ "$1" -ge "$reserve" ] || exit ${COMPARE_EXIT.space}
  hash "$disk" "$node$disk" "$at" "$size" $blanks || exit ${COMPARE_EXIT.unreadable}
  rest "$size"
done 3< list
printf 'whole\\n'
`;

/** On the target hypervisor. Arguments: directory, bytes per second (0: no limit), then pairs of disk and replica image. */
export const TARGET_SCRIPT = `dir=$1 limit=$2
shift 2
umask 077
cd -- "$dir" || exit
trap 'code=$?; rm -f piece map; exit "$code"' EXIT
trap 'exit 143' TERM INT HUP
shared=-U
${HASH}
image() {
  while [ $# -gt 1 ]; do
    [ "$1" != "$wanted" ] || { printf '%s' "$2"; return; }
    shift 2
  done
  return 1
}
while read -r disk at size blanks <&3; do
  wanted=$disk
  path=$(image "$@") || exit ${COMPARE_EXIT.unreadable}
  hash "$disk" "file.driver=qcow2,file.file.driver=file,file.file.filename=$path" "$at" "$size" $blanks ||
    exit ${COMPARE_EXIT.unreadable}
  rest "$size"
done 3< list
printf 'whole\\n'
`;

/** Arguments: directory, libvirt URI, domain. Ends what is left of a comparison and takes its directory away. */
export const END_SCRIPT = `dir=$1 uri=$2 domain=$3
${END_BACKUP}
end_backup
exec rm -rf -- "$dir"
`;

/** Arguments: file. Its whole content on standard input takes its place at once. */
export const LIST_SCRIPT = `umask 077
mkdir -p -- "\${1%/*}" && cat > "$1.new" && exec mv -f -- "$1.new" "$1"
`;

/** Arguments: directory. Made for the qemu of that domain alone: it is qemu that opens the socket in it. */
export const PREPARE_SCRIPT = `umask 066
dir=$1 domain=$2
mkdir -p -- "$dir" && chmod 700 -- "$dir" || exit
for pid in /run/libvirt/qemu/"$domain".pid /var/run/libvirt/qemu/"$domain".pid; do
  [ -e "$pid" ] || continue
  { read -r number < "$pid"; } 2>&- || continue
  chown -- "$(stat -c %u:%g "/proc/$number")" "$dir" && exit
done
exit 0
`;
