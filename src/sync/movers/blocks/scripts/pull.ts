import { APPLY_EXIT, IS_ALONE, marksOf } from './apply.ts';
import { BACKUP_EXIT, BEGIN } from './backup.ts';

/**
 * A full copy where the source has no room for whole pieces: one instant of the disks is exported on a socket, and cut into
 * chunks that each take their way and are gone before the next but one is cut.
 */

export const PULL_EXIT = {
  /** What the guest overwrites and the chunks together leave too little room. */
  space: 34,
  /** The export could not be read. */
  unreadable: 35,
  /** Nobody has cut a chunk for so long that landfall is taken for gone. */
  left: 36,
} as const;

/** Minutes without a new chunk: four gigabytes through a line of 2 Mbit/s take less. */
const LEASE_MIN = 360;

/** Only what lies below its own directory is ended; libvirt tells where the running backup keeps its things. */
const END_BACKUP = `end_backup() {
  v backup-dumpxml "$dom" 2>&- | grep -q -F "'$dir/" || return 0
  v domjobabort "$dom" >&2
}`;

/**
 * Begins the backup and guards it, as one remote job on the source's hypervisor: the export ends with the job, however that
 * ends, and the job ends by itself before the scratch is full. It says which chunks hold data.
 *
 * Arguments: libvirt URI, domain, \`freeze\` or \`as-it-is\`, mark of the freeze, directory of the export, XML of the backup, XML
 * of the checkpoint, bytes of a chunk, KiB that must stay free, then the disks.
 */
export const PULL_SCRIPT = `uri=$1 dom=$2 wish=$3 mark=$4 dir=$5 backup=$6 checkpoint=$7 size=$8 reserve=$9
shift 9
cd -- "$dir" || exit ${BACKUP_EXIT.sums}
${END_BACKUP}
leave() {
  end_backup
  rm -f -- s map scratch-*
}
room() {
  set -- $(df -Pk .)
  shift "$(($# - 3))"
  [ "$1" -ge "$reserve" ]
}
${BEGIN}say begun
say chunks "$size"
prefix=\${dir##*/}
for disk; do
  qemu-img map --output=json --image-opts "driver=nbd,server.type=unix,server.path=s,export=$disk" > map ||
    exit ${PULL_EXIT.unreadable}
  sed -n 's/.*"start": *\\([0-9]*\\), *"length": *\\([0-9]*\\),.*"zero": *false.*/\\1 \\2/p' map |
    awk -v size="$size" -v disk="$disk" -v prefix="\${prefix%pull}" '{
      at = $1
      left = $2
      while (left > 0) {
        index_ = int(at / size)
        part = (index_ + 1) * size - at
        if (part > left) part = left
        sum[index_] += part
        total += part
        if (index_ > last) last = index_
        at += part
        left -= part
      }
    }
    END {
      for (i = 0; i <= last; i++) if (sum[i] > 0) printf "landfall chunk %s %.0f %.0f\\n", disk, i, sum[i]
      printf "landfall piece %s%s.qcow2 %.0f %.0f\\n", prefix, disk, total, total / 512
    }' || exit ${PULL_EXIT.unreadable}
done
rm -f -- map
: > alive
say ready
tick=0
until [ -e done ]; do
  room || exit ${PULL_EXIT.space}
  tick=$((tick + 1))
  if [ $((tick % 5)) -eq 0 ]; then
    stats=$(v domjobinfo "$dom" --rawstats) || exit ${BACKUP_EXIT.brokenOff}
    case $stats in *'Job type: 0'*) exit ${BACKUP_EXIT.brokenOff} ;; esac
    [ -z "$(find alive -mmin +${LEASE_MIN})" ] || exit ${PULL_EXIT.left}
  fi
  sleep 1
done
end_backup
say whole
`;

/** One chunk becomes a piece with its sum. Arguments: directory of the export, path of the piece, disk, offset, bytes. */
export const CUT_SCRIPT = `dir=$1 piece=$2 disk=$3 at=$4 size=$5
LC_ALL=C
export LC_ALL
umask 077
cd -- "$dir" || exit ${BACKUP_EXIT.sums}
: > alive
[ ! -e "$piece.sha256" ] || exit 0
rm -f -- "$piece"
qemu-img convert -O qcow2 --image-opts \\
  "driver=raw,offset=$at,size=$size,file.driver=nbd,file.server.type=unix,file.server.path=s,file.export=$disk" \\
  "$piece" >&2 || exit ${PULL_EXIT.unreadable}
cd -- "\${piece%/*}" || exit ${BACKUP_EXIT.sums}
sha256sum -- "\${piece##*/}" > "$piece.new" && mv -f -- "$piece.new" "$piece.sha256" || exit ${BACKUP_EXIT.sums}
`;

