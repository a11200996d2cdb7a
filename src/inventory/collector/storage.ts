import { group } from './group.ts';

/** Partition tables, boot sectors and LVM. */

const DISK = `
part "sfdisk:/$1" sfdisk --dump "/$1"
part "boot-sector:/$1" head -c 512 "/$1"
`;

/**
 * One form of report for all versions of LVM; \`--readonly\` takes no lock and writes nothing. The metadata from which a
 * volume group is made again: LVM keeps a copy of it in a file at every change; where that file is missing or old, the
 * disk itself is read, and by an LVM that cannot print what it reads, a copy in memory.
 */
const LVM = `
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
groups=
part lvm-vgs report vgs vg_name,vg_uuid,vg_seqno || exit 0
part lvm-free report vgs vg_name,vg_free,vg_extent_size
part thin-pools dmsetup status --target thin-pool
groups=$(report vgs vg_name,vg_seqno 2>/dev/null | tr -d ' ')
[ -n "$groups" ] || { part lvm-pvs true; part lvm-lvs true; exit 0; }
physical=$(report pvs pv_name,vg_name,pv_uuid,pv_size)
part lvm-pvs printf '%s\\n' "$physical"
part lvm-lvs report lvs vg_name,lv_name,lv_uuid,lv_size,segtype,lv_attr -a
printf '%s\\n' "$groups" | while IFS='|' read -r group seqno; do
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

export const DISK_PART = `  ${group('disk', DISK, '"${device#/}"')}`;
export const LVM_PART = group('lvm', LVM, '"$root"');
