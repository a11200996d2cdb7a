import type { Group } from './group.ts';
import { FOREIGN_KINDS } from './places.ts';

/** File systems, disks, partition tables, boot sectors and LVM. */

/**
 * Sizes are asked of local file systems alone: the server of another kind may be dead, and the question would never end.
 * Of JSON the members that are needed are cut out where it is: no string in it can begin as a member does, because the
 * quotes inside of one are escaped.
 */
const MOUNTS = `
root=$1
newline='
'
${FOREIGN_KINDS}
told() { printf '%s\\n' "$table"; return "$asked"; }
cut_out() { printf '%s\\n' "$table" | awk '{ count = split($0, piece, /[{,]/); for (at = 1; at <= count; at++) { member = piece[at]; '"$1"' } }'; }
kinds=$(foreign_kinds)
set -- findmnt -J -b --real -o TARGET,SOURCE,FSTYPE,UUID,LABEL,SIZE,USED
[ -z "$kinds" ] || set -- "$@" -t "no\${kinds%,}"
table=$("$@")
asked=$?
if part findmnt told; then
  targets=$(cut_out 'if (sub(/^[ \\t]*"target": *"\\//, "/", member) && sub(/"[^"]*$/, "", member) && member !~ /[\\\\"]/) print member')
  sized=yes
else
  part mounts cat "$root/proc/mounts"
  targets=$(awk '$1 ~ /^\\/dev\\// && $2 !~ /\\\\/ { print $2 }' "$root/proc/mounts" 2>/dev/null)
  sized=no
fi
usual=$IFS
IFS=$newline; set -f; set -- $targets; set +f; IFS=$usual
[ "$#" -eq 0 ] || part df-inodes df -i -P "$@"
[ "$#" -eq 0 ] || [ "$sized" = yes ] || part df-blocks df -P -k "$@"

table=$(lsblk -J -b -o NAME,PATH,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME)
asked=$?
if part lsblk told; then
  disks=$(cut_out 'if (sub(/^[ \\t]*"path": *"/, "", member)) { sub(/".*/, "", member); path = member } else if (member ~ /^[ \\t]*"type": *"disk"/) print path')
else
  part lsblk lsblk -J -b -o NAME,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME ||
    part lsblk-pairs lsblk -P -b -o NAME,TYPE,SIZE,FSTYPE,UUID,SERIAL,PKNAME
  disks=$(lsblk -dn -o NAME,TYPE | while read -r name type rest; do [ "$type" != disk ] || printf '/dev/%s\\n' "$name"; done)
fi
printf '%s\\n' "$disks" | while IFS= read -r device; do
  case $device in ''|*[!A-Za-z0-9/_.-]*) continue ;; esac
  part "sfdisk:$device" sfdisk --dump "$device"
  part "boot-sector:$device" head -c 512 "$device"
done
`;

/**
 * One form of report for all versions of LVM; \`--readonly\` takes no lock and writes nothing. The metadata from which a
 * volume group is made again: LVM keeps a copy of it in a file at every change; where that file is missing or old, the
 * disk itself is read, and by an LVM that cannot print what it reads, a copy in memory.
 */
const VOLUMES = `
root=$1
report() { tool=$1; shift; "$tool" --readonly --noheadings --nosuffix --units b --separator '|' -o "$@"; }
metadata() {
  file=$root/etc/lvm/backup/$1
  if [ "$(sed -n 's/^[[:space:]]*seqno = \\([0-9]*\\).*/\\1/p' "$file" 2>/dev/null | head -n 1)" = "$2" ]; then
    cat "$file"
    return
  fi
  text=$(pvck --dump metadata "$3" 2>/dev/null | tr -d '\\000' | sed '1,/^ *---$/d; /^ *---$/d')
  case $text in *"seqno = $2"*) printf '%s\\n' "$text"; return 0 ;; esac
  [ -z "$root" ] || return 1
  copy=/run/landfall/vg.$$
  mkdir -p /run/landfall
  vgcfgbackup -f "$copy" "$1" >/dev/null 2>&1 && cat "$copy"
  found=$?
  rm -f "$copy"
  rmdir /run/landfall 2>/dev/null
  return "$found"
}
told() {
  [ -z "$groups" ] || printf '%s\\n' "$groups" | while IFS='|' read -r name id seqno free extent; do
    case $1 in numbers) printf '%s|%s|%s\\n' "$name" "$id" "$seqno" ;; *) printf '%s|%s|%s\\n' "$name" "$free" "$extent" ;; esac
  done
  return "$asked"
}
groups=$(report vgs vg_name,vg_uuid,vg_seqno,vg_free,vg_extent_size)
asked=$?
part lvm-vgs told numbers || exit 0
part thin-pools dmsetup status --target thin-pool
case $groups in *'|'*) ;; *) for name in lvm-free lvm-pvs lvm-lvs; do part "$name" true; done; exit 0 ;; esac
part lvm-free told room
physical=$(report pvs pv_name,vg_name,pv_uuid,pv_size)
part lvm-pvs printf '%s\\n' "$physical"
part lvm-lvs report lvs vg_name,lv_name,lv_uuid,lv_size,segtype,lv_attr -a
printf '%s\\n' "$groups" | tr -d ' ' | while IFS='|' read -r group id seqno rest; do
  case $group$seqno in ''|*[!A-Za-z0-9_.+-]*) continue ;; esac
  device=
  IFS='
'
  for row in $physical; do
    case $row in *"|$group|"*) device=\${row%%|*}; device=\${device#"\${device%%/*}"} ;; esac
  done
  part "lvm-metadata:$group" metadata "$group" "$seqno" "$device"
done
`;

export const STORAGE: Group = { name: 'storage', parts: MOUNTS };
export const LVM: Group = { name: 'lvm', parts: VOLUMES };