/** Says to the guard that every chunk is where it belongs. Argument: directory of the export. */
export const RELEASE_SCRIPT = `[ ! -d "$1" ] || : > "$1/done"`;

/** Empty images of the disks' sizes, beside the replicas. Arguments: pairs of image and bytes. */
export const CREATE_SCRIPT = `while [ "$#" -ge 2 ]; do
  rm -f -- "$1" && qemu-img create -q -f qcow2 -- "$1" "$2" >&2 || exit 1
  shift 2
done`;

/** Which chunks of a pass are in its images: one name a line. Arguments: directory, beginning of their names. */
export const CHUNKS_SCRIPT = `dir=$1
${marksOf('dir')}
for mark in "$marks/$2"*-c*.qcow2.applied; do
  [ ! -e "$mark" ] || printf '%s\\n' "\${mark##*/}"
done`;

/**
 * Writes one chunk to its place, on the target's hypervisor; twice is the same as once. Its mark stays, it goes. Arguments:
 * directory of the pieces, piece, image, offset, bytes.
 */
export const PLACE_SCRIPT = `staging=$1 piece=$2 image=$3 at=$4 size=$5 kind=full
${IS_ALONE}LC_ALL=C
export LC_ALL
umask 077
cd -- "$staging" || exit ${APPLY_EXIT.staging}
${marksOf('staging')}
mkdir -p -- "$marks" || exit ${APPLY_EXIT.staging}
if [ ! -e "$marks/$piece.applied" ]; then
  [ -e "$image" ] || exit ${APPLY_EXIT.replica}
  is_alone "$piece" && sha256sum -c -- "$piece.sha256" >&2 || exit ${APPLY_EXIT.sum}
  qemu-img check -q -f qcow2 "$piece" >&2 || exit ${APPLY_EXIT.check}
  # qemu reads a comma as the end of an option; doubled it is one.
  name=$(printf '%s' "$image" | sed 's/,/,,/g')
  qemu-img convert -n -f qcow2 --target-image-opts "$piece" \\
    "driver=raw,offset=$at,size=$size,file.driver=qcow2,file.file.driver=file,file.file.filename=$name" >&2 ||
    exit ${APPLY_EXIT.commit}
  # Its bytes are on the disk before the mark is: after a power cut the mark must not lie.
  sync "$image"
  : > "$marks/$piece.applied" || exit ${APPLY_EXIT.staging}
fi
rm -f -- "$piece" "$piece.sha256"
`;

/**
 * All chunks are in: the images are looked through, and marked as pieces that only have to take their place, which is then
 * done as with those that came whole. Arguments: directory of the pieces, then for each disk the name of its piece and the
 * replica.
 */
export const SEAL_SCRIPT = `staging=$1
shift
LC_ALL=C
export LC_ALL
cd -- "$staging" || exit ${APPLY_EXIT.staging}
umask 077
${marksOf('staging')}
mkdir -p -- "$marks" || exit ${APPLY_EXIT.staging}
left=$#
while [ "$left" -gt 0 ]; do
  piece=$1 replica=$2
  shift 2
  left=$((left - 2))
  set -- "$@" "$piece"
  qemu-img check -q -f qcow2 "$replica.incoming" >&2 || exit ${APPLY_EXIT.check}
  if [ -e "$replica" ]; then
    chown --reference="$replica" -- "$replica.incoming" && chmod --reference="$replica" -- "$replica.incoming" ||
      exit ${APPLY_EXIT.place}
  fi
  sync "$replica.incoming"
done
for piece; do : > "$marks/$piece.checked" && : > "$marks/$piece.applied" || exit ${APPLY_EXIT.staging}; done
`;

/** Jobs of the chunks of one pass, one name a line. Arguments: directory of jobs, beginning of their names. */
export const STRAYS_SCRIPT = `for job in "$1/$2"cut-* "$1/$2"ship-* "$1/$2"place-* "$1/$2"seal; do
  [ ! -d "$job" ] || printf '%s\\n' "\${job##*/}"
done`;
